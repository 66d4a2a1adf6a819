#include "cli/database_project.hpp"
#include "support/throw_away_server.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

/// The fixture's database as `prod`, filled; `local` is not set.
struct ProtectedProject : DatabaseProject {
    ProtectedProject()
    {
        REQUIRE(run({"setup"}).result().exit_code == 0);
        project.set_variable("CONNECTION_URL", "");
        project.set_variable("PROD_CONNECTION_URL", database.url());
    }
    std::string phrase() const { return database.name() + "@prod"; }
    std::string users() const { return ask("select count(*) from users"); }
};

} // namespace

TEST_CASE("a destructive command on prod without a terminal is refused, whatever is piped in")
{
    ProtectedProject fixture;
    const std::string command = GENERATE(as<std::string>(), "drop", "setup");
    const auto attempt = [&](const CliCall& call) {
        const auto result = call.result();
        CHECK(result.exit_code == 5);
        CHECK(contains(result.err, "nothing was changed"));
        CHECK(fixture.users() == "3");
    };
    attempt(fixture.run({command, "prod"}));
    attempt(fixture.run({command, "prod"}).with_closed_input());
    attempt(fixture.run({command, "prod"}).with_input("y\ny\ny\n"));
    attempt(fixture.run({command, "prod"}).with_input(fixture.phrase() + "\n"));
    attempt(fixture.run({command, "prod", "--confirm", fixture.phrase()}));
    attempt(fixture.run({command, "prod"}).with_variable("CI", "1").with_variable("TERM", "dumb"));
}

TEST_CASE("at a terminal the typed phrase drops prod, and anything else leaves it")
{
    ProtectedProject fixture;
    for (const char* typed : {"y\n", "yes\n", "\n", "\x04", "prod\n"}) {
        const auto refused = fixture.run({"drop", "prod"})
                                 .with_terminal()
                                 .expect("Type " + fixture.phrase())
                                 .type(typed)
                                 .result();
        CHECK(refused.exit_code == 5);
        CHECK(fixture.users() == "3");
    }
    const auto dropped = fixture.run({"drop", "prod"})
                             .with_terminal()
                             .expect("2 tables, about 8 rows")
                             .expect("undo")
                             .expect("Type " + fixture.phrase())
                             .type(fixture.phrase() + "\n")
                             .result();
    CHECK(dropped.exit_code == 0);
    CHECK(fixture.databases().empty());
}

TEST_CASE("what was typed before the question is no answer to it")
{
    ProtectedProject fixture;
    const auto result = fixture.run({"drop", "prod"})
                            .with_terminal()
                            .type(fixture.phrase() + "\n" + fixture.phrase() + "\n")
                            .expect("Type " + fixture.phrase())
                            .type("\x04")
                            .result();
    CHECK(result.exit_code == 5);
    CHECK(fixture.users() == "3");
}

TEST_CASE("what was typed before a second question is no answer to that one either")
{
    ProtectedProject fixture;
    const auto result = fixture.run({"setup", "prod"})
                            .with_terminal()
                            .expect("Load the seeds too?")
                            .type("yes\n" + fixture.phrase() + "\n")
                            .expect("Type " + fixture.phrase())
                            .type("\x04")
                            .result();
    CHECK(result.exit_code == 5);
    CHECK(fixture.users() == "3");
}

TEST_CASE("at a terminal that a CI service or an agent has, nobody is asked")
{
    ProtectedProject fixture;
    for (const char* variable : {"CI", "GITHUB_ACTIONS", "CLAUDECODE", "CURSOR_AGENT"}) {
        const auto result = fixture.run({"drop", "prod", "--confirm", fixture.phrase()})
                                .with_variable(variable, "1")
                                .with_terminal(200)
                                .result();
        CHECK(result.exit_code == 5);
        CHECK(contains(result.screen, std::string(variable) + " is set"));
    }
    CHECK(fixture.users() == "3");
}

