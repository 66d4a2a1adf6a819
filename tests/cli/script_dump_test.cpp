#include "cli/database_project.hpp"
#include "support/paths.hpp"
#include "support/process.hpp"
#include "support/temp_folder.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

using Arguments = std::vector<std::string>;

/// One of the server's own programs, in that database, to its good end; gives what it printed.
std::string run(const std::string& program, const std::string& database, const Arguments& arguments)
{
    const TestCluster& cluster = TestCluster::running();
    Arguments argv = {(cluster.binaries() / program).string(),
                      "-h",
                      cluster.socket_folder(),
                      "-p",
                      cluster.port(),
                      "-U",
                      cluster.info().user(),
                      "-d",
                      database};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    ProcessRunner processes;
    const ProgramResult result = processes.run({argv, {}, {}, {}, {}});
    INFO(result.err);
    REQUIRE(result.succeeded());
    return result.out;
}

void run_psql(const std::string& database, const std::filesystem::path& file,
              const Arguments& arguments)
{
    Arguments all = {"-X", "-q", "-o", "/dev/null", "-v", "ON_ERROR_STOP=1", "-f", file.string()};
    all.insert(all.end(), arguments.begin(), arguments.end());
    run("psql", database, all);
}

/// A dump without what differs each time: the keys of \restrict and \unrestrict, which stand near
/// its ends.
std::string dump(const std::string& database)
{
    std::string text = run("pg_dump", database, {});
    for (const std::string command : {"\n\\restrict ", "\n\\unrestrict "}) {
        const auto at = command[2] == 'r' ? text.find(command) : text.rfind(command);
        if (at != std::string::npos) {
            const auto key = at + command.size();
            text.erase(key, text.find('\n', key) - key);
        }
    }
    return text;
}

/// The first lines that differ: whole dumps are megabytes.
std::string difference(const std::string& expected, const std::string& found)
{
    const auto at = std::mismatch(expected.begin(), expected.end(), found.begin(), found.end());
    if (at.first == expected.end() && at.second == found.end()) {
        return {};
    }
    const auto excerpt = [](const std::string& text, std::size_t from) {
        return text.substr(from < 200 ? 0 : from - 200, 400);
    };
    const auto from = static_cast<std::size_t>(at.first - expected.begin());
    return "expected:\n" + excerpt(expected, from) + "\nfound:\n" + excerpt(found, from);
}

void fill(const TempDatabase& database)
{
    const std::filesystem::path folder = source_folder() / "tests/dumps";
    run_psql(database.name(), folder / "every_kind.sql", {});
    run_psql(database.name(), folder / "hostile_rows.sql", {});
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

} // namespace

TEST_CASE("a dump in whatever form loads as psql loads it")
{
    const TempDatabase origin;
    fill(origin);
    const std::string before = dump(origin.name());
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
        const auto file = folder.write("dump.sql", run("pg_dump", origin.name(), form));
        const TempDatabase by_psql;
        run_psql(by_psql.name(), file, {"-1"});
        const DatabaseProject by_crudctl;
        load_with_crudctl(by_crudctl, file);

        const std::string loaded = dump(by_crudctl.database.name());
        CHECK(difference(dump(by_psql.name()), loaded) == "");
        CHECK(difference(before, loaded) == "");
    }
}

TEST_CASE("the dump that is loaded has every kind of object in it")
{
    const TempDatabase origin;
    fill(origin);
    const std::string text = dump(origin.name());
    const std::string rows = run("pg_dump", origin.name(), {"--data-only"});
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
