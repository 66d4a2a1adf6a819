#include "cli/database_project.hpp"
#include "cli/proxy_project.hpp"
#include "support/dumps.hpp"
#include "support/temp_role.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;

// The same files make the same database, whatever stood there before.

namespace {

void run_sql(const std::string& sql)
{
    pg::Connection(TestCluster::running().info()).exec_script(sql);
}

/// A project whose files would turn out otherwise under many a setting.
struct TouchyProject : DatabaseProject {
    TouchyProject()
    {
        project.write("crudctl.toml", "[project]\nname = \"touchy\"\nschema = [\"schema.sql\"]\n"
                                      "seeds = [\"seed.sql\", \"days.csv\"]\n"
                                      "seed_checks = [\"select count(*) = 1 from things\"]\n"
                                      "[profiles.local]\nurl = \"${CONNECTION_URL}\"\n");
        write_schema("");
        project.write("seed.sql", "insert into things values ('01/02/2024', '2024-01-01 10:00', "
                                  "'a\\nb', 1.5::float4 / 3);\n"
                                  "create table late (id int);\n");
        project.write("days.csv", "d\n03/02/2024\n");
    }
    void write_schema(const std::string& rest) const
    {
        // The sleep makes it worth a cached build.
        project.write("schema.sql", "select pg_sleep(0.35);\n"
                                    "create schema app;\n"
                                    "create table things (d date, at timestamptz, note text, "
                                    "part float8);\n"
                                    "create table days (d date);\n"
                                    "create view texts as select at::text, d::text from things;\n" +
                                        rest);
    }
    std::string content() const { return dump_of(database.name(), {"--no-owner"}); }
    void make_anew(const std::string& statements) const
    {
        run_sql(fmt::format("alter database {0} allow_connections true;", database.name()));
        run_sql(fmt::format("drop database {0} with (force)", database.name()));
        run_sql(fmt::format("create database {0}", database.name()));
        run_sql(fmt::format(fmt::runtime(statements), database.name()));
    }
    std::string settings() const
    {
        return ask_server(fmt::format(
            "select coalesce(string_agg(setconfig::text, ' ' order by setrole), 'none') from "
            "pg_db_role_setting s join pg_database d on d.oid = s.setdatabase where datname = '{}'",
            database.name()));
    }
};

} // namespace

TEST_CASE("the same files make the same database, whatever the old one's settings are")
{
    if (!can_dump()) {
        return;
    }
    const TouchyProject fixture;
    run_sql("drop database " + fixture.database.name());
    fixture.expect({"setup", "--no-cache"}, 0);
    const std::string expected = fixture.content();
    REQUIRE(contains(expected, "2024-01-02"));
    const std::vector<std::string> settings = {
        "alter database {0} set search_path = app, public",
        "alter database {0} set datestyle = 'ISO, DMY'",
        "alter database {0} set timezone = 'Asia/Tokyo'",
        "alter database {0} set standard_conforming_strings = off",
        "alter database {0} set default_transaction_read_only = on",
        "alter database {0} set statement_timeout = '100ms'",
        "alter database {0} set role = pg_monitor",
        "alter role postgres in database {0} set search_path = app",
        "alter database {0} set default_table_access_method = 'nosuch'",
        "alter database {0} set session_preload_libraries = 'nosuch'",
        "alter database {0} set default_tablespace = 'pg_default'",
        "alter database {0} set check_function_bodies = off",
        "alter database {0} connection limit 0",
        "alter database {0} allow_connections false",
    };
    for (const std::string& setting : settings) {
        CAPTURE(setting);
        fixture.make_anew(setting);
        const std::string kept = fixture.settings();
        for (const bool is_cached : {false, true}) {
            fixture.expect(is_cached ? std::vector<std::string>{"setup"}
                                     : std::vector<std::string>{"setup", "--no-cache"},
                           0);
            CHECK(fixture.settings() == kept);
            run_sql(
                fmt::format("alter database {0} allow_connections true;", fixture.database.name()));
            run_sql(fmt::format("alter database {0} reset all; alter role postgres in "
                                "database {0} reset all",
                                fixture.database.name()));
            CHECK(difference(expected, fixture.content()).empty());
            run_sql(fmt::format(fmt::runtime(setting), fixture.database.name()));
        }
    }
}

