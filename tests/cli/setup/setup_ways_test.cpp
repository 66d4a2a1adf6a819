#include "cli/database_project.hpp"
#include "support/temp_role.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

struct SetupProject : DatabaseProject {
    /// A schema whose loading takes long enough to be kept.
    void write_slow_schema(const std::string& rest) const
    {
        project.write("sql/schema.sql", "select pg_sleep(0.35);\ncreate table t (n int);\n" + rest);
        project.write("sql/seed.sql", "insert into t values (1);\n");
    }
    std::string kept(const std::string& kind = "schema") const
    {
        return pg::Connection(TestCluster::running().info())
            .exec("select string_agg(datname, ' ' order by datname) from pg_database"
                  " where starts_with(datname, $1)",
                  database.name() + "__" + kind + "_")
            .scalar()
            .value_or("");
    }
    /// As if a kept one had been made so long ago.
    void make_older(const std::string& copy, const std::string& interval) const
    {
        pg::Connection(TestCluster::running().info())
            .exec_script(fmt::format(
                R"(do $do$
declare
    line text := shobj_description((select oid from pg_database where datname = '{0}'),
                                   'pg_database');
    day text := to_char(now() at time zone 'UTC', 'YYYY-MM-DD');
    older text := to_char(now() at time zone 'UTC' - interval '{1}', 'YYYY-MM-DD');
begin
    execute format('comment on database %I is %L', '{0}', replace(line, day, older));
end $do$)",
                copy, interval));
    }
    void as_prod()
    {
        project.set_variable("CONNECTION_URL", "");
        project.set_variable("PROD_CONNECTION_URL", database.url());
    }
    TerminalResult at_terminal(const std::vector<std::string>& arguments) const
    {
        return run(arguments).with_terminal(200).result();
    }
};

} // namespace

TEST_CASE("a schema that took long and has not changed is copied instead of loaded")
{
    const SetupProject fixture;
    fixture.write_slow_schema("");
    CHECK(contains(fixture.expect({"setup"}, 0).err, "kept     the schema for the next time"));
    const std::string kept = fixture.kept();
    CHECK_FALSE(kept.empty());
    for (int i = 0; i < 2; ++i) {
        const auto copied = fixture.expect({"setup"}, 0);
        CHECK(contains(copied.err, "copied   \"" + kept + "\""));
        CHECK_FALSE(contains(copied.err, "sql/schema.sql"));
        CHECK(fixture.ask("select count(*) from t") == "1"); // the seeds always run
    }
    CHECK(contains(fixture.expect({"setup", "--no-seed"}, 0).err, ": 1 table, 0 rows, "));
    CHECK(fixture.kept() == kept);
    CHECK(contains(fixture.expect({"setup", "--no-cache"}, 0).err, "loaded   sql/schema.sql"));
    CHECK(fixture.kept() == kept);
}

TEST_CASE("a schema that changed, or another value of --set in it, is loaded")
{
    const SetupProject fixture;
    fixture.write_slow_schema("\\ir more.sql\nselect :'word';\n");
    fixture.project.write("sql/more.sql", "create table more ();\n");
    fixture.expect({"setup", "--set", "word=a"}, 0);
    CHECK(contains(fixture.expect({"setup", "--set", "word=a"}, 0).err, "copied"));
    CHECK(contains(fixture.expect({"setup", "--set", "word=b"}, 0).err, "loaded   sql/schema.sql"));
    fixture.project.write("sql/more.sql", "create table other ();\n");
    CHECK(contains(fixture.expect({"setup", "--set", "word=a"}, 0).err, "loaded   sql/schema.sql"));
    CHECK(fixture.ask("select to_regclass('other') is not null") == "t");
    // Of former ones only the newest is left.
    fixture.expect({"setup", "--set", "word=a"}, 0);
    const std::string kept = fixture.kept();
    INFO(kept);
    CHECK(std::count(kept.begin(), kept.end(), ' ') == 1);
}

