#include "cli/database_project.hpp"
#include "database/marker.hpp"
#include "support/dumps.hpp"
#include "support/temp_role.hpp"

#include <string>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

void run_on_server(const std::string& sql)
{
    pg::Connection(TestCluster::running().info()).exec_script(sql);
}

/// Everything that hangs on a database as a whole, some of it in its oddest form.
void give_attributes(const std::string& name, const std::string& role, const std::string& owner)
{
    run_on_server(fmt::format(
        "alter database {0} owner to {2};"
        "comment on database {0} is E'ours; it''s \"big\"\\nand \\\\ has two lines';"
        "alter database {0} connection limit 77;"
        "alter database {0} set work_mem = '7MB';"
        "alter database {0} set search_path = public, \"$user\", \"Odd, \"\"schema\"\"\";"
        "alter database {0} set \"TimeZone\" = 'Europe/Vienna';"
        "alter database {0} set default_transaction_read_only = 'off';"
        "alter database {0} set temp_tablespaces = '';"
        "alter role {1} in database {0} set statement_timeout = '9s';"
        "alter role {1} in database {0} set search_path = \"$user\", extra;"
        "revoke all on database {0} from public;"
        "grant connect on database {0} to {1} with grant option;"
        "grant temporary, create on database {0} to {1};"
        "set role {1}; grant connect on database {0} to pg_monitor; reset role;",
        name, role, owner));
}

constexpr const char* state_query = R"(
select pg_catalog.shobj_description(d.oid, 'pg_database') as comment,
       jsonb_pretty(to_jsonb(d) - '{oid,datname,datacl,datfrozenxid,datminmxid}'::text[])
       || E'\nprivileges:\n' || coalesce((
              select string_agg(format('%s by %s to %s, grantable %s', a.privilege_type,
                                       a.grantor::regrole, a.grantee::regrole, a.is_grantable),
                                E'\n' order by a::text)
                from aclexplode(d.datacl) a), '')
       || E'\nsettings:\n' || coalesce((
              select string_agg(format('%s %s', s.setrole::regrole, s.setconfig), E'\n'
                                order by s.setrole)
                from pg_db_role_setting s where s.setdatabase = d.oid), '') as state
  from pg_database d
 where d.datname = $1)";

/// What the server's catalogs say of the database as a whole, without our line in its comment.
std::string state_of(const std::string& name)
{
    pg::Connection connection(TestCluster::running().info());
    const pg::Result result = connection.exec(state_query, name);
    return result[0].text("state") + "\ncomment:\n" +
           database::parse_comment(result[0].text("comment")).text;
}

/// As CREATE DATABASE takes them: every kind that this version has.
std::vector<std::string> locales()
{
    const int version = pg::Connection(TestCluster::running().info()).server_version();
    std::vector<std::string> found = {"locale 'C'", "lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8'"};
    if (version >= 150000) {
        found.emplace_back("locale_provider icu icu_locale 'de' locale 'C'");
    }
    if (version >= 160000) {
        found.emplace_back("locale_provider icu icu_locale 'en' icu_rules '&a < g' locale 'C'");
    }
    if (version >= 170000) {
        found.emplace_back("locale_provider builtin builtin_locale 'C.UTF-8' locale 'C'");
    }
    return found;
}

} // namespace

TEST_CASE("what hangs on a database as a whole is the same after setup, undo, and a saved copy")
{
    const TempRole role;
    const TempRole owner;
    const DatabaseProject fixture;
    const std::string& name = fixture.database.name();
    REQUIRE(fixture.run({"setup"}).result().exit_code == 0);
    give_attributes(name, role.name(), owner.name());
    const std::string before = state_of(name);
    for (const char* part :
         {"\"datconnlimit\": 77", "work_mem=7MB", "search_path=public", "statement_timeout=9s",
          "CREATE by", "to pg_monitor", "grantable t", "comment:\nours; it's"}) {
        REQUIRE(contains(before, part));
    }
    const auto check_after = [&](std::vector<std::string> arguments) {
        const auto result = fixture.run(std::move(arguments)).result();
        INFO(result.err);
        REQUIRE(result.exit_code == 0);
        const std::string change = difference(before, state_of(name));
        INFO(change);
        CHECK(change.empty());
    };
    check_after({"setup"});
    check_after({"undo"});
    check_after({"save", "demo"});
    check_after({"undo", "demo"});
    check_after({"drop", "--dry-run"});
}

