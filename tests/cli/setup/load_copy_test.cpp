#include "cli/database_project.hpp"
#include "support/temp_role.hpp"

#include <csignal>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

/// A filled database and a file that destroys some of it.
struct LoadProject : DatabaseProject {
    LoadProject()
    {
        expect({"setup"}, 0);
        project.write("sql/destroys.sql", "delete from users;\n");
        project.write("sql/adds.sql", "create table extra ();\n");
    }
    std::string users() const { return ask("select count(*) from users"); }
};

} // namespace

TEST_CASE("before a file destroys something a copy is set aside, and undo brings it back")
{
    const LoadProject fixture;
    const std::string before = fixture.copies();
    const auto loaded = fixture.expect({"schema-load", "-f", "sql/destroys.sql"}, 0);
    CHECK(contains(loaded.err, "the old one: crudctl undo"));
    CHECK(fixture.users() == "0");
    CHECK(fixture.copies() != before);
    fixture.expect({"undo"}, 0);
    CHECK(fixture.users() == "3");
    CHECK(fixture.databases() == fixture.database.name());
}

TEST_CASE("where the file that destroys fails, all is as it was, and no copy stays")
{
    const LoadProject fixture;
    const std::string before = fixture.copies();
    fixture.project.write("sql/destroys.sql", "delete from users;\nselect 1/0;\n");
    const auto failed = fixture.expect({"schema-load", "-f", "sql/destroys.sql"}, 1);
    CHECK(contains(failed.err, "is exactly as it was"));
    CHECK(fixture.users() == "3");
    CHECK(fixture.copies() == before);
    fixture.expect({"schema-load", "-f", "sql/destroys.sql", "--no-transaction"}, 1);
    CHECK(fixture.users() == "0");
    fixture.expect({"undo"}, 0);
    CHECK(fixture.users() == "3");
}

TEST_CASE("a signal once the files are loaded leaves the copy that undo needs")
{
    const LoadProject fixture;
    for (int round = 0; round < 5; ++round) {
        const auto result = fixture.run({"seed", "-f", "sql/destroys.sql", "--again"})
                                .with_signal(SIGINT, "loaded")
                                .result();
        INFO(result.err);
        REQUIRE(fixture.users() == "0");
        fixture.expect({"undo"}, 0);
        CHECK(fixture.users() == "3");
    }
}

TEST_CASE("no copy is made for a file that adds, of an empty database, or where nobody wants one")
{
    const LoadProject fixture;
    const std::string before = fixture.copies();
    fixture.expect({"schema-load", "-f", "sql/adds.sql"}, 0);
    CHECK(fixture.copies() == before);
    const auto without = fixture.expect({"schema-load", "-f", "sql/destroys.sql", "--no-copy"}, 0);
    CHECK_FALSE(contains(without.err, "crudctl undo"));
    CHECK(fixture.users() == "0");
    CHECK(fixture.copies() == before);
    pg::Connection(fixture.database.info())
        .exec_script("drop schema public cascade;"
                     "create schema public");
    fixture.project.write("sql/fresh.sql", "drop table if exists a; create table a ();\n");
    fixture.expect({"schema-load", "-f", "sql/fresh.sql"}, 0);
    CHECK(fixture.copies() == before);
}

TEST_CASE("a plan says that a copy is set aside, and that undo reaches")
{
    const LoadProject fixture;
    const auto plan = nlohmann::json::parse(
        fixture.expect({"schema-load", "-f", "sql/destroys.sql", "--dry-run", "--json"}, 0).out);
    CHECK(plan["undo"] == true);
    CHECK(contains(plan["steps"].dump(), "copy"));
    CHECK(fixture.users() == "3");
}

TEST_CASE("a role that may not copy the database is told so before anything is destroyed")
{
    const TempRole role;
    LoadProject fixture;
    pg::Connection(fixture.database.info())
        .exec_script("grant all on all tables in schema public to " + role.name());
    fixture.project.set_variable(
        "CONNECTION_URL",
        fixture.database.info().with("user", role.name()).url(pg::ConnInfo::ShowPassword::no));
    const auto refused = fixture.expect({"schema-load", "-f", "sql/destroys.sql"}, 5);
    CHECK(contains(refused.err, "may not create databases"));
    CHECK(contains(refused.err, "ALTER ROLE \"" + role.name() + "\" CREATEDB"));
    CHECK_FALSE(contains(refused.err, "--no-copy")); // undo would not reach
    CHECK(fixture.users() == "3");
    fixture.expect({"schema-load", "-f", "sql/destroys.sql", "--no-copy"}, 0);
    CHECK(fixture.users() == "0");
}

TEST_CASE("a seed that was loaded and has not changed is skipped, until it changes or --again")
{
    const LoadProject fixture;
    fixture.project.write("sql/more.sql",
                          "insert into users (display_name, handle, email, "
                          "cognito_user_id) values ('x', 'x', 'x@example.org', 'x');\n");
    const auto skipped = fixture.expect({"seed"}, 0); // setup loaded it
    CHECK(contains(skipped.err, "skipped  sql/seed.sql"));
    CHECK(contains(skipped.err, "nothing to do"));
    CHECK(fixture.users() == "3");

    fixture.expect({"seed", "-f", "sql/more.sql"}, 0);
    CHECK(fixture.users() == "4");
    const auto both = fixture.expect({"seed", "-f", "sql/more.sql", "-f", "sql/seed.sql"}, 0);
    CHECK(contains(both.err, "skipped  sql/more.sql"));
    CHECK(fixture.users() == "4");

    fixture.project.write("sql/more.sql",
                          "insert into users (display_name, handle, email, "
                          "cognito_user_id) values ('y', 'y', 'y@example.org', 'y');\n");
    fixture.expect({"seed", "-f", "sql/more.sql", "-f", "sql/seed.sql"}, 0);
    CHECK(fixture.users() == "5");
    fixture.project.write("sql/note.sql", "create table if not exists notes (n int);"
                                          "insert into notes values (1);\n");
    fixture.expect({"seed", "-f", "sql/note.sql"}, 0);
    fixture.expect({"seed", "-f", "sql/note.sql"}, 0);
    fixture.expect({"seed", "-f", "sql/note.sql", "--again"}, 0);
    CHECK(fixture.ask("select count(*) from notes") == "2");
}

TEST_CASE("a schema that destroys makes the seeds be loaded again")
{
    const LoadProject fixture;
    fixture.expect({"schema-load", "-f", "sql/adds.sql"}, 0);
    CHECK(contains(fixture.expect({"seed"}, 0).err, "nothing to do"));
    fixture.project.write("sql/empties.sql", "truncate users cascade;\n");
    fixture.expect({"schema-load", "-f", "sql/empties.sql"}, 0);
    CHECK(fixture.users() == "0");
    fixture.expect({"seed"}, 0);
    CHECK(fixture.users() == "3");
}

TEST_CASE("a seed that failed is not taken for loaded")
{
    const LoadProject fixture;
    fixture.project.write("sql/wrong.sql", "insert into users (handle) values (null);\n");
    fixture.expect({"seed", "-f", "sql/wrong.sql"}, 1);
    fixture.expect({"seed", "-f", "sql/wrong.sql"}, 1);
}