TEST_CASE("seeds that took long are copied, too, where the project says so, for a day")
{
    const SetupProject fixture;
    fixture.project.write("crudctl.toml", "[project]\nschema = [\"sql/schema.sql\"]\n"
                                          "seeds = [\"sql/seed.sql\"]\ncache_seeds = true\n"
                                          "seed_checks = [\"select count(*) = 1 from t\"]\n"
                                          "[profiles.local]\nurl = \"${CONNECTION_URL}\"\n");
    fixture.project.write("sql/schema.sql", "create table t (at timestamptz);\n");
    fixture.project.write("sql/seed.sql",
                          "select pg_sleep(0.35);\ninsert into t values (now());\n");
    CHECK(
        contains(fixture.expect({"setup"}, 0).err, "kept     schema and seeds for the next time"));
    const std::string kept = fixture.kept("seeded");
    const std::string loaded_at = fixture.ask("select at from t");
    CHECK(fixture.kept().empty()); // the schema alone is quick
    for (int i = 0; i < 2; ++i) {
        const auto copied = fixture.expect({"setup"}, 0);
        CHECK(contains(copied.err, "copied   \"" + kept + "\""));
        CHECK(contains(copied.err, "1 check passed"));
        CHECK_FALSE(contains(copied.err, "loaded"));
        CHECK(fixture.ask("select at from t") == loaded_at);
    }
    CHECK(contains(fixture.expect({"copies"}, 0).out, "schema and seeds"));
    CHECK(contains(fixture.expect({"seed"}, 0).err, "it was loaded before and has not changed"));
    CHECK(contains(fixture.expect({"setup", "--no-cache"}, 0).err, "loaded   sql/seed.sql"));
    CHECK(fixture.kept("seeded") == kept);
    // Without its seeds it is not what is wanted.
    CHECK(contains(fixture.expect({"setup", "--no-seed"}, 0).err, "loaded   sql/schema.sql"));

    fixture.make_older(kept, "2 days");
    const auto anew = fixture.expect({"setup"}, 0);
    CHECK(contains(anew.err, "loaded   sql/seed.sql"));
    CHECK(contains(anew.err, "dropped  \"" + kept + "\""));
    CHECK(contains(anew.err, "kept     schema and seeds"));
    CHECK(contains(fixture.expect({"setup"}, 0).err, "copied   \"" + kept + "\""));

    // Other seeds are another start; of former ones the newest stays, but no longer than a day.
    fixture.project.write("sql/seed.sql", "select pg_sleep(0.4);\ninsert into t values (now());\n");
    CHECK(contains(fixture.expect({"setup"}, 0).err, "loaded   sql/seed.sql"));
    CHECK(contains(fixture.kept("seeded"), kept + " ") !=
          contains(fixture.kept("seeded"), " " + kept));
    fixture.make_older(kept, "2 days");
    CHECK(contains(fixture.expect({"setup"}, 0).err, "dropped  \"" + kept + "\""));
}

TEST_CASE("seeds are copied only where the project says so, and files are named the same")
{
    const SetupProject fixture;
    fixture.project.write("sql/schema.sql", "create table a (n int);\ncreate table b (n int);\n");
    const auto project_with = [&](const std::string& seed) {
        fixture.project.write("crudctl.toml",
                              "[project]\nschema = [\"sql/schema.sql\"]\nseeds = [\"" + seed +
                                  "\", \"sql/wait.sql\"]\ncache_seeds = true\n"
                                  "[profiles.local]\nurl = \"${CONNECTION_URL}\"\n");
    };
    fixture.project.write("sql/wait.sql", "select pg_sleep(0.35);\n");
    fixture.project.write("sql/a.csv", "n\n1\n");
    fixture.project.write("sql/b.csv", "n\n1\n");
    project_with("sql/a.csv");
    fixture.expect({"setup"}, 0);
    CHECK_FALSE(fixture.kept("seeded").empty());
    project_with("sql/b.csv");
    CHECK(contains(fixture.expect({"setup"}, 0).err, "loaded   sql/b.csv"));
    CHECK(fixture.ask("select (select count(*) from a) || ' ' || (select count(*) from b)") ==
          "0 1");
}

TEST_CASE("what is quick, comments on the database, or is protected, is not kept")
{
    SetupProject fixture;
    fixture.expect({"setup"}, 0);
    CHECK(fixture.kept().empty());
    fixture.write_slow_schema(
        fmt::format("comment on database {} is 'ours';\n", fixture.database.name()));
    fixture.expect({"setup"}, 0);
    CHECK(fixture.kept().empty());
    fixture.write_slow_schema("");
    fixture.as_prod();
    CHECK(fixture
              .at_terminal(
                  {"setup", "prod", "--seed", "--confirm", fixture.database.name() + "@prod"})
              .exit_code == 0);
    CHECK(fixture.kept().empty());
}