TEST_CASE("that a protected database is not marked is said, with the command that marks it")
{
    ProtectedProject fixture;
    pg::Connection(fixture.database.info())
        .exec("comment on database " + fixture.database.name() + " is null");
    const std::string advice = "crudctl mark prod --as prod";
    for (const char* command : {"status", "doctor", "protect"}) {
        CAPTURE(command);
        CHECK(contains(fixture.run({command, "prod", "--json"}).result().out, advice));
    }
    CHECK(fixture.run({"drop", "prod"})
              .with_terminal(120)
              .expect(advice)
              .expect("Type ")
              .type("\x04")
              .result()
              .exit_code == 5);
    REQUIRE(fixture.run({"mark", "prod", "--as", "prod"}).result().exit_code == 0);
    for (const char* command : {"status", "doctor", "protect"}) {
        CHECK_FALSE(contains(fixture.run({command, "prod", "--json"}).result().out, advice));
    }
}

TEST_CASE("protect sums up what holds, also where the profile alone protects nothing")
{
    const DatabaseProject fixture;
    const std::string& name = fixture.database.name();
    pg::Connection connection(fixture.database.info());
    const auto told_of = [&](const std::string& comment) {
        connection.exec(fmt::format("comment on database {} is '{}'", name, comment));
        return fixture.run({"protect", "local"}).result().out;
    };
    CHECK(contains(told_of(""), "protected  NO\n"));
    CHECK(
        contains(told_of("crudctl: {\"environment"), "protected  yes: its marker cannot be read"));
    CHECK(
        contains(told_of("crudctl: {\"environment\": \"prod\"}"), "protected  yes: a mark in its"));
}

TEST_CASE("the role that protect prints can load and read, and can neither reset nor drop")
{
    ProtectedProject fixture;
    const auto told = fixture.run({"protect", "prod"}).result();
    CHECK(told.exit_code == 0);
    CHECK(contains(told.out, "protected  yes: crudctl.toml:"));
    CHECK(contains(told.out, "MAY drop"));
    const std::string sql = told.out.substr(told.out.find("create role"));
    pg::Connection owner(fixture.database.info());
    owner.exec_script(sql);
    const std::string role = "\"" + fixture.database.name() + "_loader\"";
    owner.exec("set role " + role);
    CHECK(owner.exec("select count(*) from users").scalar() == "3");
    owner.exec("create table extra (id int)");
    owner.exec("insert into users select gen_random_uuid(), 'A', 'a_new', 'a@b', 'a-new', now()");
    for (const std::string& statement : std::vector<std::string>{
             "delete from users", "drop table users", "truncate users",
             "drop database " + fixture.database.name(),
             "alter database " + fixture.database.name() + " rename to gone"}) {
        CHECK_THROWS_AS(owner.exec(statement), pg::ServerError);
    }
    owner.exec("reset role");
    owner.exec_script("drop owned by " + role + "; drop role " + role);
}

TEST_CASE("on a managed service a run's own databases can be reset by CI, and found ones cannot")
{
    const ThrowAwayServer server({});
    SampleProject project;
    pg::Connection admin(server.info());
    admin.exec("create role rds_superuser");
    admin.exec("create role owner login createdb");
    admin.exec("create database found owner owner");
    project.write("crudctl.toml", "[project]\nschema = [\"sql/schema.sql\"]\nseeds = []\n"
                                  "[profiles.staging]\nurl = \"${CONNECTION_URL}\"\n"
                                  "protected = false\n");
    project.set_variable("CRUDCTL_PROFILE", "staging");
    project.set_variable("CI", "true");
    const auto run = [&](const std::string& database, std::vector<std::string> arguments) {
        CliCall call = project.run_crudctl(std::move(arguments));
        return call.with_variable("CONNECTION_URL", server.info()
                                                        .with("user", "owner")
                                                        .with_database(database)
                                                        .url(pg::ConnInfo::ShowPassword::no));
    };
    CHECK(run("made", {"setup"}).result().exit_code == 0);
    CHECK(run("made", {"setup"}).result().exit_code == 0);
    CHECK(run("made", {"drop"}).result().exit_code == 0);
    CHECK(run("found", {"setup", "staging"}).result().exit_code == 5);
    // As version 0.1.0 wrote it.
    admin.exec(
        "comment on database found is 'crudctl: {\"environment\":\"staging\",\"oid\":\"" +
        admin.exec("select oid from pg_database where datname = 'found'").scalar().value_or("") +
        "\"}'");
    const auto refused = run("found", {"setup", "staging"}).result();
    CHECK(refused.exit_code == 5);
    CHECK(contains(refused.err, "crudctl mark"));
    CHECK(run("found", {"mark", "staging", "--as", "staging"}).result().exit_code == 5);
    CHECK(run("found", {"mark", "staging", "--as", "staging"})
              .with_variable("CI", "")
              .with_terminal()
              .expect("Type found@staging")
              .type("found@staging\n")
              .result()
              .exit_code == 0);
    CHECK(run("found", {"setup"}).result().exit_code == 0);
}

