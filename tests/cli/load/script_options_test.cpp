#include "cli/database_project.hpp"
#include "support/fake_bin.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <regex>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

using Arguments = std::vector<std::string>;

/// A project whose schema file has this text.
DatabaseProject& with_schema(DatabaseProject& fixture, const std::string& text)
{
    fixture.project.write("sql/schema.sql", text);
    return fixture;
}

/// What --via psql needs: nothing in it is looked at, so that it counts as destroying.
Arguments by_psql(const DatabaseProject& fixture, Arguments arguments)
{
    arguments.insert(arguments.end(),
                     {"--via", "psql", "--confirm", fixture.database.name() + "@local"});
    return arguments;
}

/// psql itself, first in PATH, whatever the distribution wraps it in.
CliCall with_real_psql(CliCall call)
{
    return call.with_programs_from(TestCluster::running().clients());
}

} // namespace

TEST_CASE("without a transaction every statement runs by itself, transactions of the file included")
{
    DatabaseProject fixture;
    with_schema(fixture, "create table a (id int);\n"
                         "create index concurrently i on a (id);\nvacuum a;\n"
                         "begin;\ninsert into a values (1);\nrollback;\n"
                         "begin;\ninsert into a values (2);\ncommit;\n"
                         "copy a from stdin;\n3\n\\.\n");
    const CliResult refused = fixture.run({"schema-load"}).result();
    CHECK(refused.exit_code == 1);
    CHECK(contains(refused.err, "sql/schema.sql:6:1: error: \"ROLLBACK\" would end"));
    CHECK(contains(refused.err, "--no-transaction"));
    CHECK(fixture.run({"schema-load", "--no-transaction"}).result().exit_code == 0);
    CHECK(fixture.ask("select string_agg(id::text, ' ' order by id) from a") == "2 3");
    CHECK(fixture.ask("select indisvalid from pg_index where indexrelid = 'i'::regclass") == "t");
}

TEST_CASE("without a transaction what ran before a failure stays, and how much is said")
{
    DatabaseProject fixture;
    with_schema(fixture, "create table a (id int);\ninsert into a values (1);\n"
                         "begin;\ninsert into a values (2);\nselect 1/0;\n");
    const CliResult result = fixture.run({"schema-load", "--no-transaction"}).result();
    CHECK(result.exit_code == 1);
    CHECK(contains(result.err, "sql/schema.sql:5:1: error: division by zero"));
    CHECK(contains(result.err, "2 statements before it stay done"));
    CHECK(fixture.ask("select string_agg(id::text, ' ') from a") == "1");
    with_schema(fixture, "begin;\ninsert into a values (1);\nselect 1 / 0;\ncommit;\n");
    CHECK(contains(fixture.run({"schema-load", "--no-transaction"}).result().err,
                   fixture.database.name() + " is exactly as it was"));
}

TEST_CASE("a lock that somebody holds is waited for, then it is busy, and who holds it is named")
{
    DatabaseProject fixture;
    pg::Connection holder(fixture.database.info().with("application_name", "a long report"));
    holder.exec_script("create table a ()");
    holder.exec_script("begin; lock table a");
    with_schema(fixture, "create table b ();\nalter table a add id int;\n");
    const auto started = std::chrono::steady_clock::now();
    const CliResult result = fixture.run({"schema-load", "--lock-timeout", "1"}).result();
    const auto took = std::chrono::steady_clock::now() - started;
    CHECK(result.exit_code == 9);
    CHECK(took < std::chrono::seconds(10));
    const std::string pid = std::to_string(holder.backend_pid());
    CHECK(contains(result.err, "sql/schema.sql:2:1: error: canceling statement due to lock"));
    CHECK(contains(result.err, "the lock is held by a long report"));
    CHECK(contains(result.err, pid));
    CHECK(contains(result.err, fixture.database.name() + " is exactly as it was"));
    CHECK(fixture.ask("select to_regclass('b') is null") == "t");

    holder.exec_script("rollback");
    CHECK(fixture.run({"schema-load", "--lock-timeout", "1"}).result().exit_code == 0);
}

TEST_CASE("a statement waits ten seconds for a lock, where nobody says how long")
{
    DatabaseProject fixture;
    with_schema(fixture, "create table a as select current_setting('lock_timeout') as patience;\n");
    REQUIRE(fixture.run({"schema-load"}).result().exit_code == 0);
    CHECK(fixture.ask("select patience from a") == "10s");
}

