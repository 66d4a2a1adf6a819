#include "cli/database_project.hpp"
#include "support/temp_role.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

struct CachedProject : DatabaseProject {
    /// Slow enough to be kept.
    void write_schema(const std::string& rest) const
    {
        project.write("sql/schema.sql", "select pg_sleep(0.35);\n" + rest);
        project.write("sql/seed.sql", "select 1;\n");
    }
    void set_cache(const std::string& value) const
    {
        project.write("crudctl.toml", "[project]\nname = \"x\"\nschema = [\"sql/schema.sql\"]\n"
                                      "seeds = [\"sql/seed.sql\"]\ncache = " +
                                          value +
                                          "\n[profiles.local]\nurl = \"${CONNECTION_URL}\"\n");
    }
    bool is_copied() const
    {
        return contains(expect({"setup"}, 0).err, "copied   \"" + database.name() + "__schema_");
    }
};

} // namespace

TEST_CASE("what the schema evaluates while it loads is never taken from the build cache")
{
    const CachedProject fixture;
    const std::vector<std::string> schemas = {
        "create table t as select clock_timestamp() as at, gen_random_uuid() as id;\n",
        "create table t (at timestamptz default 'now');\n",
        "create table t (id int, at timestamptz default clock_timestamp());\n"
        "insert into t (id) values (1);\n",
        "do $$ begin execute format('create table t (d date default %L)', current_date); end $$;\n",
        "create table t (n int, at timestamptz, note text);\n"
        "copy t from stdin;\n1\tnow\tit is now or never\n\\.\n",
    };
    for (const std::string& schema : schemas) {
        CAPTURE(schema);
        fixture.write_schema(schema);
        fixture.expect({"setup"}, 0);
        CHECK_FALSE(fixture.is_copied());
        CHECK(contains(fixture.expect({"setup", "-v"}, 0).err,
                       "the schema is not kept: sql/schema.sql:"));
    }
    fixture.write_schema("create table t (id int, at timestamptz default now());\n"
                         "insert into t values (1, '2024-01-01');\n");
    fixture.expect({"setup"}, 0);
    CHECK(fixture.is_copied());
}

TEST_CASE("the build cache fits the role's settings and the roles that files name")
{
    const auto admin = [](const std::string& sql, const std::string& database = "") {
        const pg::ConnInfo info = TestCluster::running().info();
        pg::Connection(database.empty() ? info : info.with_database(database)).exec_script(sql);
    };
    const TempRole builder("login createdb");
    CachedProject fixture;
    const std::string& name = fixture.database.name();
    const std::string reader = "reader_of_" + name;
    admin(
        fmt::format("alter database {} owner to {}; create role {}", name, builder.name(), reader));
    fixture.project.set_variable(
        "CONNECTION_URL",
        fixture.database.info().with("user", builder.name()).url(pg::ConnInfo::ShowPassword::no));
    fixture.write_schema("create table t ();\ngrant select on t to " + reader + ";\n");
    fixture.expect({"setup"}, 0);
    CHECK(fixture.is_copied());

    // Gone from every database and made again: what was granted was the former one's.
    const pg::Result databases = pg::Connection(TestCluster::running().info())
                                     .exec("select datname from pg_database where "
                                           "starts_with(datname, $1)",
                                           name);
    for (std::size_t i = 0; i < databases.size(); ++i) {
        admin("drop owned by " + reader, databases[i].text("datname"));
    }
    admin(fmt::format("drop role {0}; create role {0}", reader));
    CHECK_FALSE(fixture.is_copied());
    CHECK(fixture.ask("select has_table_privilege('" + reader + "', 't', 'select')") == "t");
    CHECK(fixture.is_copied());

    for (const char* change : {"alter role {} set search_path = other, public",
                               "alter role {} createrole", "grant pg_monitor to {}"}) {
        CAPTURE(change);
        admin(fmt::format(fmt::runtime(change), builder.name()));
        CHECK_FALSE(fixture.is_copied());
        CHECK(fixture.is_copied());
    }

    const pg::Result rest = pg::Connection(TestCluster::running().info())
                                .exec("select datname from pg_database where "
                                      "starts_with(datname, $1)",
                                      name);
    for (std::size_t i = 0; i < rest.size(); ++i) {
        admin("drop owned by " + reader, rest[i].text("datname"));
        admin(fmt::format("alter database \"{}\" owner to postgres", rest[i].text("datname")));
        admin(fmt::format("reassign owned by {} to postgres", builder.name()),
              rest[i].text("datname"));
    }
    admin("drop role " + reader);
}

