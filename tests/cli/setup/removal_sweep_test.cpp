#include "cli/setup/swap_project.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

using Names = std::map<std::string, std::string>; // by OID

// Log-ins and looks come first. Cut there, nothing has begun, which other sweeps show.
int first_message()
{
    constexpr int before_removals = 40;
    return is_nightly() ? 0 : before_removals;
}

/// A database with copies, of which commands delete some, cut at every message of theirs, one a
/// run.
class RemovalSweep : public SwapProject {
public:
    RemovalSweep()
    {
        for (int i = 0; i < 4; ++i) {
            expect_done({"setup"});
        }
        expect_done({"save", "kept"});
        expect_done({"save", "doomed"});
    }

    /// The target and all that stands beside it.
    Names all() const
    {
        Names names;
        const auto rows =
            pg::Connection(TestCluster::running().info())
                .exec("select oid, datname from pg_database where starts_with(datname, $1)",
                      database.name());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            names[rows[i].text("oid")] = rows[i].text("datname");
        }
        return names;
    }

    /// False where there was no message left to cut at. Whatever was not to go is still there, and
    /// what was to go is gone if the run says so; else `copies` knows it.
    bool cut_at_message(int message, const std::vector<std::string>& arguments,
                        const std::set<std::string>& doomed)
    {
        const Names before = all();
        Proxy::Options options;
        options.cut = Cut{Cut::Way::to_server, message, Cut::Moment::before};
        const auto [result, traffic] = run(arguments, options);
        INFO(fmt::format("{}, cut at message {}, exit code {}\n{}", fmt::join(arguments, " "),
                         message, result.exit_code, result.err));
        const Names after = all();
        for (const auto& [oid, name] : before) {
            const bool is_there = after.contains(oid);
            INFO(name << (is_there ? " is " + after.at(oid) : " is gone"));
            if (!doomed.contains(name)) {
                CHECK(is_there);
            } else if (result.exit_code == 0) {
                CHECK((!is_there || contains(result.err, "done but the clearing up")));
            } else if (is_there) {
                CHECK(is_listed(after.at(oid)));
            }
        }
        return traffic.was_cut;
    }

    bool is_listed(const std::string& name)
    {
        const auto listed = run_directly({"copies", "--json"});
        for (const auto& copy : nlohmann::json::parse(listed.out)) {
            if (copy["database"] == name) {
                return copy["is_ours"];
            }
        }
        return name == database.name();
    }
    bool is_half_dropped() const
    {
        return ask_server(fmt::format("select count(*) from pg_database where starts_with(datname,"
                                      " '{}__drop_')",
                                      database.name())) != "0";
    }
    std::string saved_doomed()
    {
        const auto listed = nlohmann::json::parse(run_directly({"copies", "--json"}).out);
        for (const auto& copy : listed) {
            if (copy["name"] == "doomed") {
                return copy["database"];
            }
        }
        return "";
    }
    std::set<std::string> deleted_by_setup()
    {
        const auto plan = nlohmann::json::parse(run_directly({"setup", "--dry-run", "--json"}).out);
        std::set<std::string> names;
        for (const auto& [oid, name] : all()) {
            for (const auto& line : plan.value("deletes_for_good", nlohmann::json::array())) {
                if (contains(line.get<std::string>(), '"' + name + '"')) {
                    names.insert(name);
                }
            }
        }
        return names;
    }
    std::string confirmation() const { return database.name() + "@local"; }
};

} // namespace

TEST_CASE("a deletion cut at any message takes away what it named, and nothing else")
{
    RemovalSweep fixture;
    int message = first_message();
    int half = 0;
    bool was_cut = true;
    while (was_cut) {
        const std::string doomed = fixture.saved_doomed();
        REQUIRE_FALSE(doomed.empty());
        was_cut = fixture.cut_at_message(
            ++message, {"copies", "--delete", "doomed", "--confirm", fixture.confirmation()},
            {doomed});
        half += fixture.is_half_dropped() ? 1 : 0;
        if (fixture.saved_doomed() != doomed) {
            fixture.expect_done({"setup"}); // finishes what was begun
            CHECK_FALSE(fixture.is_half_dropped());
            fixture.expect_done({"save", "doomed"});
        }
    }
    WARN(fmt::format("a deletion was cut at {} messages, {} times in its middle", message - 1,
                     half));
    CHECK(half > 0);
}

TEST_CASE("a setup that prunes, cut at any message, takes away what its plan names, nothing else")
{
    RemovalSweep fixture;
    int message = first_message();
    bool was_cut = true;
    std::size_t named = 0;
    while (was_cut) {
        const auto doomed = fixture.deleted_by_setup();
        named += doomed.size();
        was_cut = fixture.cut_at_message(++message, {"setup"}, doomed);
        if (is_nightly() || fixture.is_half_dropped()) {
            fixture.expect_done({"setup"});
        }
        CHECK_FALSE(fixture.is_half_dropped());
    }
    WARN(fmt::format("a setup that prunes was cut at {} messages", message - 1));
    CHECK(named > 0);
}

TEST_CASE("a drop for good cut at any message takes away its database alone, and the next ends it")
{
    RemovalSweep fixture;
    const std::vector<std::string> purge = {"drop", "--purge", "--confirm", fixture.confirmation()};
    int message = first_message();
    int half = 0;
    bool was_cut = true;
    while (was_cut) {
        was_cut = fixture.cut_at_message(++message, purge, {fixture.database.name()});
        half += fixture.is_half_dropped() ? 1 : 0;
        if (fixture.state() == SwapProject::nothing) {
            fixture.expect_done(purge);
            CHECK_FALSE(fixture.is_half_dropped());
            fixture.expect_done({"setup"});
        }
    }
    WARN(fmt::format("a drop for good was cut at {} messages, {} times in its middle", message - 1,
                     half));
    CHECK(half > 0);
}