TEST_CASE("a statement that never ends is ended by the profile's own limit, all or nothing")
{
    DatabaseProject fixture;
    fixture.project.set_variable("CONNECTION_URL",
                                 fixture.database.url() + "?options=-c%20statement_timeout%3D2s");
    with_schema(fixture, "create table a ();\nselect pg_sleep(600);\n");
    const auto command = GENERATE(as<std::string>(), "schema-load", "setup");
    const CliResult result = fixture.run({command}).result();
    INFO(result.err);
    CHECK(result.exit_code == 1);
    CHECK(contains(result.err, "sql/schema.sql:2:1: error: canceling statement due to statement"));
    CHECK(fixture.ask("select to_regclass('a') is null") == "t");
    CHECK(fixture.databases() == fixture.database.name());
}

TEST_CASE("settings that this server does not know are left out only where that was asked for")
{
    DatabaseProject fixture;
    with_schema(fixture, "set no_such_setting = 0;\nset work_mem = '3MB';\n"
                         "create table a as select current_setting('work_mem') as m;\n");
    const CliResult strict = fixture.run({"schema-load"}).result();
    CHECK(strict.exit_code == 1);
    CHECK(contains(strict.err, "sql/schema.sql:1:1: error: unrecognized configuration parameter"));
    CHECK(contains(strict.err, "--ignore-unknown-settings"));
    const CliResult lenient = fixture.run({"schema-load", "--ignore-unknown-settings"}).result();
    CHECK(lenient.exit_code == 0);
    CHECK(contains(lenient.err, "sql/schema.sql:1: left out"));
    CHECK(contains(lenient.err, "no_such_setting"));
    CHECK(fixture.ask("select m from a") == "3MB");
    CHECK(fixture.run({"setup", "--no-seed", "--ignore-unknown-settings"}).result().exit_code == 0);
    CHECK(fixture.run({"setup", "--no-seed"}).result().exit_code == 1);
}

TEST_CASE("each batch is told by -v, with what is in it and how long it took")
{
    DatabaseProject fixture;
    with_schema(fixture, "create table a ();\n\ncreate table b ();\n"
                         "set client_encoding = 'UTF8';\ncreate table c ();\n");
    const CliResult result = fixture.run({"schema-load", "-v"}).result();
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    // What changes how text is read ends a batch.
    CHECK(contains(result.err, "  batch    sql/schema.sql:1-4, 3 statements, "));
    const std::regex with_time(
        "  batch    sql/schema\\.sql:5, 1 statement, \\d+ bytes  \\d+\\.\\d+ s\n");
    CHECK(std::regex_search(result.err, with_time));
    fixture.project.write("sql/schema.sql", "create table d ();\n");
    CHECK_FALSE(contains(fixture.run({"schema-load"}).result().err, "batch"));
}

TEST_CASE("psql itself runs the files, with their variables and in one transaction")
{
    DatabaseProject fixture;
    with_schema(fixture, "create table a (t text);\n\\if true\n"
                         "select 'insert into a values (''generated'')' \\gexec\n\\endif\n"
                         "insert into a values (:'odd');\n\\echo said\n");
    const CliResult result =
        with_real_psql(fixture.run(by_psql(fixture, {"schema-load", "--set", "odd=it's \\ ;"})))
            .result();
    INFO(result.err);
    CHECK(result.exit_code == 0);
    CHECK(contains(result.err, "said"));
    CHECK(contains(result.err, "sql/schema.sql by psql"));
    CHECK(contains(result.err, ": 1 file loaded by psql, "));
    CHECK(fixture.ask("select string_agg(t, '|') from a") == "generated|it's \\ ;");
}

TEST_CASE("a script that fails in psql leaves nothing, and is a failure with its place")
{
    DatabaseProject fixture;
    with_schema(fixture, "create table a ();\n");
    fixture.project.write("sql/second.sql", "create table b ();\nselect wrong;\n");
    const CliResult result =
        with_real_psql(fixture.run(by_psql(fixture, {"schema-load", "-f", "sql/schema.sql", "-f",
                                                     "sql/second.sql"})))
            .result();
    CHECK(result.exit_code == 1);
    CHECK(contains(result.err, "sql/second.sql:2: ERROR:  column \"wrong\" does not exist"));
    CHECK(contains(result.err, "nothing that it loaded stays"));
    CHECK(fixture.ask("select count(*) from pg_class where relname in ('a', 'b')") == "0");
}

