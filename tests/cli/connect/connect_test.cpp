#include "cli/database_project.hpp"
#include "support/canary.hpp"
#include "support/fake_bin.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::tests;

TEST_CASE("connect runs psql on the profile's database, and its exit code is psql's")
{
    const DatabaseProject fixture;
    const auto result =
        fixture.run({"connect", "--", "-XAtc", "select current_database()"}).result();
    CHECK(result.exit_code == 0);
    CHECK(result.out == fixture.database.name() + "\n");
    const auto failed = fixture.run({"connect", "--", "-X", "-v", "ON_ERROR_STOP=1", "-f", "-"})
                            .with_input("select 1/0;\n")
                            .result();
    CHECK(failed.exit_code == 3);
}

TEST_CASE("statements and files go to psql in the order of the command line")
{
    const DatabaseProject fixture;
    fixture.project.write("two.sql", "select 2;\n");
    const auto result = fixture
                            .run({"psql", "-c", "\\pset tuples_only on", "-c", "select 1", "--file",
                                  "two.sql", "-c", "select 3", "--", "-XAq"})
                            .result();
    CHECK(result.exit_code == 0);
    CHECK(result.out == "1\n2\n3\n");
}

TEST_CASE("where psql cannot connect, connect points to doctor")
{
    SampleProject project;
    project.set_variable("CONNECTION_URL", "postgresql://ann@127.0.0.1:1/cruddur");
    const auto result = project.run_crudctl({"connect", "local", "--", "-Xc", "select 1"}).result();
    CHECK(result.exit_code == 2);
    CHECK(contains(result.err, "Connection refused"));
    CHECK(contains(result.err, "crudctl: hint: crudctl doctor local finds the step that fails"));
}

TEST_CASE("Ctrl-C at psql ends its query, and not connect")
{
    const DatabaseProject fixture;
    const auto result = fixture.run({"connect", "--", "-X"})
                            .with_terminal()
                            .expect("=# ")
                            .type("do $$ begin raise notice '% now', 'running'; "
                                  "perform pg_sleep(600); end $$;\n")
                            .expect("running now")
                            .type("\x03")
                            .expect("canceling statement due to user request")
                            .expect("=# ")
                            .type("\\q\n")
                            .result();
    CHECK(result.exit_code == 0);
}

TEST_CASE("a signal that ends connect ends its psql")
{
    const DatabaseProject fixture;
    for (const int signal : {SIGTERM, SIGHUP}) {
        const auto result = fixture.run({"connect", "--", "-X"})
                                .with_terminal()
                                .expect("=# ")
                                .signal(signal)
                                .result();
        CHECK(result.exit_code == 128 + signal);
    }
}

TEST_CASE("psql gets the password in its environment and never in its arguments")
{
    DatabaseProject fixture;
    FakeBin programs;
    programs.add("psql", 7);
    fixture.project.set_variable("CONNECTION_URL",
                                 "postgres://ann:" + canary_in_url() + "@db:5433/my%20db");
    const auto result = fixture.run({"connect", "local", "--", "-c", "select 1"})
                            .with_programs_from(programs.folder())
                            .with_variable("PGHOSTADDR", "127.0.0.9")
                            .result();
    CHECK(result.exit_code == 7);
    REQUIRE(programs.calls("psql").size() == 1);
    const FakeCall call = programs.calls("psql").front();
    CHECK(call.environment.at("PGPASSWORD") == canary());
    CHECK_FALSE(call.environment.contains("PGHOSTADDR"));
    CHECK(call.arguments.back() == "select 1");
    CHECK(contains(call.arguments.front(), "dbname='my db'"));
    for (const std::string& argument : call.arguments) {
        CHECK_FALSE(shows_canary(argument));
    }
}

TEST_CASE("psql gets nothing of the project's .env but the password")
{
    DatabaseProject fixture;
    FakeBin programs;
    programs.add("psql");
    fixture.project.set_variable("CONNECTION_URL", "postgres://ann@db:5433/shop");
    std::filesystem::permissions(
        fixture.project.write(".env", "LD_PRELOAD=/evil.so\nPSQLRC=/evil\nPSQL_PAGER=/evil\n"
                                      "PATH=/evil\nHOME=/evil\nPGSERVICEFILE=/evil\n"
                                      "PGPASSWORD=" +
                                          canary() + "\n"),
        static_cast<std::filesystem::perms>(0600));
    const auto result = fixture.run({"connect"}).with_programs_from(programs.folder()).result();
    CHECK(result.exit_code == 0);
    REQUIRE(programs.calls("psql").size() == 1);
    const FakeCall call = programs.calls("psql").front();
    CHECK(call.environment.at("PGPASSWORD") == canary());
    for (const auto& [name, value] : call.environment) {
        INFO(name);
        CHECK_FALSE(contains(value, "evil"));
    }
}

TEST_CASE("without psql connect names the package, with exit code 6")
{
    const DatabaseProject fixture;
    const TempFolder empty;
    const auto result = fixture.run({"connect"}).with_variable("PATH", empty.path()).result();
    CHECK(result.exit_code == 6);
    CHECK(contains(result.err, "postgresql-client"));
}

TEST_CASE("on a protected profile the server itself refuses to write, until --write")
{
    DatabaseProject fixture;
    fixture.project.set_variable("PROD_CONNECTION_URL", fixture.database.url());
    const auto refused =
        fixture.run({"connect", "prod", "--", "-Xc", "create table x ()"}).result();
    CHECK(refused.exit_code == 1);
    CHECK(contains(refused.err, "read-only transaction"));
    CHECK(contains(refused.err, "this session only reads"));
    CHECK_FALSE(contains(refused.err, "--write"));
    const auto written =
        fixture.run({"connect", "prod", "--write", "--", "-Xc", "create table x ()"}).result();
    CHECK(written.exit_code == 0);
    const auto local = fixture.run({"connect", "--", "-Xc", "drop table x"}).result();
    CHECK(local.exit_code == 0);
}

TEST_CASE("the prompt says prod in red, even where the user's .psqlrc sets its own")
{
    DatabaseProject fixture;
    fixture.project.set_variable("PROD_CONNECTION_URL", fixture.database.url());
    FakeBin unused;
    const std::string psqlrc = (fixture.project.home() / ".psqlrc").string();
    {
        std::FILE* file = std::fopen(psqlrc.c_str(), "w");
        std::fputs("\\set PROMPT1 'mine> '\n\\set from_psqlrc 'it was read'\n", file);
        std::fclose(file);
    }
    const auto prod = fixture.run({"connect", "prod"})
                          .with_variable("HOME", fixture.project.home())
                          .with_terminal()
                          .expect("[prod]")
                          .type("\\echo :from_psqlrc\n")
                          .expect("it was read")
                          .type("\\q\n")
                          .result();
    CHECK(prod.exit_code == 0);
    CHECK(contains(prod.screen, "\x1b[1;31m"));
    const auto bare = fixture.run({"connect", "prod", "--", "-X"})
                          .with_terminal()
                          .expect("[prod]")
                          .type("\\q\n")
                          .result();
    CHECK(contains(bare.screen, "\x1b[1;31m"));
    const auto local = fixture.run({"connect", "local"})
                           .with_variable("HOME", fixture.project.home())
                           .with_terminal()
                           .expect("mine> ")
                           .type("\\q\n")
                           .result();
    CHECK(local.exit_code == 0);
}
