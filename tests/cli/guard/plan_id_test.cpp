#include "cli/database_project.hpp"

#include <fstream>
#include <future>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

/// A database of `local` that is `prod` from here on, and that a person lets scripts confirm;
/// nobody sits at a terminal.
struct UnattendedProject : DatabaseProject {
    UnattendedProject()
    {
        REQUIRE(run({"setup"}).result().exit_code == 0);
        project.set_variable("CONNECTION_URL", "");
        project.set_variable("PROD_CONNECTION_URL", database.url());
        configure("confirm = \"plan\"");
        type_phrase({"mark", "prod", "--confirm", "plan"});
    }
    /// A line of the file's last table, which is prod's.
    void configure(const std::string& line) const
    {
        std::ofstream(project.root() / "crudctl.toml", std::ios::app) << line << '\n';
    }
    void type_phrase(const std::vector<std::string>& arguments) const
    {
        const std::string phrase = database.name() + "@prod";
        const auto result =
            run(arguments).with_terminal().expect("Type " + phrase).type(phrase + "\n").result();
        INFO(result.screen);
        REQUIRE(result.exit_code == 0);
    }
    std::string marker() const { return run({"mark", "prod", "--json"}).result().out; }
    /// What --dry-run says --confirm is to be given.
    std::string confirmation(std::vector<std::string> arguments) const
    {
        arguments.insert(arguments.end(), {"--dry-run", "--json"});
        const auto result = run(std::move(arguments)).result();
        REQUIRE(result.exit_code == 0);
        return nlohmann::json::parse(result.out)["confirm"];
    }
    CliResult confirmed(std::vector<std::string> arguments, const std::string& confirm) const
    {
        arguments.insert(arguments.end(), {"--confirm", confirm});
        return run(std::move(arguments)).result();
    }
    void refuses(const std::vector<std::string>& arguments, const std::string& confirm,
                 const std::string& why) const
    {
        const auto result = confirmed(arguments, confirm);
        INFO(result.err);
        CHECK(result.exit_code == 5);
        CHECK(contains(result.err, why));
        CHECK(contains(result.err, "nothing was changed"));
        CHECK(ask("select count(*) from users") == "3");
    }
};

constexpr const char* another_plan = "another plan";

} // namespace

TEST_CASE("the id that --dry-run prints lets the plan through where nobody can be asked")
{
    const UnattendedProject fixture;
    const auto plan = fixture.run({"drop", "prod", "--dry-run"}).result();
    const std::string confirm = fixture.confirmation({"drop", "prod"});
    CHECK(contains(plan.out, "--confirm " + fixture.database.name() + "@prod#"));
    const auto dropped = fixture.confirmed({"drop", "prod"}, confirm);
    CHECK(dropped.exit_code == 0);
    CHECK(contains(dropped.err, "undo is no backup"));
    CHECK(fixture.databases().empty());
}

TEST_CASE("without the profile's word and the mark's there is no id, and nothing teaches one")
{
    const UnattendedProject fixture;
    const std::string confirm = fixture.confirmation({"drop", "prod"});
    SECTION("the mark")
    {
        REQUIRE(fixture.run({"mark", "prod", "--confirm", "terminal"}).result().exit_code == 0);
    }
    SECTION("the profile")
    {
        fixture.project.write("crudctl.toml",
                              "[profiles.prod]\nurl = \"${PROD_CONNECTION_URL}\"\n");
    }
    const auto plan = fixture.run({"drop", "prod", "--dry-run"}).result();
    CHECK(plan.exit_code == 0);
    CHECK_FALSE(contains(plan.out, "--confirm"));
    CHECK_FALSE(contains(plan.out, "id:"));
    const auto refused = fixture.confirmed({"drop", "prod"}, confirm);
    CHECK(refused.exit_code == 5);
    CHECK_FALSE(contains(refused.err, "hint"));
    CHECK(fixture.databases() == fixture.database.name());
}

TEST_CASE("only a person at a terminal lets scripts confirm")
{
    const UnattendedProject fixture;
    REQUIRE(fixture.run({"mark", "prod", "--confirm", "terminal"}).result().exit_code == 0);
    CHECK(fixture.run({"mark", "prod", "--confirm", "plan"}).result().exit_code == 5);
    CHECK(fixture.run({"mark", "prod", "--confirm", "plan"})
              .with_variable("CI", "true")
              .with_terminal()
              .result()
              .exit_code == 5);
    CHECK(contains(fixture.marker(), "\"confirm\": \"terminal\""));
}

TEST_CASE("that scripts may confirm stays through setup and undo, and so do the ids that were used")
{
    const UnattendedProject fixture;
    const std::vector<std::string> setup = {"setup", "prod", "--seed"};
    REQUIRE(fixture.confirmed(setup, fixture.confirmation(setup)).exit_code == 0);
    CHECK(contains(fixture.marker(), "\"confirm\": \"plan\""));
    const std::vector<std::string> undo = {"undo", "-p", "prod"};
    REQUIRE(fixture.confirmed(undo, fixture.confirmation(undo)).exit_code == 0);
    CHECK(contains(fixture.marker(), "\"confirm\": \"plan\""));
    const std::string dropped = fixture.confirmation({"drop", "prod"});
    REQUIRE(fixture.confirmed({"drop", "prod"}, dropped).exit_code == 0);
    REQUIRE(fixture.run(undo).result().exit_code == 0);
    CHECK(contains(fixture.marker(), "\"confirm\": \"plan\""));
    fixture.refuses({"drop", "prod"}, dropped, "used before");
}

