#include "cli/connect/bouncer.hpp"
#include "cli/database_project.hpp"
#include "support/standby.hpp"
#include "support/throw_away_server.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;

// Which database is judged: the one that answered, whatever name led there.

namespace {

std::string url_of(const pg::ConnInfo& info)
{
    return info.url(pg::ConnInfo::ShowPassword::yes);
}

} // namespace

TEST_CASE("through a pooler's alias nothing is changed, and both names are told")
{
    DatabaseProject fixture;
    fixture.expect({"setup"}, 0);
    fixture.expect({"mark", "--as", "prod"}, 0);
    const std::string before = fixture.ask("select count(*) from users");
    const std::string alias = fixture.database.name() + "dev";
    const Bouncer bouncer(GENERATE(as<std::string>(), "session", "transaction"), alias,
                          fixture.database.name());
    fixture.project.set_variable("CONNECTION_URL", url_of(bouncer.info(alias)));
    fixture.project.write("sql/queries/del.sql", "delete from users");
    fixture.project.write("del.sql", "delete from users;");
    fixture.project.write("add.sql", "create table more ();");
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{"query", "del"},
                                               {"query", "del", "--write"},
                                               {"schema-load", "-f", "del.sql", "--no-copy"},
                                               {"schema-load", "-f", "add.sql"},
                                               {"seed", "-f", "add.sql"},
                                               {"create"},
                                               {"drop"},
                                               {"drop", "--purge"},
                                               {"save", "now"},
                                               {"mark", "--as", "dev"}}) {
        const auto result = fixture.run(arguments).result();
        INFO(arguments.front() << " " << arguments.back() << ": " << result.err);
        CHECK(result.exit_code == 5);
        CHECK(contains(result.err, alias));
        CHECK(contains(result.err, "\"" + fixture.database.name() + "\""));
    }
    for (const char* command : {"setup", "undo"}) {
        const auto result = fixture.run({command}).result();
        INFO(command << ": " << result.err);
        CHECK(result.exit_code != 0);
    }
    CHECK(fixture.ask("select count(*) from users") == before);
    CHECK(fixture.ask("select to_regclass('more') is null") == "t");
    CHECK(DatabaseProject::ask_server(
              fmt::format("select count(*) from pg_database where datname = '{}'", alias)) == "0");
    const auto status = fixture.expect({"status"}, 0);
    CHECK(contains(status.out, "leads to database \"" + fixture.database.name() + "\""));
    CHECK_FALSE(contains(status.out, "crudctl setup"));
}

TEST_CASE("what locks is refused behind a pooler, and leaves no lock there")
{
    DatabaseProject fixture;
    fixture.expect({"setup"}, 0);
    const Bouncer bouncer("transaction");
    const std::string direct = fixture.database.url();
    fixture.project.set_variable("CONNECTION_URL", url_of(bouncer.info(fixture.database.name())));
    for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
             {"drop"},
             {"mark", "--as", "dev"},
             {"save", "now"},
             {"copies", "--prune"},
             {"drop", "--purge", "--confirm", fixture.database.name() + "@local"}}) {
        const auto result = fixture.run(arguments).result();
        INFO(arguments.front() << ": " << result.err);
        CHECK(result.exit_code == 4);
        CHECK(contains(result.err, "a connection pooler stands between"));
    }
    fixture.project.set_variable("CONNECTION_URL", direct);
    fixture.expect({"setup", "--lock-timeout", "1"}, 0);
}

TEST_CASE("of several hosts the one that answered is used for the whole run")
{
    const ThrowAwayServer primary({"", "", nullptr});
    const Standby standby(primary);
    const pg::ConnInfo first = standby.info("app");
    const pg::ConnInfo second = primary.info().with("dbname", "app");
    const pg::ConnInfo both = second.with("host", first.host() + "," + second.host())
                                  .with("port", first.port() + "," + second.port())
                                  .with("target_session_attrs", "read-write");
    SampleProject project;
    project.set_variable("CONNECTION_URL", url_of(both));
    CHECK_NOTHROW(pg::Connection(pg::ConnInfo::parse(url_of(both.with("dbname", "postgres")))));
    for (const char* command : {"setup", "setup", "drop", "undo"}) {
        const auto result = project.run_crudctl({command}).result();
        INFO(command << ": " << result.err);
        CHECK(result.exit_code == 0);
    }
    CHECK(pg::Connection(second).exec("select count(*) from users").scalar() == "3");

    project.set_variable("CONNECTION_URL", url_of(first));
    REQUIRE(standby.has_replayed("^app$"));
    CHECK(contains(project.run_crudctl({"status"}).result().out, "a standby"));
}

TEST_CASE("a database that Citus spreads is neither copied nor swapped, and the way is named")
{
    const ThrowAwayServer server({"allow_system_table_mods = on\n", "", nullptr});
    SampleProject project;
    project.set_variable("CONNECTION_URL", url_of(server.info().with("dbname", "app")));
    pg::Connection(server.info()).exec("create database app");
    const pg::ConnInfo app = server.info().with("dbname", "app");
    // The extension's row and its two tables: the engine itself is in no registry.
    pg::Connection(app).exec_script(
        "create table pg_catalog.pg_dist_node (nodeid int);"
        "create table pg_catalog.pg_dist_partition (logicalrelid regclass);"
        "insert into pg_catalog.pg_extension (oid, extname, extowner, extnamespace,"
        " extrelocatable, extversion) select 99999, 'citus', 10, 11, false, '13.2';"
        "create table users (id int)");
    CHECK(project.run_crudctl({"save", "empty"}).result().exit_code == 0);
    pg::Connection(app).exec(GENERATE(as<std::string>(),
                                      "insert into pg_catalog.pg_dist_node values (1)",
                                      "insert into pg_catalog.pg_dist_partition values ('users')"));
    project.write("del.sql", "delete from users;");
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{"setup"}, {"save", "now"}, {"undo", "empty"}}) {
        const auto result = project.run_crudctl(arguments).result();
        INFO(arguments.front() << ": " << result.err);
        CHECK(result.exit_code == 5);
        CHECK(contains(result.err, "Citus"));
        CHECK(contains(result.err, "setup --in-place"));
    }
    const auto load = project.run_crudctl({"schema-load", "-f", "del.sql"}).result();
    INFO(load.err);
    CHECK(load.exit_code == 5);
    CHECK(contains(load.err, "Citus"));
}