TEST_CASE("in place a role that may not create databases rebuilds what it owns, and nothing else")
{
    const TempRole role;
    SetupProject fixture;
    pg::Connection admin(fixture.database.info());
    admin.exec_script(fmt::format(
        "grant all on schema public to {0}; grant create on database {1} to {0};"
        "create table theirs (n int); insert into theirs values (1);"
        "set role {0}; create schema own; create table own.t (); create table leftover ();"
        "create type mood as enum ('a'); create function f() returns int language sql as "
        "'select 1'; create view v as select 1; create sequence s",
        role.name(), fixture.database.name()));
    fixture.project.set_variable(
        "CONNECTION_URL",
        fixture.database.info().with("user", role.name()).url(pg::ConnInfo::ShowPassword::no));
    fixture.project.write("sql/schema.sql", "create table fresh (n int);\n");
    fixture.project.write("sql/seed.sql", "insert into fresh values (1);\n");
    const std::string phrase = fixture.database.name() + "@local";
    CHECK(contains(fixture.expect({"setup", "--in-place"}, 5).err, "confirmed by somebody at a "
                                                                   "terminal"));
    const auto left = [&] {
        return admin
            .exec("select string_agg(relname, ' ' order by relname) from pg_class"
                  " where relkind in ('r', 'v', 'S') and relnamespace in "
                  "(select oid from pg_namespace where nspname in ('public', 'own'))")
            .scalar();
    };
    CHECK(left() == "leftover s t theirs v");

    fixture.project.write("sql/seed.sql", "insert into fresh values ('x');\n");
    fixture.expect({"setup", "--in-place", "--confirm", phrase}, 1);
    CHECK(left() == "leftover s t theirs v");

    fixture.project.write("sql/seed.sql", "insert into fresh values (1);\n");
    const auto plan = nlohmann::json::parse(
        fixture.expect({"setup", "--in-place", "--dry-run", "--json"}, 0).out);
    CHECK(plan["undo"] == false);
    CHECK(plan["effect"] == "past undo");
    fixture.expect({"setup", "--in-place", "--confirm", phrase}, 0);
    CHECK(left() == "fresh theirs");
    CHECK(admin.exec("select count(*) from fresh").scalar() == "1");
    CHECK(admin.exec("select to_regtype('mood') is null and to_regproc('f') is null").scalar() ==
          "t");
}

TEST_CASE("in place a partitioned table goes, and what others have in the role's schema is told")
{
    SetupProject fixture;
    const std::string phrase = fixture.database.name() + "@local";
    fixture.project.write("sql/schema.sql",
                          "create schema s;\n"
                          "create table s.t (n int) partition by range (n);\n"
                          "create table s.t1 partition of s.t for values from (1) "
                          "to (10);\ncreate table t (n int) partition by list (n);\n"
                          "create table t1 partition of t default;\n");
    fixture.project.write("sql/seed.sql",
                          "insert into s.t values (1);\ninsert into t values (1);\n");
    for (int i = 0; i < 3; ++i) {
        const auto result = fixture.expect({"setup", "--in-place", "--confirm", phrase}, 0);
        CHECK(contains(result.err, "2 tables, 2 rows"));
    }
    pg::Connection(fixture.database.info())
        .exec_script("create table s.by_hand (); create extension hstore; select lo_create(0)");
    const auto plan = fixture.expect({"setup", "--in-place", "--dry-run"}, 0);
    CHECK(contains(plan.out,
                   "in schema \"s\" table by_hand, which the files do not seem to make again"));
    CHECK(contains(plan.out, "extension hstore, which the files do not seem to make again"));
    CHECK(contains(plan.out, "large objects 1, which"));
    CHECK_FALSE(contains(plan.out, "table t1"));
}

TEST_CASE("in place the plan lists what goes with the role's things, whoever has it")
{
    const TempRole role;
    SetupProject fixture;
    pg::Connection admin(fixture.database.info());
    admin.exec_script("grant create on database " + fixture.database.name() + " to " + role.name() +
                      "; set role " + role.name() +
                      "; create schema s; create type s.mood as enum ('a'); create table s.mine (a "
                      "int); reset role; create table public.uses (a s.mood, b int);"
                      "create function public.takes(s.mine) returns int language sql as 'select 1';"
                      "create view public.seen as select * from s.mine;"
                      "create table s.theirs (); create schema ext");
    fixture.project.set_variable(
        "CONNECTION_URL",
        fixture.database.info().with("user", role.name()).url(pg::ConnInfo::ShowPassword::no));
    fixture.project.write("sql/schema.sql", "create schema s;\n");
    const auto plan = fixture.expect({"setup", "--in-place", "--no-seed", "--dry-run"}, 0);
    for (const char* part :
         {"dependent column a of table public.uses", "dependent function public.takes(s.mine)",
          "view public.seen", "table theirs of role postgres"}) {
        CAPTURE(part);
        CHECK(contains(plan.out, part));
    }
    admin.exec_script("drop schema s cascade; drop owned by " + role.name());
}

