#include "cli/database_project.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

/// A protected profile whose database is rebuilt in place.
struct ProtectedProject : DatabaseProject {
    ProtectedProject() { project.set_variable("PROD_CONNECTION_URL", database.url()); }

    void write_schema(const std::string& text) { project.write("sql/schema.sql", text); }

    TerminalResult rebuild(const std::vector<std::string>& more = {}) const
    {
        std::vector<std::string> arguments = {"setup",      "prod",      "--no-seed",
                                              "--in-place", "--confirm", database.name() + "@prod"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run(arguments).with_terminal(200).result();
    }
    void by_hand(const std::string& sql) const { pg::Connection(database.info()).exec_script(sql); }
};

} // namespace

TEST_CASE("in place a protected database loses nothing that the files do not make again")
{
    ProtectedProject fixture;
    const std::string base = "create table t (id int primary key, c text);\n";
    // By its name alone each of these would pass for the table, but for the last two.
    const std::string line =
        GENERATE(as<std::string>(), "create rule handy as on insert to t do also select 1;",
                 "create function handy() returns int language sql as 'select "
                 "1';",
                 "create temp table handy (i int);", "create schema handy;",
                 "create table handy (i int); drop table handy;",
                 "create statistics handy on id, c from t;");
    CAPTURE(line);
    fixture.write_schema(base);
    REQUIRE(fixture.rebuild().exit_code == 0);
    fixture.by_hand("create table handy (i int); insert into handy values (1)");
    fixture.write_schema(base + line + "\n");
    const auto refused = fixture.rebuild();
    CHECK(refused.exit_code == 5);
    CHECK(contains(refused.screen, "handy"));
    CHECK(contains(refused.screen, "--drop-unlisted"));
    CHECK(fixture.ask("select count(*) from handy") == "1");
    CHECK(fixture.rebuild({"--drop-unlisted"}).exit_code == 0);
}

TEST_CASE("in place the parts of tables and other roles' things count, too")
{
    ProtectedProject fixture;
    fixture.write_schema("create table t (id int primary key);\n"
                         "create function f() returns int language sql as 'select 1';\n");
    REQUIRE(fixture.rebuild().exit_code == 0);
    const std::string made = GENERATE(
        as<std::string>(), "alter table t add column extra text", "create index by_hand on t (id)",
        "create function f(int) returns int language sql as 'select 1'",
        "alter table t add constraint by_hand check (id > 0)",
        "create policy by_hand on t using (true)",
        "create operator public.=== (leftarg = int, "
        "rightarg = int, function = int4eq)",
        "create schema by_hand");
    CAPTURE(made);
    fixture.by_hand(made);
    const auto refused = fixture.rebuild();
    CHECK(refused.exit_code == 5);
    CHECK(contains(refused.screen, "do not make again"));
    CHECK(contains(refused.screen, "exactly as it was"));
    CHECK(fixture.rebuild({"--drop-unlisted"}).exit_code == 0);
    CHECK(fixture.rebuild().exit_code == 0);
}

TEST_CASE("in place what another role's table has of an extension is not dropped unlisted")
{
    const TempRole role;
    ProtectedProject fixture;
    fixture.write_schema("create table t (id int primary key);\ncreate extension citext;\n"
                         "create text search configuration cfg (copy = english);\n"
                         "select lo_from_bytea(4711, 'abc');\n");
    REQUIRE(fixture.rebuild().exit_code == 0);
    REQUIRE(fixture.rebuild().exit_code == 0); // what the files make again is no loss
    fixture.by_hand("create schema others authorization " + role.name() + "; set role " +
                    role.name() +
                    "; create table others.users (email public.citext, id int); insert into "
                    "others.users values ('a@b.c', 1)");
    const auto refused = fixture.rebuild();
    CHECK(refused.exit_code == 5);
    CHECK(contains(refused.screen, "others"));
    CHECK(fixture.ask("select email from others.users") == "a@b.c");
    fixture.by_hand("drop schema others cascade");
}

TEST_CASE("in place roles keep what they may do, or the run is refused")
{
    const TempRole role;
    ProtectedProject fixture;
    fixture.write_schema("create table t (id int primary key, a text);\n");
    REQUIRE(fixture.rebuild().exit_code == 0);
    fixture.by_hand("grant select (a) on t to " + role.name());
    const auto refused = fixture.rebuild();
    CHECK(refused.exit_code == 5);
    CHECK(contains(refused.screen, "grant would be lost"));
    CHECK(fixture.ask("select has_column_privilege('" + role.name() + "', 't', 'a', 'select')") ==
          "t");
    fixture.by_hand("alter table t enable row level security");
    const auto accepted = fixture.rebuild({"--accept-lost-grants"});
    CHECK(accepted.exit_code == 0);
    CHECK(contains(accepted.screen, "row security"));
}

TEST_CASE("in place what is no object by itself counts, too")
{
    ProtectedProject fixture;
    fixture.write_schema("create domain d as int;\ncreate type c as (a int);\n"
                         "create type e as enum ('a');\n"
                         "create table p (a int) partition by list (a);\n"
                         "create table p1 (a int);\ncreate table u (a int);\n"
                         "create publication pub_of_test for table u;\n");
    REQUIRE(fixture.rebuild().exit_code == 0);
    const std::string made =
        GENERATE(as<std::string>(), "alter domain d add constraint pos check (value > 0)",
                 "alter type c add attribute b int", "alter type e add value 'b'",
                 "alter table p attach partition p1 for values in (1)",
                 "alter publication pub_of_test add table p1");
    CAPTURE(made);
    fixture.by_hand(made);
    CHECK(fixture.rebuild().exit_code == 5);
    CHECK(fixture.rebuild({"--drop-unlisted"}).exit_code == 0);
}

TEST_CASE("in place what code makes is no loss where it makes it again")
{
    ProtectedProject fixture;
    fixture.write_schema(
        "do $$ begin if not exists (select from pg_type where typname = 'mood') then create type "
        "mood as enum ('a'); end if; end $$;\n"
        "create table tmp (a int);\nalter table tmp rename to final;\nselect 1 as a into tt;\n"
        "create schema y create table t (x int);\n"
        "do $$ begin execute 'create table ev_1 (a int)'; end $$;\n");
    for (int i = 0; i < 3; ++i) {
        const auto result = fixture.rebuild();
        INFO(result.screen);
        CHECK(result.exit_code == 0);
    }
}
