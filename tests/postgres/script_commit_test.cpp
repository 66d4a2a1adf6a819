#include "script_bench.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::script;
using namespace crudctl::tests;

TEST_CASE("with a transaction for each file what was committed stays")
{
    ScriptBench bench;
    bench.settings().mode = TransactionMode::one_each_file;
    CHECK_THROWS_AS(bench.load({bench.file("1.sql", "create table a ();"),
                                bench.file("2.sql", "create table b (); select x;")}),
                    ScriptError);
    CHECK(bench.objects() == "a");
}

TEST_CASE("a deferred constraint fails at the commit, and is said to")
{
    ScriptBench bench;
    bench.load("create table a (id int primary key);"
               "create table b (id int references a deferrable initially deferred);");
    const ScriptError error = bench.failure("insert into b values (7);\nselect 1;");
    CHECK(std::string(error.what()) ==
          "a.sql: error: at the commit, a deferred constraint: insert or update on table \"b\" "
          "violates foreign key constraint \"b_id_fkey\" (SQLSTATE 23503)");
    CHECK(error.report_lines() ==
          std::vector<std::string>{"  detail: Key (id)=(7) is not present in table \"a\".",
                                   "  it is as it was"});
    CHECK(bench.value("select count(*) from b") == "0");
}

TEST_CASE("a session that ends before the commit leaves everything as it was")
{
    ScriptBench bench;
    try {
        bench.load("create table a ();\nselect pg_terminate_backend(pg_backend_pid());\nselect 1;");
        FAIL("it was loaded");
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::failed);
    }
    CHECK(pg::Connection(bench.database().info()).exec("select to_regclass('a')").scalar() ==
          std::nullopt);
}

TEST_CASE("a session that ends during the commit leaves the outcome unknown")
{
    ScriptBench bench;
    try {
        bench.load("create table a (id int);\n"
                   "create function f() returns trigger language plpgsql as "
                   "$$begin perform pg_terminate_backend(pg_backend_pid()); return null; end$$;\n"
                   "create constraint trigger t after insert on a deferrable initially deferred "
                   "for each row execute function f();\ninsert into a values (1);");
        FAIL("it was loaded");
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::unknown);
        CHECK(std::string(error.what()).starts_with("the commit of a.sql was under way"));
    }
}

TEST_CASE("aside, a session that ends during a CSV file's commit has failed, and no more")
{
    ScriptBench bench;
    bench.settings().mode = TransactionMode::one_each_file;
    bench.load("create table a (id int);\n"
               "create function f() returns trigger language plpgsql as "
               "$$begin perform pg_terminate_backend(pg_backend_pid()); return null; end$$;\n"
               "create constraint trigger t after insert on a deferrable initially deferred "
               "for each row execute function f();");
    try {
        bench.load({bench.file("a.csv", "id\n1\n")});
        FAIL("it was loaded");
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::failed);
        CHECK(std::string(error.what()).find("a.csv") != std::string::npos);
    }
}

TEST_CASE("aside, what can't run in a transaction runs in a smaller one")
{
    ScriptBench bench;
    bench.settings().mode = TransactionMode::one_each_file;
    bench.load("create type e as enum ('x');\nalter type e add value 'y';\nselect 'y'::e;\n"
               "create table a (id int);\ncopy a from stdin;\n1\n2\n\\.\n"
               "create index concurrently i on a (id);\ndo $$ begin commit; end $$;\nvacuum a;\n"
               "insert into a values (3);");
    CHECK(bench.value("select count(*) from a") == "3");
    CHECK(bench.value("select count(*) from pg_index where indisvalid and indexrelid = "
                      "'i'::regclass") == "1");
}

TEST_CASE("aside, what names the target is done to what stands in for it")
{
    ScriptBench bench;
    bench.settings().mode = TransactionMode::one_each_file;
    bench.settings().database = "cruddur";
    bench.options().stand_in = bench.database().name();
    bench.load("alter database Cruddur set work_mem = '3MB';\n"
               "grant connect on database \"cruddur\" to pg_monitor;");
    CHECK(bench.value("select setconfig::text from pg_db_role_setting where setdatabase = "
                      "(select oid from pg_database where datname = current_database())") ==
          "{work_mem=3MB}");
    CHECK(bench.load("comment on database Cruddur is 'ours';").deferred ==
          std::vector<std::string>{"comment on database Cruddur is 'ours';"});
    const ScriptError error =
        bench.failure("select 1;\nalter database cruddur set work_mam = '3MB';");
    CHECK(error.failure().place.line == 2);
    CHECK(bench.failure("grant connect on database cruddur to  nobody;").failure().place.line == 1);
}

