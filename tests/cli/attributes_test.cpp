#include "cli/database_project.hpp"
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

/// What pg_dump says of the database as a whole.
std::string state_of(const std::string& name)
{
    return dump_of(name, {"-C", "-s"});
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
         {"CONNECTION LIMIT = 77", "SET work_mem", "SET search_path", "REVOKE CONNECT,TEMPORARY",
          "WITH GRANT OPTION", "IN DATABASE", "COMMENT ON DATABASE"}) {
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
    run_on_server("create database " + name +
                  " template template0 encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'");
    const auto result = fixture.run({"setup", "--no-seed"}).result(); // they are not in LATIN1
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    CHECK(fixture.ask("show server_encoding") == "LATIN1");
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
    CHECK(contains(state, "IS 'new';"));
    CHECK_FALSE(contains(state, "'old'"));
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
