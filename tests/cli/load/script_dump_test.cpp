#include "cli/database_project.hpp"
#include "support/dumps.hpp"
#include "support/paths.hpp"
#include "support/temp_folder.hpp"
#include "support/temp_role.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

using Arguments = std::vector<std::string>;

void fill(const TempDatabase& database)
{
    const std::filesystem::path folder = source_folder() / "tests/dumps";
    load_by_psql(database.name(), folder / "every_kind.sql");
    load_by_psql(database.name(), folder / "hostile_rows.sql");
}

void run_for_dump(const std::string& sql)
{
    pg::Connection(TestCluster::running().info()).exec_script(sql);
}

/// What only --create dumps: of the database, and of a role in it.
void give_settings(const std::string& name, const std::string& role)
{
    run_for_dump(fmt::format("comment on database {0} is 'ours; it''s \"big\"';"
                             "alter database {0} set work_mem = '7MB';"
                             "alter database {0} set search_path = public, \"$user\";"
                             "alter role {1} in database {0} set statement_timeout = '9s';"
                             "revoke all on database {0} from public;"
                             "grant connect on database {0} to {1};"
                             "alter database {0} connection limit 77",
                             name, role));
}

void load_with_crudctl(const DatabaseProject& fixture, const std::filesystem::path& file)
{
    const CliResult result = fixture
                                 .run({"schema-load", "-f", file.string(), "--confirm",
                                       fixture.database.name() + "@local"})
                                 .result();
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
}

void check_same(const std::string& expected, const std::string& found)
{
    const std::string first_lines = difference(expected, found);
    INFO(first_lines);
    CHECK(first_lines.empty());
}

} // namespace

TEST_CASE("a dump in whatever form loads as psql loads it")
{
    if (!can_dump()) {
        return;
    }
    const TempDatabase origin;
    fill(origin);
    const std::string before = dump_of(origin.name());
    const TempFolder folder;
    const std::vector<Arguments> forms = {
        {},
        {"--inserts"},
        {"--column-inserts"},
        {"--quote-all-identifiers", "--rows-per-insert=100"},
        {"--clean", "--if-exists", "--disable-dollar-quoting"},
        {"--inserts", "--on-conflict-do-nothing", "-d",
         "dbname=" + origin.name() + " options='-c standard_conforming_strings=off'"}};
    for (const Arguments& form : forms) {
        CAPTURE(form);
        const auto file = folder.write("dump.sql", output_of("pg_dump", origin.name(), form));
        const TempDatabase by_psql;
        load_by_psql(by_psql.name(), file, {"-1"});
        const DatabaseProject by_crudctl;
        load_with_crudctl(by_crudctl, file);

        const std::string loaded = dump_of(by_crudctl.database.name());
        check_same(dump_of(by_psql.name()), loaded);
        check_same(before, loaded);
    }
}

TEST_CASE("a dump that creates its database loads into an empty one, settings and rights included")
{
    if (!can_dump()) {
        return;
    }
    const TempRole role;
    const DatabaseProject fixture;
    const std::string& name = fixture.database.name();
    fill(fixture.database);
    give_settings(name, role.name());
    const std::string before = dump_of(name, {"-C"});
    for (const char* part : {"ALTER DATABASE {} CONNECTION LIMIT", "ALTER DATABASE {} SET work_mem",
                             "COMMENT ON DATABASE {}", "GRANT CONNECT ON DATABASE {}"}) {
        REQUIRE(contains(before, fmt::format(fmt::runtime(part), name)));
    }
    const auto file = fixture.project.write("dump.sql", output_of("pg_dump", name, {"--create"}));
    run_for_dump("drop database " + name + " with (force)");
    run_for_dump("create database " + name);
    load_with_crudctl(fixture, file);
    check_same(before, dump_of(name, {"-C"}));
}

TEST_CASE(
    "setup from a dump that creates its database makes the same one, whether it is there or not")
{
    if (!can_dump()) {
        return;
    }
    const bool is_there = GENERATE(true, false);
    const TempRole role;
    const DatabaseProject fixture;
    const std::string& name = fixture.database.name();
    fill(fixture.database);
    give_settings(name, role.name());
    const std::string before = dump_of(name, {"-C"});
    fixture.project.write("sql/schema.sql", output_of("pg_dump", name, {"--create"}));
    if (!is_there) {
        run_for_dump("drop database " + name + " with (force)");
    }
    const CliResult result = fixture.run({"setup", "--no-seed"}).result();
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    check_same(before, dump_of(name, {"-C"}));
    CHECK(fixture.databases() == name);
}

TEST_CASE("the dump that is loaded has every kind of object in it")
{
    if (!can_dump()) {
        return;
    }
    const TempDatabase origin;
    fill(origin);
    const std::string text = dump_of(origin.name());
    const std::string rows = output_of("pg_dump", origin.name(), {"--data-only"});
    for (const char* kind : {"ACCESS METHOD",
                             "ACL",
                             "AGGREGATE",
                             "BLOB",
                             "CAST",
                             "COLLATION",
                             "COMMENT",
                             "CONSTRAINT",
                             "CONVERSION",
                             "DEFAULT",
                             "DEFAULT ACL",
                             "DOMAIN",
                             "EVENT TRIGGER",
                             "EXTENSION",
                             "FK CONSTRAINT",
                             "FOREIGN DATA WRAPPER",
                             "FOREIGN TABLE",
                             "FUNCTION",
                             "INDEX",
                             "INDEX ATTACH",
                             "MATERIALIZED VIEW",
                             "MATERIALIZED VIEW DATA",
                             "OPERATOR",
                             "OPERATOR CLASS",
                             "OPERATOR FAMILY",
                             "POLICY",
                             "PROCEDURAL LANGUAGE",
                             "PROCEDURE",
                             "PUBLICATION",
                             "PUBLICATION TABLE",
                             "ROW SECURITY",
                             "RULE",
                             "SCHEMA",
                             "SEQUENCE",
                             "SEQUENCE OWNED BY",
                             "SEQUENCE SET",
                             "SERVER",
                             "STATISTICS",
                             "TABLE",
                             "TABLE ATTACH",
                             "TABLE DATA",
                             "TEXT SEARCH CONFIGURATION",
                             "TEXT SEARCH DICTIONARY",
                             "TEXT SEARCH PARSER",
                             "TEXT SEARCH TEMPLATE",
                             "TRANSFORM",
                             "TRIGGER",
                             "TYPE",
                             "USER MAPPING",
                             "VIEW"}) {
        CAPTURE(kind);
        const std::string comment = "; Type: " + std::string(kind) + ";";
        CHECK((contains(text, comment) || contains(rows, comment)));
    }
}
