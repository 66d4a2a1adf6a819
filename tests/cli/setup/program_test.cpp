#include "cli/database_project.hpp"

#include <chrono>
#include <csignal>
#include <string>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

/// A project whose schema, and seeds if wanted, a shell script makes.
struct ProgramProject : DatabaseProject {
    ProgramProject() { configure("seeds = []\n"); }

    void configure(const std::string& more) const
    {
        project.write("crudctl.toml", "[project]\nname = \"x\"\n"
                                      "schema_command = [\"sh\", \"make.sh\", \"now\"]\n" +
                                          more + "[profiles.local]\nurl = \"${CONNECTION_URL}\"\n");
    }
    void write_program(const std::string& text) const { project.write("make.sh", text); }

    /// As a person who trusts the project's programs.
    CliResult expect_trusted(const std::vector<std::string>& arguments, int exit_code) const
    {
        const auto agreed = run({"trust"}).with_terminal(200).expect("yes").type("yes\n").result();
        INFO(agreed.screen);
        REQUIRE(agreed.exit_code == 0);
        return expect(arguments, exit_code);
    }
};

constexpr const char* through_url =
    "psql -qX \"$DATABASE_URL\" -c 'create table if not exists t (id int)'\n";

} // namespace

TEST_CASE("a program makes the schema of a database that is built aside")
{
    const ProgramProject fixture;
    pg::Connection(fixture.database.info()).exec_script("create table before (id int)");
    fixture.write_program(std::string(through_url) +
                          "echo \"made $1 in $(basename $PWD)\"; echo lines >&2\n"
                          "psql -qX -c 'create table by_variables ()'\n"
                          "[ \"$CONNECTION_URL\" = \"$DATABASE_URL\" ]\n");
    const auto untrusted = fixture.expect({"setup"}, 5);
    CHECK(contains(untrusted.err, "not trusted yet"));
    CHECK(fixture.ask("select to_regclass('before') is not null") == "t");
    const auto result = fixture.expect_trusted({"setup"}, 0);
    CHECK(contains(result.err, "| made now in project"));
    CHECK(contains(result.err, "| lines"));
    CHECK(contains(result.err, "ran      sh make.sh now"));
    CHECK(fixture.ask("select count(*) from pg_class where relname in ('t', 'by_variables')") ==
          "2");
    fixture.expect({"undo"}, 0);
    CHECK(fixture.ask("select to_regclass('before') is not null") == "t");
    CHECK(contains(fixture.expect({"setup", "--dry-run"}, 0).out,
                   "let a program make the schema in it: sh make.sh now"));
}

TEST_CASE("a program that fails, or uses other settings, leaves the old database in place")
{
    const ProgramProject fixture;
    pg::Connection(fixture.database.info()).exec_script("create table before (id int)");
    struct Example {
        std::string program;
        std::string message;
    };
    const Example example = GENERATE(
        Example{"psql -qX \"$DATABASE_URL\" -c 'create table t ()'; exit 3\n", "ended with 3"},
        Example{"exit 0\n", "it may have used its own settings"},
        Example{"psql -qX \"$DATABASE_URL\" -c 'select 1'\n", "left the database as it was"},
        Example{
            "psql -qX -d postgres -c \"drop database \\\"$PGDATABASE\\\"\" -c \"create database "
            "\\\"$PGDATABASE\\\"\"\n",
            "made another one"});
    CAPTURE(example.program);
    fixture.write_program(example.program);
    const auto result = fixture.expect_trusted({"setup"}, 6);
    CHECK(contains(result.err, example.message));
    CHECK(contains(result.err, "is exactly as it was"));
    CHECK(fixture.ask("select to_regclass('before') is not null") == "t");
    CHECK(fixture.copies().empty());
    fixture.write_program(through_url);
    fixture.expect_trusted({"setup"}, 0);
    CHECK(fixture.databases() == fixture.database.name());
}

TEST_CASE("what a program says shows no password")
{
    const ProgramProject fixture;
    fixture.write_program(std::string(through_url) + "echo \"$DATABASE_URL $PGPASSWORD\"\n");
    CHECK(contains(fixture.expect_trusted({"setup"}, 0).err, "| postgresql://"));
}

