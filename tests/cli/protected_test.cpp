#include "cli/database_project.hpp"
#include "support/throw_away_server.hpp"

#include <catch2/catch.hpp>

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
                             .expect("2 tables, 8 rows")
                             .expect("undo")
                             .expect("Type " + fixture.phrase())
                             .type(fixture.phrase() + "\n")
                             .result();
    CHECK(dropped.exit_code == 0);
    CHECK(fixture.databases().empty());
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
