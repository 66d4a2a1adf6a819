#include "cli/database_project.hpp"
#include "support/system/file.hpp"
#include "support/throw_away_server.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

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
    /// Each statement that the server logged: "statement: …" or "execute <unnamed>: …".
    std::vector<std::string> statements() const
    {
        constexpr std::string_view head = "LOG:  ";
        const std::string log = read_file(server.log(), 1U << 24U).text;
        std::vector<std::string> found;
        for (std::size_t at = log.find(head); at != std::string::npos;) {
            const std::size_t next = log.find(head, at + head.size());
            const std::string entry = log.substr(at + head.size(), next - at - head.size());
            if (entry.starts_with("statement: ") || entry.starts_with("execute ")) {
                found.push_back(entry.substr(entry.find(": ") + 2));
            }
            at = next;
        }
        return found;
    }
    /// Whether one has all of these texts in it, in their order.
    bool logged(const std::vector<std::string>& parts) const
    {
        return std::ranges::any_of(statements(), [&](const std::string& statement) {
            std::size_t at = 0;
            for (const std::string& part : parts) {
                at = statement.find(part, at);
                if (at == std::string::npos) {
                    return false;
                }
                at += part.size();
            }
            return true;
        });
    }
    bool logged_first(const std::string& words) const
    {
        return std::ranges::any_of(statements(), [&](const std::string& statement) {
            return statement.starts_with(words);
        });
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
    for (const char* command : {"setup", "drop"}) {
        CHECK(fixture.logged({fmt::format("/* crudctl {} user=", command),
                              " host=", " git=0123456789 plan=", " */ ",
                              "alter database \"cruddur\" rename"}));
    }
    CHECK(fixture.logged({"/* crudctl drop user=", " git=0123456789 plan=", " */ ",
                          "drop database \"cruddur__drop_"}));
}

TEST_CASE(
    "before a file's first statement that destroys goes one with the comment, and its own stays")
{
    const LoggedProject fixture;
    REQUIRE(fixture.run({"setup"}) == 0);
    fixture.project.write("gone.sql", "create table more (n int);\n\\set name users\n"
                                      "truncate :name cascade; -- why not");
    fixture.project.write("more.sql", "create table most (n int);\n");
    REQUIRE(fixture.run({"schema-load", "-f", "gone.sql"}) == 0);
    REQUIRE(fixture.run({"schema-load", "-f", "more.sql"}) == 0);
    fixture.project.write("alone.sql", "vacuum users;\nvacuum full users;\n");
    REQUIRE(fixture.run({"schema-load", "--no-transaction", "--no-copy", "-f", "alone.sql"}) == 0);
    CHECK(fixture.logged(
        {"/* crudctl schema-load user=", " */ select file from (values ('alone.sql'))"}));
    CHECK(fixture.logged(
        {"/* crudctl schema-load user=", " */ select file from (values ('gone.sql'))"}));
    CHECK(fixture.logged_first("truncate users cascade;"));
    CHECK_FALSE(fixture.logged({"truncate users cascade;", "/* crudctl"}));
    CHECK(fixture.logged({"create table most"}));
    CHECK_FALSE(fixture.logged({"select 'more.sql'"}));
}

TEST_CASE("what ends sessions, an upsert and psql's files are in the server's log with the comment")
{
    const LoggedProject fixture;
    REQUIRE(fixture.run({"setup"}) == 0);
    fixture.project.write("sql/notes.csv", "n,note\n1,first\n");
    fixture.project.write("notes.sql", "create table notes (n int primary key, note text);\n");
    REQUIRE(fixture.run({"schema-load", "-f", "notes.sql"}) == 0);
    REQUIRE(fixture.run({"seed", "--upsert", "-f", "sql/notes.csv"}) == 0);
    CHECK(fixture.logged({"savepoint ", "/* crudctl seed user=", " */ -- Makes the table"}));

    fixture.project.write("it's.sql", "delete from notes;\n");
    REQUIRE(fixture.run({"schema-load", "--via", "psql", "-f", "it's.sql"}) == 0);
    CHECK(fixture.logged(
        {"/* crudctl schema-load user=", " */ set local crudctl.files = E'it''s.sql'"}));

    pg::Connection application(fixture.server.info().with_database("cruddur"));
    REQUIRE(fixture.run({"drop"}) == 0);
    CHECK_THROWS_AS(application.exec("select 1"), pg::ConnectionLost);
    CHECK(fixture.logged({"/* crudctl drop user=", " */ -- Ends every other session"}));
}

TEST_CASE("no statement that drops a database goes to the server without saying whose it is")
{
    const LoggedProject fixture;
    REQUIRE(fixture.run({"setup"}) == 0);
    fixture.project.write("sql/schema.sql", "create tabel x ();\n");
    REQUIRE(fixture.run({"setup"}) == 1); // what was built is dropped
    REQUIRE(fixture.run({"drop"}) == 0);
    CHECK(fixture.logged({"/* crudctl setup user=", "alter database \"cruddur__next_"}));
    CHECK(fixture.logged({"/* crudctl setup user=", " */ drop database \"cruddur__drop_"}));
    CHECK_FALSE(fixture.logged_first("drop database"));
    CHECK_FALSE(fixture.logged_first("alter database"));
}