TEST_CASE("Ctrl-C at the guard's question changes nothing and ends with 130")
{
    ProtectedProject fixture;
    const auto result = fixture.run({"drop", "prod"})
                            .with_terminal()
                            .expect("Type " + fixture.phrase())
                            .type("\x03")
                            .result();
    CHECK(result.exit_code == 130);
    CHECK(fixture.users() == "3");
}

TEST_CASE("the option --confirm answers the question at a terminal, and only the right one")
{
    ProtectedProject fixture;
    const auto wrong =
        fixture.run({"drop", "prod", "--confirm", fixture.database.name() + "@local"})
            .with_terminal()
            .result();
    CHECK(wrong.exit_code == 5);
    CHECK_FALSE(contains(wrong.screen, "Type "));
    CHECK(fixture.users() == "3");
    const auto right =
        fixture.run({"drop", "prod", "--confirm", fixture.phrase()}).with_terminal().result();
    CHECK(right.exit_code == 0);
    CHECK(fixture.databases().empty());
}

TEST_CASE("prod that only the environment names is not destroyed")
{
    ProtectedProject fixture;
    const auto result =
        fixture.run({"drop"}).with_variable("CRUDCTL_PROFILE", "prod").with_terminal().result();
    CHECK(result.exit_code == 5);
    CHECK(contains(result.screen, "crudctl drop -p prod"));
    CHECK(fixture.users() == "3");
}

TEST_CASE("a file that destroys wants the phrase on prod, one that adds goes in with a note")
{
    ProtectedProject fixture;
    fixture.project.write("sql/adds.sql", "create table extra ();\n");
    const auto added = fixture.run({"schema-load", "prod", "-f", "sql/adds.sql"}).result();
    CHECK(added.exit_code == 0);
    CHECK(contains(added.err, "is protected"));
    fixture.project.write("sql/destroys.sql", "select 1;\ndelete from users;\n");
    const auto refused = fixture.run({"schema-load", "prod", "-f", "sql/destroys.sql"}).result();
    CHECK(refused.exit_code == 5);
    CHECK(fixture.users() == "3");
    const auto asked = fixture.run({"schema-load", "prod", "-f", "sql/destroys.sql"})
                           .with_terminal(120)
                           .expect("sql/destroys.sql:2")
                           .expect("Type ")
                           .type("no\n")
                           .result();
    CHECK(asked.exit_code == 5);
    CHECK(fixture.users() == "3");
}

TEST_CASE("the generators of an extension that prod has are no reason to ask")
{
    const ProtectedProject fixture;
    pg::Connection owner(fixture.database.info());
    owner.exec_script("create extension pgcrypto; create table words (word text)");
    fixture.project.write("sql/adds.sql", "insert into words values (crypt('a', gen_salt('bf')));");
    fixture.project.write("sql/queries/add.sql", "insert into words values (gen_salt(:'kind'))");
    const std::vector<std::vector<std::string>> commands = {
        {"schema-load", "prod", "-f", "sql/adds.sql"},
        {"query", "-p", "prod", "add", "kind=bf", "--write"}};
    for (const auto& command : commands) {
        CAPTURE(command);
        const auto result = fixture.run(command).result();
        INFO(result.err);
        CHECK(result.exit_code == 0);
    }
    CHECK(fixture.ask("select count(*) from words") == "2");
    owner.exec_script("create schema theirs; create function theirs.gen_salt(int) returns text"
                      " language sql return 'x'");
    for (const auto& command : commands) {
        CAPTURE(command);
        CHECK(fixture.run(command).result().exit_code == 5);
    }
    CHECK(fixture.ask("select count(*) from words") == "2");
}

