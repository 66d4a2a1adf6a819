#include "cli/database_project.hpp"

#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

/// A database of `local` that is `prod` from here on; nobody sits at a terminal.
struct UnattendedProject : DatabaseProject {
    UnattendedProject()
    {
        REQUIRE(run({"setup"}).result().exit_code == 0);
        project.set_variable("CONNECTION_URL", "");
        project.set_variable("PROD_CONNECTION_URL", database.url());
    }
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
    CHECK(contains(plan.out, confirm.substr(confirm.rfind('-'))));
    const auto dropped = fixture.confirmed({"drop", "prod"}, confirm);
    CHECK(dropped.exit_code == 0);
    CHECK(contains(dropped.err, "undo is no backup"));
    CHECK(fixture.databases().empty());
    // The journal knows which plan it was.
    const auto entries =
        nlohmann::json::parse(fixture.run({"history", "--all", "--json"}).result().out);
    CHECK(confirm.ends_with("-" + entries.back()["plan"].get<std::string>()));
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
    fixture.refuses({"drop", "prod"}, fixture.database.name() + "@prod", "--dry-run");
}

TEST_CASE("an id is stale after its time")
{
    const UnattendedProject fixture;
    const std::string confirm = fixture.confirmation({"drop", "prod"});
    const std::size_t begin = confirm.find('#') + 1;
    const std::string time = confirm.substr(begin, confirm.find('-', begin) - begin);
    // In base 36 this digit counts 46656 seconds.
    std::string older = time;
    std::size_t digit = time.size() - 4;
    while (older[digit] == '0') {
        --digit;
    }
    older[digit] = older[digit] == 'a' ? '9' : static_cast<char>(older[digit] - 1);
    fixture.refuses({"drop", "prod"},
                    confirm.substr(0, begin) + older + confirm.substr(begin + time.size()),
                    "stale");
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
    fixture.refuses(arguments, confirm, another_plan);
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

TEST_CASE("psql's files are part of an id, too")
{
    const UnattendedProject fixture;
    fixture.project.write("sql/destroys.sql", "select 1;\n");
    const std::vector<std::string> load = {"schema-load",      "prod",  "-f",
                                           "sql/destroys.sql", "--via", "psql"};
    const std::string confirm = fixture.confirmation(load);
    fixture.project.write("sql/destroys.sql", "delete from users;\n");
    fixture.refuses(load, confirm, another_plan);
}
