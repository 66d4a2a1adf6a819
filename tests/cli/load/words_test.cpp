#include "cli/database_project.hpp"
#include "cli/proxy_project.hpp"

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::tests;
using namespace std::chrono_literals;

namespace {

/// The fixture's database as `prod`, with some rows and what they can be lost by.
struct WordsProject : DatabaseProject {
    WordsProject()
    {
        pg::Connection connection(database.info());
        connection.exec_script("create table users (id int); insert into users values (1), (2);"
                               "create table logs (id int); create sequence s;"
                               "create function purge() returns int language sql as "
                               "'delete from users returning id';");
        project.set_variable("CONNECTION_URL", "");
        project.set_variable("PROD_CONNECTION_URL", database.url());
    }
    CliResult load(const std::string& profile, const std::string& sql) const
    {
        project.write("file.sql", sql);
        return run({"schema-load", profile, "--file", "file.sql"}).result();
    }
    std::string users() const { return ask("select count(*) from users"); }
};

} // namespace

TEST_CASE("no file takes rows of prod unasked, however it hides that")
{
    const WordsProject fixture;
    for (const char* sql :
         {"create table moved as with d as (delete from users returning *) select * from d;",
          "with a as (with b as (select 1) delete from users returning *) select count(*) from a;",
          "copy (with b as (select 1) delete from users returning *) to stdout;",
          "create rule r as on insert to logs do also delete from users; insert into logs values "
          "(1);",
          "select purge();", "insert into logs values (purge());",
          "create table t (id int default purge()); insert into t default values;",
          "create table t as select purge();", "copy (select purge()) to stdout;",
          "create view v as select purge(); select * from v;", "select setval('s', 1, false);",
          "create trigger t after insert on logs execute function purge();",
          "create function g() returns trigger language plpgsql as $$begin delete from users; "
          "return new; end$$; create table t (id int); create trigger t before insert on t for "
          "each row execute function g(); insert into t values (1);",
          "create operator === (leftarg = int, rightarg = int, function = int4eq);",
          "create function now() returns int language sql as 'select purge()'; set search_path = "
          "public, pg_catalog; select now();"}) {
        CAPTURE(sql);
        const auto result = fixture.load("prod", sql);
        CHECK(result.exit_code == 5);
        CHECK(contains(result.err, "nothing was changed"));
        CHECK(fixture.users() == "2");
    }
}

TEST_CASE("a file that adds to prod by safe functions alone is loaded unasked")
{
    const WordsProject fixture;
    const auto result = fixture.load(
        "prod", "create table t (id uuid default gen_random_uuid(), at timestamptz default now(), "
                "n int default nextval('s'), name text check (length(name) > 1));\n"
                "create index on t (lower(name));\n"
                "alter table t add column delete int default 1;\n"
                "insert into t (name) select upper('abc') from generate_series(1, 3) g (i);\n"
                "alter table users add column name text not null default 'x';\n");
    CHECK(result.exit_code == 0);
    CHECK(contains(result.err, "only adds"));
    CHECK(fixture.ask("select count(*) from t") == "3");
}

TEST_CASE("calling a function of one's own is no destruction where nothing is protected")
{
    ProxyProject fixture;
    pg::Connection(fixture.database.info())
        .exec_script("create table users (id int); create function two() returns int language sql "
                     "as 'select 2'");
    fixture.project.write("plain.sql", "insert into users values (2);");
    fixture.project.write("calls.sql", "insert into users values (two());");
    const auto plain = fixture.run({"schema-load", "-f", "plain.sql"}, {5ms, {}});
    const auto calls = fixture.run({"schema-load", "-f", "calls.sql"}, {5ms, {}});
    REQUIRE(plain.result.exit_code == 0);
    REQUIRE(calls.result.exit_code == 0);
    CHECK(calls.traffic.log_ins == plain.traffic.log_ins);
    CHECK(calls.traffic.trips.size() == plain.traffic.trips.size());
}

TEST_CASE("a query that acts outside its transaction is confirmed on prod")
{
    const WordsProject fixture;
    fixture.project.write("sql/queries/stop.sql", "select pg_cancel_backend(0)");
    fixture.project.write("sql/queries/grow.sql", "insert into logs values (purge())");
    CHECK(fixture.run({"query", "stop", "-p", "prod"}).result().exit_code == 5);
    CHECK(fixture.run({"query", "grow", "-p", "prod", "--write"}).result().exit_code == 5);
    CHECK(fixture.users() == "2");
    const auto confirmed = fixture.run({"query", "stop", "-p", "prod"})
                               .with_terminal()
                               .expect("Type " + fixture.database.name() + "@prod")
                               .type(fixture.database.name() + "@prod\n")
                               .result();
    CHECK(confirmed.exit_code == 0);
}

TEST_CASE("a function in C is taken to act outside its transaction, whatever its name")
{
    const WordsProject fixture;
    pg::Connection connection(fixture.database.info());
    try {
        connection.exec("create function tidy(regclass, tid[]) returns void language c strict "
                        "as '$libdir/pg_surgery', 'heap_force_kill'");
    } catch (const pg::ServerError& error) {
        FAIL("pg_surgery is in every contrib package: " << error.what());
    }
    connection.exec_script("create function count_users() returns bigint language sql as "
                           "'select count(*) from users'");
    fixture.project.write("sql/queries/tidy.sql",
                          "select tidy('users'::regclass, array['(0,1)'::tid])");
    fixture.project.write("sql/queries/count.sql", "select u.id, count_users() from users u");
    const std::string rows = fixture.users();
    CHECK(fixture.run({"query", "tidy", "-p", "prod"}).result().exit_code == 5);
    const auto fenced = fixture.run({"query", "tidy", "-p", "prod"})
                            .with_variable("CRUDCTL_READ_ONLY", "1")
                            .result();
    CHECK(fenced.exit_code == 5);
    CHECK(contains(fenced.err, "CRUDCTL_READ_ONLY"));
    CHECK(fixture.users() == rows);
    CHECK(fixture.run({"query", "count", "-p", "prod"}).result().exit_code == 0);
}

TEST_CASE("a query that acts outside its transaction says so where nothing is protected")
{
    const DatabaseProject fixture;
    fixture.project.write("sql/queries/stop.sql", "select pg_cancel_backend(0)");
    const auto local = fixture.run({"query", "stop"}).result();
    CHECK(local.exit_code == 0);
    CHECK(contains(local.err, "acts outside its transaction"));
}