TEST_CASE("a function of prod that looks like a column wants the phrase")
{
    const ProtectedProject fixture;
    pg::Connection owner(fixture.database.info());
    owner.exec_script("create table notes (id int); insert into notes values (1);"
                      "create function wipe(notes) returns int language plpgsql as"
                      " 'begin delete from users; return 1; end'");
    fixture.project.write("sql/calls.sql", "select n.wipe from notes n;");
    fixture.project.write("sql/queries/call.sql", "insert into notes select n.wipe from notes n");
    for (const auto& command :
         std::vector<std::vector<std::string>>{{"schema-load", "prod", "-f", "sql/calls.sql"},
                                               {"query", "-p", "prod", "call", "--write"}}) {
        CAPTURE(command);
        CHECK(fixture.run(command).result().exit_code == 5);
        CHECK(fixture.users() == "3");
    }
    fixture.project.write("sql/reads.sql", "select n.id from notes n;");
    CHECK(fixture.run({"schema-load", "prod", "-f", "sql/reads.sql"}).result().exit_code == 0);
}

TEST_CASE("seeding prod in setup is a question of its own, and no without an answer")
{
    ProtectedProject fixture;
    const auto result = fixture.run({"setup", "prod"})
                            .with_terminal()
                            .expect("Load the seeds too?")
                            .type("\n")
                            .expect("not loaded")
                            .expect("Type " + fixture.phrase())
                            .type(fixture.phrase() + "\n")
                            .result();
    CHECK(result.exit_code == 0);
    CHECK(fixture.users() == "0");
}

TEST_CASE("creating on prod needs no answer, and reading commands never ask")
{
    ProtectedProject fixture;
    CHECK(fixture.run({"create", "prod"}).result().exit_code == 0);
    CHECK(fixture.run({"sessions", "prod"}).result().exit_code == 0);
    const auto status = fixture.run({"status", "prod"}).result();
    CHECK(status.exit_code == 0);
    CHECK(contains(status.out, "protected  "));
    CHECK_FALSE(contains(status.out, "protected  no"));
    CHECK(contains(status.out, "crudctl connect prod"));
    CHECK_FALSE(contains(status.out, "crudctl setup"));
    CHECK(fixture.run({"drop", "prod", "--dry-run"}).result().exit_code == 0);
    CHECK(fixture.users() == "3");
}

TEST_CASE("a managed service's role on the server protects a profile that says nothing")
{
    // Not on the cluster that all tests share: it would protect their databases, too.
    const ThrowAwayServer server({});
    SampleProject project;
    project.set_variable("CONNECTION_URL", server.info().with_database("cruddur").url(
                                               pg::ConnInfo::ShowPassword::no));
    REQUIRE(project.run_crudctl({"setup"}).result().exit_code == 0);
    pg::Connection admin(server.info());
    admin.exec("create role rds_superuser");
    const auto result = project.run_crudctl({"drop", "local"}).result();
    CHECK(result.exit_code == 5);
    CHECK(contains(result.err, "somebody at a terminal"));
    CHECK(admin.exec("select count(*) from pg_database where datname = 'cruddur'").scalar() == "1");
}

TEST_CASE("setup of a prod that is not there yet only adds: it is noted, and nothing is asked")
{
    ProtectedProject fixture;
    REQUIRE(fixture.run({"drop", "prod", "--confirm", fixture.phrase()})
                .with_terminal()
                .result()
                .exit_code == 0);
    const auto result = fixture.run({"setup", "prod", "--seed"}).result();
    CHECK(result.exit_code == 0);
    CHECK(contains(result.err, "only adds"));
    CHECK(fixture.users() == "3");
}