TEST_CASE("while the inputs of a program stay the same its schema is copied")
{
    const ProgramProject fixture;
    fixture.write_program(std::string(through_url) + "sleep 0.4\n");
    fixture.expect_trusted({"setup"}, 0);
    CHECK_FALSE(contains(fixture.expect({"setup"}, 0).err, "copied"));
    fixture.configure("seeds = []\nschema_inputs = [\"db/*.rb\"]\n");
    fixture.project.write("db/one.rb", "1");
    fixture.expect({"setup"}, 0);
    CHECK(contains(fixture.expect({"setup"}, 0).err, "copied"));
    fixture.project.write("db/one.rb", "2");
    const auto again = fixture.expect({"setup"}, 0);
    CHECK(contains(again.err, "ran      sh make.sh now"));
    CHECK(contains(fixture.expect({"setup"}, 0).err, "copied"));
}

TEST_CASE("a program makes the seeds, and one that makes none is told")
{
    const ProgramProject fixture;
    fixture.configure("seed_command = [\"sh\", \"seed.sh\"]\n");
    fixture.write_program(through_url);
    fixture.project.write("seed.sh", "psql -qX \"$DATABASE_URL\" -c 'insert into t values (7)'\n");
    fixture.expect_trusted({"setup", "--seed"}, 0);
    CHECK(fixture.ask("select id from t") == "7");
    fixture.project.write("seed.sh", "exit 0\n");
    CHECK(contains(fixture.expect_trusted({"setup", "--seed"}, 6).err, "sh seed.sh"));
    CHECK(fixture.ask("select id from t") == "7");
    fixture.expect({"setup", "--no-seed"}, 0);
    CHECK(fixture.ask("select count(*) from t") == "0");
}

TEST_CASE("ensure lets a program fill a database that is empty or missing, once")
{
    const ProgramProject fixture;
    fixture.write_program(through_url);
    fixture.expect_trusted({"ensure"}, 0);
    CHECK(fixture.ask("select count(*) from t") == "0");
    CHECK(contains(fixture.expect({"ensure"}, 0).err, "is there"));
    fixture.expect({"drop"}, 0);
    fixture.expect({"ensure"}, 0);
    CHECK(fixture.ask("select count(*) from t") == "0");
}

TEST_CASE("a program takes no part in one transaction, nor stands beside files")
{
    const ProgramProject fixture;
    fixture.write_program(through_url);
    CHECK(contains(fixture.expect({"setup", "--in-place"}, 2).err, "no program takes part"));
    fixture.configure("seeds = []\nschema = [\"sql/schema.sql\"]\n");
    CHECK(contains(fixture.expect({"setup"}, 3).err, "are both set"));
}

TEST_CASE("what a program leaves running in the background keeps nobody waiting")
{
    const ProgramProject fixture;
    fixture.write_program(std::string(through_url) + "sleep 20 &\n");
    const auto agreed =
        fixture.run({"trust"}).with_terminal(200).expect("yes").type("yes\n").result();
    REQUIRE(agreed.exit_code == 0);
    const auto result = fixture.run({"setup"}).with_time_limit(std::chrono::seconds(15)).result();
    CHECK(result.exit_code == 0);
    CHECK(fixture.ask("select count(*) from t") == "0");
}

TEST_CASE("a signal ends a program with all that it started, and the next run goes through")
{
    const ProgramProject fixture;
    pg::Connection(fixture.database.info()).exec_script("create table before (id int)");
    fixture.write_program("sh -c 'trap \"\" TERM; echo begun; exec sleep 30' & wait\n");
    const auto agreed =
        fixture.run({"trust"}).with_terminal(200).expect("yes").type("yes\n").result();
    REQUIRE(agreed.exit_code == 0);
    const auto result = fixture.run({"setup"})
                            .with_signal(SIGTERM, "begun")
                            .with_time_limit(std::chrono::seconds(20))
                            .result();
    CHECK(result.exit_code == 143);
    CHECK(fixture.databases() == fixture.database.name());
    CHECK(fixture.ask("select to_regclass('before') is not null") == "t");
    fixture.write_program(through_url);
    fixture.expect_trusted({"setup"}, 0);
}

TEST_CASE("a program's colours and spinners come out as lines")
{
    const ProgramProject fixture;
    fixture.write_program(std::string(through_url) +
                          "printf 'one\\r\\033[2K\\033[1Gtwo\\n\\033[32mgreen\\033[0m'\n");
    const auto result = fixture.expect_trusted({"setup"}, 0);
    CHECK(contains(result.err, "  | one\n  | two\n  | green\n"));
}