TEST_CASE("a new database has the old one's encoding and locale")
{
    const DatabaseProject fixture;
    const std::string& name = fixture.database.name();
    run_on_server("drop database " + name);
    run_on_server("create database " + name + " template template0 encoding 'LATIN1' locale 'C'");
    const auto result = fixture.run({"setup", "--no-seed"}).result(); // they are not in LATIN1
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    CHECK(fixture.ask("show server_encoding") == "LATIN1");
}

TEST_CASE("a new database has the old one's locale, whoever provides it")
{
    const DatabaseProject fixture;
    const std::string& name = fixture.database.name();
    for (const std::string& locale : locales()) {
        CAPTURE(locale);
        run_on_server("drop database " + name + " with (force)");
        run_on_server("create database " + name + " template template0 " + locale);
        const std::string before = state_of(name);
        const auto result = fixture.run({"setup", "--no-seed"}).result();
        INFO(result.err);
        REQUIRE(result.exit_code == 0);
        CHECK(state_of(name) == before);
    }
}

TEST_CASE("what the files say of the database wins over what the old one had")
{
    const DatabaseProject fixture;
    const std::string& name = fixture.database.name();
    run_on_server(fmt::format("alter database {0} set work_mem = '7MB';"
                              "comment on database {0} is 'old'",
                              name));
    fixture.project.write("sql/schema.sql",
                          fmt::format("create table t ();\nalter database {0} set work_mem = "
                                      "'3MB';\ncomment on database {0} is 'new';\n",
                                      name));
    REQUIRE(fixture.run({"setup", "--no-seed"}).result().exit_code == 0);
    CHECK(fixture.ask("show work_mem") == "3MB");
    const std::string state = state_of(name);
    CHECK(contains(state, "comment:\nnew"));
    CHECK_FALSE(contains(state, "old"));
}

TEST_CASE("what a file says of the database holds when a later file needs smaller transactions")
{
    const DatabaseProject fixture;
    const std::string& name = fixture.database.name();
    fixture.project.write("crudctl.toml", "[project]\nname = \"x\"\n"
                                          "schema = [\"sql/first.sql\", \"sql/second.sql\"]\n"
                                          "seeds = []\n[profiles.local]\n"
                                          "url = \"${CONNECTION_URL}\"\n");
    fixture.project.write("sql/first.sql", "create table t (n int);\ncomment on database " + name +
                                               " is 'from the first';\n");
    fixture.project.write("sql/second.sql", "create index concurrently on t (n);\n");
    fixture.expect({"setup", "--no-seed"}, 0);
    CHECK(contains(
        DatabaseProject::ask_server("select shobj_description(oid, 'pg_database') from pg_database"
                                    " where datname = '" +
                                    name + "'"),
        "from the first"));
}

TEST_CASE("an attribute that this role may not give refuses before the old database is touched")
{
    const TempRole role("login createdb");
    DatabaseProject fixture;
    const std::string& name = fixture.database.name();
    run_on_server(fmt::format("alter database {0} owner to {1};"
                              "alter database {0} set my.setting = 'x'",
                              name, role.name()));
    fixture.project.set_variable(
        "CONNECTION_URL",
        fixture.database.info().with("user", role.name()).url(pg::ConnInfo::ShowPassword::no));
    const auto result = fixture.run({"setup"}).result();
    INFO(result.err);
    CHECK(result.exit_code == 5);
    CHECK(contains(result.err, "my.setting"));
    CHECK(fixture.databases() == name);
    CHECK(fixture.copies().empty());
    run_on_server(fmt::format("alter database {} owner to postgres", name));
}