TEST_CASE("in place the seeds are told from the schema, and loaded where they are wanted")
{
    SetupProject fixture;
    const std::string phrase = fixture.database.name() + "@local";
    fixture.expect({"setup", "--in-place", "--no-seed", "--confirm", phrase}, 0);
    CHECK(fixture.ask("select count(*) from users") == "0");
    fixture.expect({"setup", "--in-place", "--confirm", phrase}, 0);
    CHECK(fixture.ask("select count(*) from users") == "3");
    CHECK(contains(fixture.expect({"seed"}, 0).err, "skipped  sql/seed.sql"));
    CHECK_FALSE(contains(fixture.expect({"ensure"}, 0).err, "have changed"));

    fixture.project.write("crudctl.toml", "[project]\nschema = []\nseeds = [\"sql/seed.sql\"]\n"
                                          "[profiles.local]\nurl = \"${CONNECTION_URL}\"\n");
    CHECK(contains(fixture.expect({"setup", "--in-place", "--confirm", phrase}, 3).err,
                   "project.schema"));
}

TEST_CASE("a check that is not true leaves what in-place would have emptied")
{
    const SetupProject fixture;
    fixture.expect({"setup"}, 0);
    fixture.project.write("crudctl.toml", "[project]\nname = \"x\"\nchecks = [\"select false\"]\n"
                                          "[profiles.local]\nurl = \"${CONNECTION_URL}\"\n");
    fixture.expect({"setup", "--in-place", "--confirm", fixture.database.name() + "@local"}, 1);
    CHECK(fixture.ask("select count(*) from users") == "3");
}

TEST_CASE("a check that writes is refused, in the load's own transaction, too")
{
    const SetupProject fixture;
    fixture.expect({"setup"}, 0);
    const std::string check =
        GENERATE("with gone as (delete from users) select true", "select nextval('numbers') = 1");
    fixture.project.write("crudctl.toml", "[project]\nname = \"x\"\nchecks = [\"" + check +
                                              "\"]\n"
                                              "[profiles.local]\nurl = \"${CONNECTION_URL}\"\n");
    fixture.project.write("sql/schema.sql", "create table users (id int); create sequence numbers");
    for (const char* way : {"--in-place", "--no-cache"}) {
        CAPTURE(way);
        const auto result = fixture.expect(
            {"setup", way, "--no-seed", "--confirm", fixture.database.name() + "@local"}, 1);
        CHECK(contains(result.err, "in a read-only transaction"));
        CHECK(fixture.ask("select count(*) from users") == "3");
    }
}

TEST_CASE("an owner that is no superuser sets up, undoes, saves and drops")
{
    const TempRole role("login createdb");
    SetupProject fixture;
    const std::string& name = fixture.database.name();
    pg::Connection(TestCluster::running().info())
        .exec_script(fmt::format("alter database {} owner to {}", name, role.name()));
    fixture.project.set_variable(
        "CONNECTION_URL",
        fixture.database.info().with("user", role.name()).url(pg::ConnInfo::ShowPassword::no));
    fixture.project.write("sql/schema.sql", "create table t (n int);\n");
    fixture.project.write("sql/seed.sql", "insert into t values (1);\n");
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{"setup"},
                                               {"setup"},
                                               {"undo"},
                                               {"save", "x"},
                                               {"undo", "x"},
                                               {"mark", "--as", "dev"},
                                               {"drop"},
                                               {"undo"},
                                               {"copies"},
                                               {"status"}}) {
        fixture.expect(arguments, 0);
    }
    CHECK(fixture.ask("select pg_get_userbyid(datdba) from pg_database "
                      "where datname = current_database()") == role.name());
    CHECK(fixture.databases() == name);
}

TEST_CASE("a role that may only look sees status, copies, marker and plans, and changes nothing")
{
    const TempRole role;
    SetupProject fixture;
    fixture.expect({"setup"}, 0);
    fixture.expect({"setup"}, 0);
    const std::string before = fixture.copies();
    fixture.project.set_variable("CONNECTION_URL",
                                 fixture.database.info()
                                     .with("user", role.name())
                                     .with("options", "-c default_transaction_read_only=on")
                                     .url(pg::ConnInfo::ShowPassword::no));
    for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
             {"status"}, {"copies"}, {"copies", "--json"}, {"mark"}, {"sessions"}, {"history"}}) {
        fixture.expect(arguments, 0);
    }
    CHECK(fixture.run({"setup"}).result().exit_code == 4); // a server that only reads
    CHECK(fixture.copies() == before);
}