TEST_CASE("what the schema sets for the database acts on the seeds, cached or not")
{
    const TouchyProject fixture;
    const std::string& name = fixture.database.name();
    fixture.write_schema(
        fmt::format("create table app.days (d date);\n"
                    "alter database {0} set search_path = app, public;\n"
                    "do $$ begin execute format('alter database %I set datestyle = %L', "
                    "current_database(), 'ISO, DMY'); end $$;\n"
                    "revoke connect on database {0} from public;\n"
                    "alter database {0} connection limit 7;\n",
                    name));
    const auto check = [&](const std::vector<std::string>& command) {
        fixture.expect(command, 0);
        CHECK(fixture.ask("select d::text from app.days") == "2024-02-03");
        CHECK(fixture.ask("select count(*) from public.days") == "0");
        CHECK(fixture.ask("select d::text from things") == "2024-02-01");
        CHECK(fixture.ask("select 'late'::regclass::oid = 'app.late'::regclass::oid") == "t");
        CHECK(contains(fixture.settings(), "search_path=app, public"));
        CHECK(contains(fixture.settings(), "DMY"));
        CHECK(DatabaseProject::ask_server(
                  "select datconnlimit || datacl::text from pg_database where datname = '" + name +
                  "'") == "7{=T/postgres,postgres=CTc/postgres}");
    };
    run_sql("drop database " + name);
    check({"setup"});
    const auto from_cache = fixture.run({"setup"}).result();
    CHECK(contains(from_cache.err, "copied   \"" + name + "__schema_"));
    check({"setup", "--no-cache"});
    check({"setup"});
    SECTION("and what is no longer in the files stays as a setting of the old one")
    {
        fixture.write_schema("");
        const auto result = fixture.expect({"setup", "--dry-run"}, 0);
        CHECK(contains(result.out, "kept from the old database: search_path = app, public"));
        fixture.expect({"setup"}, 0);
        CHECK(contains(fixture.settings(), "search_path=app, public"));
        CHECK(fixture.ask("select d::text from public.days") == "2024-03-02");
    }
}

TEST_CASE("the plan names what a fresh database would have otherwise, and shows no value of yours")
{
    const TouchyProject fixture;
    fixture.make_anew("alter database {0} set app.jwt_secret = 'hush';"
                      "alter database {0} set datestyle = 'ISO, DMY';"
                      "alter database {0} set work_mem = '7MB'");
    const auto plan = fixture.expect({"setup", "--dry-run"}, 0);
    CHECK(contains(plan.out, "kept from the old database: app.jwt_secret, which"));
    CHECK(contains(plan.out, "kept from the old database: DateStyle = ISO, DMY, which"));
    CHECK_FALSE(contains(plan.out, "hush"));
    CHECK_FALSE(contains(plan.out, "work_mem"));
    const auto run = fixture.expect({"setup"}, 0);
    CHECK(contains(run.err, "note     kept from the old database: DateStyle = ISO, DMY"));
    CHECK(contains(fixture.settings(), "app.jwt_secret=hush"));
    run_sql("drop database " + fixture.database.name() + " with (force)");
    run_sql("create database " + fixture.database.name() +
            " template template0 encoding 'SQL_ASCII' locale 'C'");
    CHECK(contains(fixture.expect({"setup", "--dry-run"}, 0).out,
                   "kept from the old database: encoding and locale SQL_ASCII C C"));
}

TEST_CASE("a template and a database that takes no connections stay so, and can be replaced")
{
    const TouchyProject fixture;
    const std::string& name = fixture.database.name();
    fixture.make_anew("alter database {0} is_template true; alter database {0} allow_connections "
                      "false");
    const auto state = [&] {
        return DatabaseProject::ask_server("select datistemplate || ' ' || datallowconn from "
                                           "pg_database where datname = '" +
                                           name + "'");
    };
    for (int i = 0; i < 5; ++i) { // the oldest copies are templates, too, and are dropped
        fixture.expect({"setup"}, 0);
        CHECK(state() == "true false");
    }
    fixture.expect({"undo"}, 0);
    CHECK(state() == "true false");
    run_sql(fmt::format("alter database {0} is_template false", name));
    run_sql(fmt::format("do $$ declare d name; begin for d in select datname from pg_database "
                        "where datname like '{0}\\_\\_%' and datistemplate loop execute "
                        "format('alter database %I is_template false', d); end loop; end $$",
                        name));
}