TEST_CASE("setup by psql builds aside like any other")
{
    DatabaseProject fixture;
    with_schema(fixture,
                "create table a (t text);\ninsert into a values (:'v');\n\\if true\n\\endif");
    const auto setup = [&] {
        return with_real_psql(
                   fixture.run({"setup", "--no-seed", "--via", "psql", "--set", "v=new"}))
            .result();
    };
    const CliResult result = setup();
    INFO(result.err);
    CHECK(result.exit_code == 0);
    CHECK(fixture.ask("select t from a") == "new");

    with_schema(fixture, "create table c ();\nselect wrong;\n");
    CHECK(setup().exit_code == 1);
    CHECK(fixture.ask("select t from a") == "new");
    CHECK(fixture.databases() == fixture.database.name());
}

TEST_CASE("where there is no psql it says which package has it")
{
    DatabaseProject fixture;
    auto call = fixture.run(by_psql(fixture, {"schema-load"}));
    const CliResult result = call.with_variable("PATH", "/nonexistent").result();
    CHECK(result.exit_code == 6);
    CHECK(contains(result.err, "cannot find psql"));
    CHECK(contains(result.err, "postgresql-client"));
    CHECK(fixture.ask("select to_regclass('users') is null") == "t");
}

TEST_CASE("psql gets no password in its arguments, and no start-up file")
{
    DatabaseProject fixture;
    const FakeBin fake;
    fake.add("psql");
    auto call = fixture.run(by_psql(fixture, {"schema-load", "--set", "a=b"}));
    CHECK(call.with_programs_from(fake.folder()).result().exit_code == 0);
    REQUIRE(fake.calls("psql").size() == 1);
    const auto psql = fake.calls("psql").front();
    for (const char* expected : {"-X", "-1", "ON_ERROR_STOP=1", "a=b"}) {
        CAPTURE(expected);
        CHECK(std::count(psql.arguments.begin(), psql.arguments.end(), expected) == 1);
    }
    CHECK(psql.environment.at("PGPASSWORD") == TestCluster::running().password());
}

TEST_CASE("options that make no sense are refused before anything is looked at")
{
    SampleProject project;
    project.set_variable("CONNECTION_URL", "postgres://u@127.0.0.1:1/x");
    for (const Arguments& arguments :
         std::vector<Arguments>{{"schema-load", "--set", "novalue"},
                                {"schema-load", "--set", "=x"},
                                {"schema-load", "--set", "bad name=x"},
                                {"schema-load", "--set", "it's=x"},
                                {"schema-load", "--via", "pgcli"},
                                {"setup", "--via", ""},
                                {"schema-load", "--via", "psql", "--no-transaction"},
                                {"seed", "--via", "psql", "--ignore-unknown-settings"},
                                {"schema-load", "--lock-timeout", "soon"},
                                {"schema-load", "--lock-timeout", "-1"},
                                {"setup", "--no-transaction"}}) {
        CAPTURE(arguments);
        const CliResult result = project.run_crudctl(arguments).result();
        INFO(result.err);
        CHECK(result.exit_code == 2);
        CHECK(contains(result.err, "error: "));
    }
}

TEST_CASE("a dry run of every way to load says what would be done, and does none of it")
{
    DatabaseProject fixture;
    with_schema(fixture, "create table a ();\n");
    for (const Arguments& options : std::vector<Arguments>{{"--no-transaction"},
                                                           {"--lock-timeout", "1"},
                                                           {"--ignore-unknown-settings"},
                                                           {"--via", "psql"},
                                                           {"--set", "a=b"},
                                                           {"-f", "sql/seed.sql"}}) {
        CAPTURE(options);
        Arguments arguments = {"schema-load", "--dry-run"};
        arguments.insert(arguments.end(), options.begin(), options.end());
        const CliResult result = fixture.run(arguments).result();
        INFO(result.err);
        CHECK(result.exit_code == 0);
        CHECK(contains(result.out, options.front() == "-f" ? "sql/seed.sql" : "sql/schema.sql"));
        CHECK(contains(result.out, "psql") == (options.front() == "--via"));
    }
    CHECK(fixture.ask("select to_regclass('a') is null") == "t");
}
