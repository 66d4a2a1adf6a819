#include "cli/database_project.hpp"

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::tests;

TEST_CASE("a password inside SQL shows neither in an error, nor in a plan, nor in the journal")
{
    DatabaseProject fixture;
    const std::string schema = "create table t (id int);\n"
                               "create role words_role login password 'hunter2secret';\n"
                               "select nope;\n";
    fixture.project.write("sql/schema.sql", schema);
    fixture.project.write("alter.sql", "alter role words_role\n  password 'hunter3secret';\n");
    fixture.project.write("syntax.sql",
                          "create role words_role password 'hunter4secret' 'oops2secret';\n");
    fixture.project.write("notice.sql", "do $$begin execute 'alter role nobody_there password "
                                        "''hunter5secret'''; end$$;\n");
    fixture.project.write("sql/queries/role.sql", "alter role words_role password 'hunter6secret'");
    for (const auto& arguments : std::vector<std::vector<std::string>>{
             {"setup", "--no-seed"},
             {"setup", "--no-seed", "-v"},
             {"setup", "--no-seed", "--json"},
             {"setup", "--no-seed", "--dry-run", "--json"},
             {"setup", "--no-seed", "--in-place", "--dry-run"},
             {"schema-load", "-f", "alter.sql", "--dry-run"},
             {"schema-load", "-f", "alter.sql", "--dry-run", "--json"},
             {"schema-load", "-f", "alter.sql", "-v", "--no-copy"},
             {"schema-load", "-f", "syntax.sql", "-v", "--json", "--no-copy"},
             {"schema-load", "-f", "syntax.sql", "--no-transaction", "--no-copy"},
             {"schema-load", "-f", "notice.sql", "-v", "--no-copy"},
             {"schema-load", "-f", "sql/schema.sql", "--via", "psql", "--no-copy"},
             {"query", "role", "--dry-run"},
             {"query", "role", "--dry-run", "--json"},
             {"query", "role", "-v"},
             {"query", "role", "--json"},
             {"history"},
             {"history", "--json"}}) {
        const auto result = fixture.run(arguments).result();
        CAPTURE(arguments, result.exit_code, result.out, result.err);
        CHECK_FALSE(contains(result.out + result.err, "secret"));
    }
    const auto failed = fixture.run({"setup", "--no-seed"}).result();
    CHECK(failed.exit_code == 1);
    CHECK(contains(failed.err, "create role words_role login password '…';"));
    const auto plan = fixture.run({"schema-load", "-f", "alter.sql", "--dry-run"}).result();
    CHECK(contains(plan.out, "alter.sql:1: alter role words_role"));
    CHECK(DatabaseProject::ask_server(
              "select count(*) from pg_roles where rolname = 'words_role'") == "0");
}

TEST_CASE("what a variable with a secret's name holds is not repeated by the server's message")
{
    DatabaseProject fixture;
    fixture.project.write("sql/schema.sql",
                          "\\set db_password 'Hidden2Value'\nselect :'db_password'::int;\n");
    const CliResult set =
        fixture.run({"schema-load", "--json"}).with_secret("Hidden2Value").result();
    CHECK(set.exit_code == 1);
    fixture.project.write("sql/schema.sql", "select :'api_token'::int;\n");
    const CliResult given =
        fixture.run({"schema-load", "--set", "api_token=Hidden2Value"}).result();
    CHECK(given.exit_code == 1);
    CHECK_FALSE(contains(given.err, "Hidden2Value"));
    CHECK_FALSE(contains(fixture.run({"history", "--json"}).result().out, "Hidden2Value"));
}