TEST_CASE("of two runs that race with one id, one gets through")
{
    const UnattendedProject fixture;
    fixture.project.write("sql/destroys.sql", "delete from users where false;\n");
    const std::vector<std::string> load = {"schema-load", "prod", "-f", "sql/destroys.sql"};
    const std::string confirm = fixture.confirmation(load);
    auto other = std::async(std::launch::async, [&] { return fixture.confirmed(load, confirm); });
    const auto one = fixture.confirmed(load, confirm);
    CHECK(std::set<int>{one.exit_code, other.get().exit_code} == std::set<int>{0, 5});
    fixture.refuses(load, confirm, "used before");
    CHECK(fixture.confirmed(load, fixture.confirmation(load)).exit_code == 0);
}

TEST_CASE("an id takes nothing away that protects")
{
    const UnattendedProject fixture;
    for (const std::vector<std::string>& mark :
         std::vector<std::vector<std::string>>{{"mark", "prod", "--as", "dev"}}) {
        const auto plan = fixture.run({"mark", "prod", "--as", "dev", "--dry-run"}).result();
        CHECK_FALSE(contains(plan.out, "#"));
        fixture.refuses(mark, fixture.confirmation({"drop", "prod"}), "not enough");
    }
}

TEST_CASE("an id is no way to do something else, elsewhere, or without its phrase")
{
    const UnattendedProject fixture;
    const std::string confirm = fixture.confirmation({"drop", "prod"});
    const std::string id = confirm.substr(confirm.find('#'));
    fixture.refuses({"setup", "prod"}, confirm, another_plan);
    fixture.refuses({"drop", "prod", "--purge"}, confirm, another_plan);
    fixture.refuses({"drop", "prod"}, fixture.database.name() + "@local" + id, "--confirm says");
    fixture.refuses({"drop", "prod"}, id, "--confirm says");
    fixture.refuses({"drop", "prod"}, confirm.substr(0, confirm.size() - 1), "no plan's id");
    fixture.refuses({"drop", "prod"}, fixture.database.name() + "@prod", "at a terminal");
}

TEST_CASE("an id is stale after its time, and another time in front of it doesn't renew it")
{
    const UnattendedProject fixture;
    fixture.configure("confirm_within = \"1s\"");
    const std::string confirm = fixture.confirmation({"drop", "prod"});
    fixture.ask("select pg_sleep(2.1)");
    fixture.refuses({"drop", "prod"}, confirm, "stale");
    const std::string later = fixture.confirmation({"drop", "prod"});
    const std::string renewed =
        later.substr(0, later.rfind('-')) + confirm.substr(confirm.rfind('-'));
    fixture.refuses({"drop", "prod"}, renewed, another_plan);
}

TEST_CASE("an id holds only while the marker, the database and the files are what they were")
{
    const UnattendedProject fixture;
    const std::string confirm = fixture.confirmation({"setup", "prod", "--seed"});
    std::vector<std::string> arguments = {"setup", "prod", "--seed"};
    const std::string what = GENERATE(as<std::string>(), "marker", "file", "seeds", "database");
    CAPTURE(what);
    if (what == "marker") {
        REQUIRE(fixture.run({"mark", "prod", "--as", "prod"}).result().exit_code == 0);
    } else if (what == "file") {
        fixture.project.write("sql/seed.sql", "select 1;\n");
    } else if (what == "seeds") {
        arguments.back() = "--no-seed";
    } else {
        pg::Connection admin(TestCluster::running().info());
        admin.exec(fmt::format("alter database {0} rename to {0}__old", fixture.database.name()));
        admin.exec(fmt::format("create database {0} template {0}__old", fixture.database.name()));
    }
    // A database that nobody marked takes no id at all.
    fixture.refuses(arguments, confirm, what == "database" ? "takes none" : another_plan);
}

TEST_CASE("setup and a file that destroys go through with their ids, seeds as the plan says")
{
    const UnattendedProject fixture;
    fixture.project.write("sql/destroys.sql", "delete from users where :'name' = 'all';\n");
    const std::vector<std::string> load = {"schema-load",      "prod",  "-f",
                                           "sql/destroys.sql", "--set", "name=x"};
    const std::string loaded = fixture.confirmation(load);
    std::vector<std::string> worse = load;
    worse.back() = "name=all";
    fixture.refuses(worse, loaded, another_plan);
    CHECK(fixture.confirmed(load, loaded).exit_code == 0);

    const std::string rebuilt = fixture.confirmation({"setup", "prod"});
    CHECK(fixture.confirmed({"setup", "prod"}, rebuilt).exit_code == 0);
    CHECK(fixture.ask("select count(*) from users") == "0");
}

TEST_CASE("psql's files are part of an id, too, with what they include")
{
    const UnattendedProject fixture;
    const std::string changed = GENERATE(as<std::string>(), "sql/destroys.sql", "sql/part.sql");
    fixture.project.write("sql/destroys.sql", "select 1;\n\\ir part.sql\n");
    fixture.project.write("sql/part.sql", "select 2;\n");
    const std::vector<std::string> load = {"schema-load",      "prod",  "-f",
                                           "sql/destroys.sql", "--via", "psql"};
    const std::string confirm = fixture.confirmation(load);
    fixture.project.write(changed, "delete from users;\n");
    fixture.refuses(load, confirm, another_plan);
}

TEST_CASE("where nobody knows what psql will read, there is no id")
{
    const UnattendedProject fixture;
    fixture.project.write("sql/destroys.sql", "select 'delete from users' \\gexec\n");
    const auto plan =
        fixture.run({"schema-load", "prod", "-f", "sql/destroys.sql", "--via", "psql", "--dry-run"})
            .result();
    CHECK(plan.exit_code == 0);
    CHECK_FALSE(contains(plan.out, "id:"));
}