TEST_CASE("a schema that sets something for its database costs the seeds a log-in of their own")
{
    ProxyProject fixture;
    fixture.project.write("sql/schema.sql",
                          fmt::format("create table days (d date);\n"
                                      "alter database {} set datestyle = 'ISO, DMY';\n",
                                      fixture.database.name()));
    fixture.project.write("sql/seed.sql", "insert into days values ('03/02/2024');\n");
    constexpr int attempts = 5; // a session that is slow to go is ended over another one
    int log_ins = 0;
    for (int i = 0; i < attempts && log_ins != 3; ++i) {
        const auto run = fixture.run({"setup"}, {std::chrono::milliseconds(10), {}});
        INFO(run.result.err);
        REQUIRE(run.result.exit_code == 0);
        log_ins = run.traffic.log_ins;
    }
    CHECK(log_ins == 3);
}

TEST_CASE("what the schema says of the database wins also where it says what a new one has")
{
    const TempRole role;
    const TempRole owner;
    const TouchyProject fixture;
    const std::string& name = fixture.database.name();
    const auto state = [&] {
        return DatabaseProject::ask_server(fmt::format(
            "select datconnlimit || ' ' || datistemplate || ' ' || pg_get_userbyid(datdba) || ' ' "
            "|| has_database_privilege('{0}', datname, 'create') || ' ' || "
            "has_database_privilege('{0}', datname, 'connect') || ' ' || coalesce((select "
            "setconfig::text from pg_db_role_setting where setdatabase = d.oid), 'none') from "
            "pg_database d where datname = '{1}'",
            role.name(), name));
    };
    fixture.write_schema(fmt::format("alter database {0} connection limit -1;\n"
                                     "alter database {0} is_template false;\n"
                                     "grant connect on database {0} to public;\n"
                                     "revoke create on database {0} from {1};\n"
                                     "alter database {0} reset all; -- whatever stood there\n"
                                     "alter database {0} owner to {2};\n",
                                     name, role.name(), owner.name()));
    for (const bool is_cached : {false, true}) {
        fixture.make_anew(fmt::format("alter database {{0}} connection limit 9;"
                                      "alter database {{0}} is_template true;"
                                      "alter database {{0}} set work_mem = '9MB';"
                                      "revoke all on database {{0}} from public;"
                                      "grant create on database {{0}} to {}",
                                      role.name()));
        fixture.expect(is_cached ? std::vector<std::string>{"setup"}
                                 : std::vector<std::string>{"setup", "--no-cache"},
                       0);
        CHECK(state() == "-1 false " + owner.name() + " false true none");
    }
    run_sql(
        fmt::format("do $$ declare d name; begin for d in select datname from pg_database where "
                    "starts_with(datname, '{0}') loop execute format('alter database %I "
                    "is_template false', d); execute format('alter database %I owner to "
                    "postgres', d); execute format('revoke all on database %I from {1}', d); "
                    "end loop; end $$",
                    name, role.name()));
}

TEST_CASE("code in a build that names the old database leaves it alone, and is refused")
{
    const TouchyProject fixture;
    const std::string& name = fixture.database.name();
    fixture.expect({"setup", "--no-cache"}, 0);
    const std::string before = fixture.settings();
    fixture.write_schema(fmt::format(
        "do $$ begin execute 'alter database {} set work_mem to 777'; end $$;\n", name));
    const auto result = fixture.expect({"setup"}, 5);
    CHECK(contains(result.err, "current_database() is the database that is being built"));
    CHECK(fixture.settings() == before);
    fixture.write_schema("create function f() returns void language plpgsql as $$ begin execute "
                         "'comment on database " +
                         name + " is null'; end $$;\nselect f();\n");
    fixture.expect({"setup"}, 5);
    CHECK(contains(DatabaseProject::ask_server("select shobj_description(oid, 'pg_database') from "
                                               "pg_database where datname = '" +
                                               name + "'"),
                   "crudctl:"));
}

TEST_CASE("what code with a COMMIT of its own changes of the old database is said")
{
    const TouchyProject fixture;
    const std::string& name = fixture.database.name();
    fixture.expect({"setup", "--no-cache"}, 0);
    fixture.write_schema("do $$ begin execute 'alter data'||'base " + name +
                         " set work_mem = 777'; commit; end $$;\n");
    const auto result = fixture.expect({"setup"}, 1);
    CHECK(contains(result.err, "\"" + name + "\" was changed while statements ran that commit"));
    CHECK(contains(result.err, "from schema.sql:6 on"));
    CHECK_FALSE(contains(result.err, "exactly as it was"));
    fixture.write_schema("do $$ begin insert into days values ('2024-01-01'); commit; end $$;\n");
    fixture.expect({"setup"}, 0);
}
