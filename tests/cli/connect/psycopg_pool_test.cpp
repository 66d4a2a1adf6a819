#include "cli/setup/swap_project.hpp"
#include "support/own_server.hpp"
#include "support/paths.hpp"

#include <future>
#include <string>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

bool has_sessions(const SwapProject& fixture)
{
    return SwapProject::ask_server(
               fmt::format("select count(*) >= 4 from pg_stat_activity where datname = '{}'",
                           fixture.database.name())) == "t";
}

} // namespace

TEST_CASE("an application on a psycopg pool is on the new database by itself after setup")
{
    if (!is_nightly()) {
        return; // the usual run has no such package
    }
    SwapProject fixture;
    fixture.expect_done({"setup"});
    fixture.make_old();
    const auto stop_file = fixture.project.root() / "stop";
    auto application = std::async(std::launch::async, [&] {
        return CliCall({(source_folder() / "tests/cli/connect/pool_application.py").string(),
                        fixture.database.info().url(pg::ConnInfo::ShowPassword::no),
                        stop_file.string()})
            .with_program("/usr/bin/python3") // Debian's own, which has the package
            .result();
    });
    CHECK(eventually([&] { return has_sessions(fixture); }));
    const CliResult setup = fixture.run_directly({"setup"});
    CHECK(eventually([&] { return has_sessions(fixture); }));
    fixture.project.write("stop", "");
    const CliResult seen = application.get();
    INFO(seen.err);
    CHECK(setup.exit_code == 0);
    REQUIRE(seen.exit_code == 0);
    const auto document = nlohmann::json::parse(seen.out);
    WARN("a psycopg pool: " << document.dump());
    for (const auto& word : document["words"]) {
        CHECK(word == "new");
    }
}
