#include "cli/proxy_project.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;

// What the marker remembers is committed with what it speaks of.

namespace {

struct MarkedProject : ProxyProject {
    MarkedProject()
    {
        project.write("crudctl.toml", "[project]\nname = \"x\"\nschema = [\"schema.sql\"]\n"
                                      "seeds = [\"seed.sql\"]\n"
                                      "[profiles.local]\nurl = \"${CONNECTION_URL}\"\n");
        project.write("schema.sql", "create table t (n int);\n");
        project.write("seed.sql", "insert into t values (1);\n");
        run_directly({"setup", "--no-seed"}, 0);
    }
    CliResult run_directly(const std::vector<std::string>& arguments, int exit_code)
    {
        project.set_variable("CONNECTION_URL", database.url());
        return expect(arguments, exit_code);
    }
    std::string rows() const { return ask("select count(*) from t"); }
};

} // namespace

TEST_CASE("a seed that is cut anywhere is loaded once by the next run")
{
    MarkedProject fixture;
    bool was_cut = true;
    for (int message = 0; was_cut; ++message) {
        for (const Cut::Way way : {Cut::Way::to_server, Cut::Way::to_client}) {
            CAPTURE(message);
            fixture.run_directly({"setup", "--no-seed"}, 0);
            const auto cut =
                fixture.ProxyProject::run({"seed"}, {{}, Cut{way, message, Cut::Moment::after}});
            was_cut = cut.traffic.was_cut;
            const std::string rows = fixture.rows();
            INFO(cut.result.err);
            // Cut where the COMMIT is under way, it says so; else the code tells.
            CHECK((cut.result.exit_code == 8 || (cut.result.exit_code == 0) == (rows == "1")));
            fixture.run_directly({"seed"}, 0);
            CHECK(fixture.rows() == "1");
        }
    }
}

TEST_CASE("seeds are remembered though the file leaves the session as another role")
{
    MarkedProject fixture;
    fixture.project.write("seed.sql", "insert into t values (1);\nset role pg_monitor;\n"
                                      "set search_path = '';\n");
    fixture.project.set_variable("CONNECTION_URL", fixture.database.url());
    fixture.expect({"seed"}, 0);
    CHECK(contains(fixture.expect({"seed"}, 0).err, "every seed was loaded before"));
    CHECK(fixture.rows() == "1");
}

TEST_CASE("of files without a transaction the next run says that it cannot know")
{
    MarkedProject fixture;
    fixture.project.set_variable("CONNECTION_URL", fixture.database.url());
    fixture.project.write("seed.sql", "insert into t values (1);\nselect 1/0;\n");
    fixture.expect({"seed", "--no-transaction"}, 1);
    CHECK(fixture.rows() == "1");
    const auto next = fixture.expect({"seed"}, 5);
    CHECK(contains(next.err, "a run was cut short while it loaded seed.sql"));
    CHECK(contains(fixture.expect({"status"}, 0).out, "cut short"));
    fixture.project.write("seed.sql", "insert into t values (2);\n");
    fixture.expect({"seed", "--again"}, 0);
    CHECK_FALSE(contains(fixture.expect({"status"}, 0).out, "cut short"));
    CHECK(contains(fixture.expect({"seed"}, 0).err, "every seed was loaded before"));
}
