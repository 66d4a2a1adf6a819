#include "cli/database_project.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

struct MarkProject : DatabaseProject {
    MarkProject() { expect({"setup"}, 0); }

    nlohmann::json marker() const
    {
        return nlohmann::json::parse(expect({"mark", "--json"}, 0).out);
    }
    std::string comment() const
    {
        return ask("select shobj_description(oid, 'pg_database') from pg_database"
                   " where datname = current_database()");
    }
    void set_comment(const std::string& comment) const
    {
        pg::Connection connection(database.info());
        connection.exec(fmt::format("comment on database {} is {}", database.name(),
                                    connection.literal(comment)));
    }
    std::string confirmation() const { return database.name() + "@local"; }
    /// A run of which a person confirms that protection goes.
    void expect_typed(const std::vector<std::string>& arguments) const
    {
        const auto result = run(arguments)
                                .with_terminal()
                                .expect("Type " + confirmation())
                                .type(confirmation() + "\n")
                                .result();
        INFO(result.screen);
        REQUIRE(result.exit_code == 0);
    }
};

} // namespace

TEST_CASE("setup and create mark what they make, and setup keeps what somebody said of it")
{
    const MarkProject fixture;
    CHECK(fixture.marker()["environment"] == "dev");
    CHECK(fixture.marker()["built"]["at"].get<std::string>().size() == 24);
    fixture.expect({"mark", "--as", "staging"}, 0);
    fixture.expect({"setup"}, 0);
    CHECK(fixture.marker()["environment"] == "staging");
    fixture.expect({"drop"}, 0);
    fixture.expect({"create"}, 0);
    CHECK(fixture.marker()["environment"] == "dev");
    CHECK_FALSE(fixture.marker().contains("built"));
}

TEST_CASE("mark leaves the user's comment, and reading commands leave the marker")
{
    const MarkProject fixture;
    fixture.set_comment("ours, since 2021");
    CHECK(contains(fixture.expect({"mark"}, 0).out, "none"));
    fixture.expect({"status"}, 0);
    fixture.expect({"copies"}, 0);
    CHECK(fixture.comment() == "ours, since 2021");
    fixture.expect({"mark", "--as", "dev"}, 0);
    CHECK(fixture.comment().starts_with("ours, since 2021\ncrudctl: {"));
}

TEST_CASE(
    "a profile that isn't protected may not destroy what is marked prod, nor unmark it unasked")
{
    const MarkProject fixture;
    fixture.expect({"mark", "--as", "prod"}, 0);
    for (const std::vector<std::string>& command :
         std::vector<std::vector<std::string>>{{"setup", "local"},
                                               {"drop", "local"},
                                               {"drop", "local", "--purge"},
                                               {"undo", "-p", "local"}}) {
        std::vector<std::string> confirmed = command;
        confirmed.insert(confirmed.end(), {"--confirm", fixture.confirmation()});
        CHECK(contains(fixture.expect(confirmed, 5).err, "marked prod"));
    }
    fixture.project.write("sql/adds.sql", "create table extra ();\n");
    CHECK(contains(fixture.expect({"schema-load", "local", "-f", "sql/adds.sql"}, 5).err,
                   "marked prod"));
    CHECK(fixture.ask("select to_regclass('extra') is null") == "t");
    CHECK(fixture.ask("select count(*) from users") == "3");
    fixture.expect({"mark", "local", "--as", "dev"}, 5);
    CHECK(fixture.marker()["environment"] == "prod");
    const auto typed = fixture.run({"mark", "local", "--as", "dev"})
                           .with_terminal()
                           .expect("Type " + fixture.confirmation())
                           .type(fixture.confirmation() + "\n")
                           .result();
    CHECK(typed.exit_code == 0);
    CHECK(fixture.marker()["environment"] == "dev");
    fixture.expect({"setup"}, 0);
}

TEST_CASE("what is marked stays so when an undo brings back what was marked otherwise")
{
    const MarkProject fixture;
    fixture.expect({"setup"}, 0); // sets a "dev" aside
    fixture.expect({"mark", "--as", "staging"}, 0);
    fixture.expect({"undo"}, 0);
    CHECK(fixture.marker()["environment"] == "staging");
}

TEST_CASE("the marker keeps who said the environment")
{
    const MarkProject fixture;
    CHECK(fixture.marker()["said_by"] == "run");
    fixture.expect({"mark", "--as", "staging"}, 0);
    CHECK(fixture.marker()["said_by"] == "person");
    fixture.expect({"setup"}, 0);
    CHECK(fixture.marker()["said_by"] == "person");
    fixture.expect({"undo"}, 0);
    CHECK(fixture.marker()["said_by"] == "person");
    fixture.expect({"mark", "--locked", "why"}, 0);
    CHECK(fixture.marker()["said_by"] == "person");
}

TEST_CASE(
    "a run says nothing of a database that it found, but what a protected profile reaches is prod")
{
    MarkProject fixture;
    fixture.set_comment("ours");
    fixture.project.write("sql/adds.sql", "create table extra ();\n");
    fixture.expect({"seed", "-f", "sql/adds.sql"}, 0);
    CHECK(fixture.marker()["environment"] == "");
    fixture.project.set_variable("PROD_CONNECTION_URL", fixture.database.url());
    fixture.project.set_variable("CONNECTION_URL", "");
    fixture.project.write("sql/more.sql", "create table more ();\n");
    fixture.expect({"seed", "prod", "-f", "sql/more.sql"}, 0);
    const auto marker = nlohmann::json::parse(fixture.expect({"mark", "prod", "--json"}, 0).out);
    CHECK(marker["environment"] == "prod");
    CHECK(marker["said_by"] == "run");
}