TEST_CASE("without a transaction what ran before a failure stays, and is said to")
{
    ScriptBench bench;
    bench.settings().mode = TransactionMode::none;
    try {
        bench.load("create table a (id int);\nvacuum a;\nbegin;\ninsert into a values (1);\n"
                   "commit;\nselect 1/0;");
        FAIL("it was loaded");
    } catch (const ScriptError& error) {
        CHECK(error.failure().place.line == 6);
        CHECK(error.failure().state.starts_with("5 statements before it stay done"));
    }
    CHECK(bench.value("select count(*) from a") == "1");
    CHECK_THROWS_WITH(bench.load("begin;\ninsert into a values (2);"),
                      "\"a.sql\" leaves a transaction open, which is undone");
    CHECK(bench.value("select count(*) from a") == "1");
}

TEST_CASE("a file that ends our transaction unnoticed is caught before the commit")
{
    ScriptBench bench;
    bench.load("create extension if not exists plpgsql; create table a (id int);");
    // What psql could not do either: the words come from a function of another language.
    const Script script = read_script({bench.file("b.sql", "insert into a values (1);")});
    pg::Connection connection(bench.database().info());
    LoadOptions options;
    options.on_progress = [&](const LoadProgress& progress) {
        if (progress.bytes == progress.total_bytes && progress.statements == 1) {
            connection.exec_script("commit; begin");
        }
    };
    try {
        script::load(connection, script, options);
        FAIL("it was loaded");
    } catch (const Error& error) {
        CHECK(std::string(error.what()).starts_with("the files ended the transaction"));
        CHECK(error.code() == ExitCode::failed);
    }
}

namespace {

/// Loads aside with this behind it, and keeps the rows that come of it.
struct BehindBench : ScriptBench {
    explicit BehindBench(std::vector<std::string> statements)
    {
        settings().mode = TransactionMode::one_each_file;
        options().behind = {std::move(statements), [this](const pg::Result& row) {
                                rows.push_back(row.scalar().value_or("null"));
                            }};
    }
    std::vector<std::string> rows;
};

} // namespace

TEST_CASE(
    "aside, what goes behind the last file's commit sees all of it, and no rows of the files'")
{
    BehindBench bench({"do $$ begin perform 1; end $$", "select id from a order by id"});
    const LoadReport report = bench.load(
        {bench.file("1.sql", "create table a (id int); insert into a values (1);"),
         bench.file("2.sql", "insert into a values (2); select 7; set work_mem = '9MB'")});
    CHECK(report.has_run_behind);
    CHECK(bench.rows == std::vector<std::string>{"1", "2"});
    CHECK(report.files[1].rows == 1);
    CHECK(bench.value("show work_mem") != "9MB");
}

TEST_CASE("aside, what fails behind the commit fails no load, and repeats none")
{
    const std::string sqlstate = GENERATE("53200", "25001", "57014", "22012");
    BehindBench bench(
        {"select 1", "do $$ begin raise 'no' using errcode = '" + sqlstate + "'; end $$"});
    const LoadReport report =
        bench.load("create table a (id int); insert into a values (1); set work_mem = '9MB'");
    CHECK_FALSE(report.has_run_behind);
    CHECK(report.files[0].statements == 3);
    CHECK(bench.value("select count(*) from a") == "1");
    CHECK(bench.value("show work_mem") != "9MB");
}

TEST_CASE("aside, a load that fails before what stands behind it has failed all the same")
{
    BehindBench bench({});
    bench.load("create table a (id int primary key);"
               "create table b (id int references a deferrable initially deferred);"
               "create rule r1 as on insert to b do also select 1;"
               "create rule r2 as on insert to b do also select 2;");
    bench.options().behind.statements = {"select 1"};
    CHECK(bench.failure("insert into b values (7);\nselect 1;").failure().sqlstate == "23503");
    CHECK(bench.failure("select 1;\nselect 1/0;").failure().place.line == 2);
    CHECK(bench.failure("begin; insert into a values (1); commit;\nselect 1/0;")
              .failure()
              .place.line == 2);
    CHECK(bench.rows.empty());
}

TEST_CASE("aside, nothing goes behind files that take several transactions, or bring CSV")
{
    BehindBench bench({"select 1"});
    CHECK_FALSE(bench.load("create table a (id int);\nvacuum a;").has_run_behind);
    CHECK_FALSE(bench.load({bench.file("1.sql", "select 1"), bench.file("a.csv", "id\n1\n")})
                    .has_run_behind);
    CHECK(bench.rows.empty());
}