TEST_CASE("the build cache fits the session's settings and the names of .csv files")
{
    CachedProject fixture;
    fixture.write_schema("create table t (at timestamptz);\n"
                         "insert into t values ('2020-01-01 00:00');\n");
    fixture.expect({"setup"}, 0);
    CHECK(fixture.is_copied());
    fixture.project.set_variable("PGTZ", "Asia/Tokyo");
    CHECK_FALSE(fixture.is_copied());
    CHECK(fixture.ask("select at at time zone 'UTC' from t") == "2019-12-31 15:00:00");

    fixture.project.write("crudctl.toml", "[project]\nname = \"x\"\n"
                                          "schema = [\"sql/schema.sql\", \"sql/a.csv\"]\n"
                                          "seeds = []\n[profiles.local]\n"
                                          "url = \"${CONNECTION_URL}\"\n");
    fixture.write_schema("create table a (n int);\ncreate table b (n int);\n");
    fixture.project.write("sql/a.csv", "n\n1\n");
    fixture.expect({"setup"}, 0);
    CHECK(fixture.is_copied());
    fixture.project.write("crudctl.toml", "[project]\nname = \"x\"\n"
                                          "schema = [\"sql/schema.sql\", \"sql/b.csv\"]\n"
                                          "seeds = []\n[profiles.local]\n"
                                          "url = \"${CONNECTION_URL}\"\n");
    fixture.project.write("sql/b.csv", "n\n1\n");
    CHECK_FALSE(fixture.is_copied());
    CHECK(fixture.ask("select count(*) from b") == "1");
}

TEST_CASE("a schema that makes roles is loaded each time")
{
    const CachedProject fixture;
    const std::string role = "made_by_" + fixture.database.name();
    fixture.write_schema("do $$ begin create role " + role +
                         "; exception when duplicate_object then null; end $$;\n");
    fixture.expect({"setup"}, 0);
    CHECK_FALSE(fixture.is_copied());
    pg::Connection(TestCluster::running().info()).exec("drop role " + role);
}

TEST_CASE("project.cache keeps a schema that crudctl would not, or none at all")
{
    const CachedProject fixture;
    fixture.write_schema("create table t as select now() as at;\n");
    fixture.set_cache("true");
    fixture.expect({"setup"}, 0);
    CHECK(fixture.is_copied());
    fixture.set_cache("false");
    CHECK_FALSE(fixture.is_copied());
    fixture.write_schema("create table t ();\n");
    fixture.expect({"setup"}, 0);
    CHECK_FALSE(fixture.is_copied());
}

TEST_CASE("current_database() in files is the target, or the line says that it is not")
{
    const CachedProject fixture;
    const std::string& name = fixture.database.name();
    fixture.write_schema(
        "create table t (db name);\n"
        "insert into t values (current_database());\n"
        "insert into t select pg_catalog.current_database();\n"
        "insert into t select current_database from (select current_database()) x;\n"
        "insert into t select x.current_catalog from (select current_catalog) x;\n"
        "create table u as select current_database() as db;\n"
        "select datname from pg_database where datname = current_database();\n");
    const auto result = fixture.expect({"setup"}, 0);
    CHECK(fixture.ask(fmt::format("select count(*) from t where db = '{}'", name)) == "4");
    CHECK(fixture.ask("select db from u") == name);
    CHECK_FALSE(contains(result.err, "current_database()"));
    fixture.write_schema("create table t (db name default current_database());\n"
                         "insert into t default values;\n");
    const auto told = fixture.expect({"setup"}, 0);
    CHECK(contains(told.err, "note     sql/schema.sql:3: current_database() is evaluated while the "
                             "database is built under another name"));
}

TEST_CASE("an error behind a name that was put in is still shown where it is")
{
    const CachedProject fixture;
    fixture.project.write("sql/schema.sql",
                          "create table t (db name, n int);\n"
                          "insert into t values (current_database(), current_database(), 'x');\n");
    const auto result = fixture.expect({"setup"}, 1);
    CHECK(contains(result.err, "sql/schema.sql:2:63"));
}