TEST_CASE(
    "a mark that says prod protects a restored, cloned or upgraded database until a person speaks")
{
    const MarkProject fixture;
    fixture.expect({"mark", "--as", "prod"}, 0);
    std::string comment = fixture.comment();
    const std::string key = GENERATE(as<std::string>(), "\"oid\":\"", "\"server\":\"");
    comment.insert(comment.find(key) + key.size(), "1");
    fixture.set_comment(comment + "\r\nours, below");
    CHECK(fixture.marker()["fits"] == false);
    CHECK(contains(fixture.expect({"mark"}, 0).out, "says prod"));
    CHECK(contains(fixture.expect({"setup"}, 5).err, "marked prod"));
    fixture.expect({"mark", "local", "--as", "dev"}, 5);
    fixture.expect({"mark", "local", "--as", "dev", "--confirm", fixture.confirmation()}, 5);
    fixture.expect_typed({"mark", "local", "--as", "dev"});
    CHECK(fixture.comment().starts_with("ours, below\ncrudctl: {"));
    fixture.expect({"setup"}, 0);
}

TEST_CASE("writing into a database keeps that a mark of another one says prod")
{
    MarkProject fixture;
    fixture.set_comment("crudctl: {\"environment\":\"PROD\",\"oid\":\"1\"}\nours");
    fixture.project.set_variable("PROD_CONNECTION_URL", fixture.database.url());
    fixture.project.set_variable("CONNECTION_URL", "");
    fixture.project.write("sql/adds.sql", "create table extra ();\n");
    fixture.expect({"seed", "prod", "-f", "sql/adds.sql"}, 0);
    const auto marker = nlohmann::json::parse(fixture.expect({"mark", "prod", "--json"}, 0).out);
    CHECK(marker["environment"] == "prod");
    CHECK(marker["fits"] == true);
}

TEST_CASE("a marker of another database that doesn't say prod counts as none")
{
    const MarkProject fixture;
    fixture.expect({"mark", "--as", "staging"}, 0);
    std::string comment = fixture.comment();
    const std::string key = GENERATE(as<std::string>(), "\"oid\":\"", "\"server\":\"");
    comment.insert(comment.find(key) + key.size(), "1");
    fixture.set_comment(comment);
    CHECK(fixture.marker()["fits"] == false);
    CHECK(contains(fixture.expect({"mark"}, 0).out, "copy"));
    fixture.expect({"setup"}, 0);
    CHECK(fixture.marker()["environment"] == "dev");
    // What was set aside doesn't become prod by it.
    const auto copies = nlohmann::json::parse(fixture.expect({"copies", "--json"}, 0).out);
    CHECK(copies.back()["environment"] == "");
}

TEST_CASE("where the marker cannot be read, what destroys is refused until somebody says it anew")
{
    const MarkProject fixture;
    fixture.set_comment("ours\ncrudctl: {\"environment\":");
    const auto refused = fixture.expect({"setup"}, 5);
    CHECK(contains(refused.err, "could not check"));
    CHECK(contains(fixture.expect({"mark"}, 0).out, "cannot be read"));
    for (const char* said : {"dev", "prod"}) { // what it said is lost either way
        const auto unasked = fixture.expect({"mark", "local", "--as", said}, 5);
        CHECK(contains(unasked.err, "has to be confirmed by somebody at a terminal"));
    }
    fixture.expect({"mark", "local", "--unlocked"}, 5);
    fixture.expect({"mark", "local", "--locked", "why", "--confirm", fixture.confirmation()}, 5);
    CHECK(contains(fixture.expect({"save", "kept"}, 5).err, "its marker cannot be read"));
    CHECK(fixture.comment() == "ours\ncrudctl: {\"environment\":");
    const auto typed = fixture.run({"mark", "local", "--as", "dev"})
                           .with_terminal()
                           .expect("its marker cannot be read")
                           .expect("Type " + fixture.confirmation())
                           .type(fixture.confirmation() + "\n")
                           .result();
    CHECK(typed.exit_code == 0);
    CHECK(fixture.comment().starts_with("ours\ncrudctl: {\"environment\":\"dev\""));
    fixture.expect({"setup"}, 0);
}

TEST_CASE(
    "a lock refuses what destroys, with who and why, until its time or until it is taken away")
{
    const MarkProject fixture;
    const auto locked = fixture.expect({"mark", "--locked", "release day", "--until", "2h"}, 0);
    CHECK(contains(locked.err, "is marked dev, locked by "));
    for (const char* command : {"setup", "drop", "undo"}) {
        const auto refused = fixture.expect({command}, 5);
        CHECK(contains(refused.err, "is locked by"));
        CHECK(contains(refused.err, "release day, until 20"));
    }
    CHECK(fixture.marker()["locked"]["reason"] == "release day");
    fixture.expect({"status"}, 0);
    fixture.expect({"mark", "--unlocked"}, 5);
    fixture.expect({"mark", "--locked", "over soon", "--until", "1s"}, 5);
    fixture.expect_typed({"mark", "--unlocked"});
    fixture.expect({"setup"}, 0);
    fixture.expect({"mark", "--locked", "over soon", "--until", "1s"}, 0);
    fixture.ask("select pg_sleep(1.1)");
    fixture.expect({"setup"}, 0);
}

TEST_CASE("wrong words after mark are usage errors")
{
    const MarkProject fixture;
    fixture.expect({"mark", "--as", "production"}, 2);
    fixture.expect({"mark", "--until", "18:00"}, 2);
    fixture.expect({"mark", "--locked", "x", "--until", "yesterday"}, 2);
    fixture.expect({"mark", "--locked", "x", "--unlocked"}, 2);
    fixture.expect({"mark", "-d", fixture.database.name() + "_missing"}, 4);
}
