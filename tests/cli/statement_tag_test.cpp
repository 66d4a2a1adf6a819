#include "cli/database_project.hpp"
#include "support/file.hpp"
#include "support/throw_away_server.hpp"

#include <regex>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

/// A project whose database is on a server that logs every statement.
struct LoggedProject {
    LoggedProject()
    {
        project.set_variable("CONNECTION_URL", server.info().with_database("cruddur").url(
                                                   pg::ConnInfo::ShowPassword::no));
    }
    int run(std::vector<std::string> arguments) const
    {
        return project.run_crudctl(std::move(arguments)).result().exit_code;
    }
    bool logged(const std::string& pattern) const
    {
        // "statement: …" or "execute <unnamed>: …"
        const std::regex whole("LOG: +(statement|execute [^:]*): " + pattern);
        return std::regex_search(read_file(server.log(), 1U << 24U).text, whole);
    }

    ThrowAwayServer server{{"log_statement = all", {}, nullptr}};
    SampleProject project;
};

} // namespace

TEST_CASE("the server's own log says who destroyed what, and from which commit")
{
    const LoggedProject fixture;
    fixture.project.write(".git/HEAD", "0123456789abcdef0123456789abcdef01234567\n");
    REQUIRE(fixture.run({"setup"}) == 0);
    REQUIRE(fixture.run({"setup"}) == 0);
    REQUIRE(fixture.run({"drop"}) == 0);
    REQUIRE(fixture.run({"setup"}) == 0);
    REQUIRE(fixture.run({"drop", "--purge", "--confirm", "cruddur@local"}) == 0);
    const auto tag = [](const std::string& command) {
        return "/\\* crudctl " + command +
               R"( user=\S+ host=\S+ git=0123456789 plan=[0-9a-f]{12} \*/ )";
    };
    const std::string renames = R"(alter database "cruddur" rename)";
    const std::string waits = R"(do language plpgsql [^\n]*\n\s*)"; // for a session of ours
    CHECK(fixture.logged(tag("setup") + R"(set local [^\n]*\n\s*)" + waits + renames));
    CHECK(fixture.logged(tag("drop") + R"(set local [^\n]*\n\s*)" + renames));
    CHECK(fixture.logged(tag("drop") + R"(drop database "cruddur")"));
}

TEST_CASE("a file's statement that destroys goes to the server with the comment, others without")
{
    const LoggedProject fixture;
    REQUIRE(fixture.run({"setup"}) == 0);
    fixture.project.write("gone.sql", "create table more (n int);\n\\set name users\n"
                                      "truncate :name cascade; -- why not");
    fixture.project.write("more.sql", "create table most (n int);\n");
    REQUIRE(fixture.run({"schema-load", "-f", "gone.sql"}) == 0);
    REQUIRE(fixture.run({"schema-load", "-f", "more.sql"}) == 0);
    CHECK(fixture.logged(R"([^/]*truncate users cascade;\s*/\* crudctl schema-load user=)"));
    CHECK_FALSE(fixture.logged(R"([^/]*create table most[^/]*/\*)"));
}

TEST_CASE("what ends sessions, an upsert and psql's files are in the server's log with the comment")
{
    const LoggedProject fixture;
    REQUIRE(fixture.run({"setup"}) == 0);
    fixture.project.write("sql/notes.csv", "n,note\n1,first\n");
    fixture.project.write("notes.sql", "create table notes (n int primary key, note text);\n");
    REQUIRE(fixture.run({"schema-load", "-f", "notes.sql"}) == 0);
    REQUIRE(fixture.run({"seed", "--upsert", "-f", "sql/notes.csv"}) == 0);
    CHECK(
        fixture.logged(R"(savepoint [^/]*/\* crudctl seed user=\S+ [^/]*\*/ -- Makes the table)"));

    fixture.project.write("it's.sql", "delete from notes;\n");
    REQUIRE(fixture.run({"schema-load", "--via", "psql", "-f", "it's.sql"}) == 0);
    CHECK(fixture.logged(
        R"(/\* crudctl schema-load user=[^/]*\*/ set local crudctl.files = E'it''s.sql')"));

    pg::Connection application(fixture.server.info().with_database("cruddur"));
    REQUIRE(fixture.run({"drop"}) == 0);
    CHECK_THROWS_AS(application.exec("select 1"), pg::ConnectionLost);
    CHECK(fixture.logged(R"(/\* crudctl drop user=[^/]*\*/ -- Ends every other session)"));
}

TEST_CASE("no statement that drops a database goes to the server without saying whose it is")
{
    const LoggedProject fixture;
    REQUIRE(fixture.run({"setup"}) == 0);
    fixture.project.write("sql/schema.sql", "create tabel x ();\n");
    REQUIRE(fixture.run({"setup"}) == 1); // what was built is dropped
    REQUIRE(fixture.run({"drop"}) == 0);
    CHECK(fixture.logged(R"([^\n]*\*/ drop database "cruddur__next)"));
    CHECK_FALSE(fixture.logged("drop database"));
    CHECK_FALSE(fixture.logged("alter database"));
}
