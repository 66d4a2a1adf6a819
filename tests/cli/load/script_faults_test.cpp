#include "cli/database_project.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <filesystem>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

std::size_t count_of(const std::string& part, const std::string& text)
{
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++count;
    }
    return count;
}

} // namespace

TEST_CASE("a flood of notices is shown up to a bound, each with its place, and nothing in it acts")
{
    const DatabaseProject fixture;
    fixture.project.write("sql/schema.sql",
                          "create table a ();\n"
                          "do $$ begin raise warning E'red \\x1b[31m \\u202e\\r\\ntwo'; end $$;\n"
                          "do $$ begin for i in 1..300000 loop raise notice 'no %', i; end loop;"
                          " end $$;\n"
                          "do $$ begin raise warning 'after the flood'; end $$;\n");
    const CliResult result = fixture.run({"schema-load"}).result();
    CHECK(result.exit_code == 0);
    CHECK(contains(result.err, "warning  sql/schema.sql:2: red "));
    CHECK(result.err.find('\x1b') == std::string::npos);
    CHECK(result.err.find('\r') == std::string::npos);
    CHECK_FALSE(contains(result.err, "\ntwo"));
    CHECK_FALSE(contains(result.err, "\u202e"));
    CHECK(contains(result.err, "notice   sql/schema.sql:3: no 1\n"));
    CHECK(contains(result.err, "warning  sql/schema.sql:4: after the flood\n"));
    CHECK(contains(result.err, "not shown: 299980 notices more\n"));
    CHECK(count_of("sql/schema.sql:3: no ", result.err) < 50);
    CHECK(result.err.size() < 4000);
    if (peak_is_ours) {
        CHECK(result.peak_bytes < std::size_t{32} << 20U);
    }
}

TEST_CASE("a file that is no SQL, or no file, is refused before anything is sent")
{
    const DatabaseProject fixture;
    const auto file = fixture.project.root() / "sql/schema.sql";
    struct Case {
        std::string text;
        int exit_code;
        const char* message;
    };
    for (const Case& wrong : std::vector<Case>{
             {std::string("s\0e\0l\0", 6), 1, "sql/schema.sql:1:2: error: a NUL byte"},
             {std::string("\xFF\xFEs\0", 4), 1, "sql/schema.sql:1:1: error: the file is UTF-16"},
             {"select 1;\n\nselect $a$ x;\n", 1, "sql/schema.sql:3:8: error: unterminated"},
             {"select /* /* */ 1;\n", 1, "sql/schema.sql:1:8: error: unterminated"},
             {"create table a ();\ncopy a from stdin;\n1\n", 1, "sql/schema.sql:2:1: error: COPY"},
             {"select 1;\n\\i ../sql\n", 3, "sql/schema.sql:2:1: error: "}}) {
        fixture.project.write("sql/schema.sql", wrong.text);
        const CliResult result = fixture.run({"schema-load"}).result();
        INFO(result.err);
        CHECK(result.exit_code == wrong.exit_code);
        CHECK(contains(result.err, wrong.message));
        CHECK(contains(result.err, "nothing was run"));
    }
    std::filesystem::remove(file);
    std::filesystem::create_directory(file);
    CHECK(fixture.run({"schema-load"}).result().exit_code == 3);
    std::filesystem::remove(file);
    CHECK(fixture.run({"schema-load"}).result().exit_code == 3);
    CHECK(fixture.ask("select count(*) from pg_class where relname = 'a'") == "0");
}

TEST_CASE("a session that is ended in a load tells by whom, at which statement")
{
    const DatabaseProject fixture;
    fixture.project.write("sql/schema.sql",
                          "create table a ();\ncreate table b ();\n"
                          "select pg_terminate_backend(pg_backend_pid());\nselect 1;\n");
    for (const char* command : {"schema-load", "setup"}) {
        const CliResult result = fixture.run({command}).result();
        INFO(result.err);
        CHECK(result.exit_code == 1);
        CHECK(contains(result.err,
                       "lost the connection to the server: terminating connection due to "
                       "administrator command (SQLSTATE 57P01) (while sql/schema.sql:3 was "
                       "running)"));
        CHECK(contains(result.err, fixture.database.name() + " is exactly as it was"));
    }
}

TEST_CASE("an empty file is a note, and a byte order mark and Windows line ends are no obstacle")
{
    const DatabaseProject fixture;
    fixture.project.write("sql/schema.sql", "\xEF\xBB\xBF-- nothing yet\r\n");
    const CliResult empty = fixture.run({"schema-load"}).result();
    CHECK(empty.exit_code == 0);
    CHECK(contains(empty.err, "sql/schema.sql: no statement in it"));
    fixture.project.write("sql/schema.sql", "\xEF\xBB\xBF"
                                            "create table a (t text);\r\n"
                                            "copy a from stdin;\r\nx\r\n\\.\r\n"
                                            "insert into a values ('y\r\nz');\r\n");
    CHECK(fixture.run({"schema-load"}).result().exit_code == 0);
    CHECK(fixture.ask("select string_agg(t, '|') from a") == "x|y\r\nz");
}

TEST_CASE("an error is reported with its line, the character, and what the server knows of it")
{
    const DatabaseProject fixture;
    fixture.project.write("sql/schema.sql", "create table größe (id int primary key);\n"
                                            "do $$ begin\n  insert into größe values (1);\n"
                                            "  insert into größe values (1);\nend $$;\n");
    const CliResult in_block = fixture.run({"schema-load"}).result();
    CHECK(in_block.exit_code == 1);
    CHECK(contains(in_block.err, "sql/schema.sql:2:1: error: duplicate key value violates unique "
                                 "constraint \"größe_pkey\" (SQLSTATE 23505)\n"));
    CHECK(contains(in_block.err, "  detail: Key (id)=(1) already exists.\n"));
    CHECK(contains(in_block.err, "PL/pgSQL function inline_code_block line 3 at SQL statement"));
    CHECK(contains(in_block.err, "  statement 2 of 2 in sql/schema.sql\n"));
    CHECK(
        contains(in_block.err, fixture.database.name() +
                                   " is exactly as it was, but for numbers that sequences gave\n"));

    fixture.project.write("sql/schema.sql",
                          "create table a (id int);\n\tselect 'ä日🦊', nix;\n");
    const CliResult at_character = fixture.run({"schema-load"}).result();
    CHECK(contains(at_character.err, "sql/schema.sql:2:16: error: column \"nix\""));

    fixture.project.write("sql/schema.sql", "create table a (id int);\ncopy a from stdin;\n"
                                            "1\n2\n3\n4\n5\n6\nseven\n\\.\n");
    const CliResult in_data = fixture.run({"schema-load"}).result();
    CHECK(contains(in_data.err, "sql/schema.sql:9:1: error: invalid input syntax"));
    CHECK(contains(in_data.err, "context: COPY a, line 7, column id: \"seven\""));
    CHECK(fixture.ask("select to_regclass('a') is null") == "t");
}

TEST_CASE("an SQL error's fields are in --json as people are told them")
{
    const DatabaseProject fixture;
    fixture.project.write("sql/schema.sql",
                          "create table a (id int primary key);\ndo $$ begin\n"
                          "  insert into a values (1), (1);\nend $$;\nselect 1;\n");
    const CliResult result = fixture.run({"schema-load", "--json"}).result();
    CHECK(result.exit_code == 1);
    const auto error = nlohmann::json::parse(result.out).at("error");
    INFO(error.dump(2));
    CHECK(error.at("file") == "sql/schema.sql");
    CHECK(error.at("line") == 2);
    CHECK(error.at("column") == 1);
    CHECK(error.at("statement") == 2);
    CHECK(error.at("statements") == 3);
    CHECK(error.at("sqlstate") == "23505");
    CHECK(error.at("detail") == "Key (id)=(1) already exists.");
    CHECK(contains(error.at("message"), "duplicate key value"));
    CHECK(contains(error.at("context"), "PL/pgSQL function inline_code_block line 2"));
    CHECK(contains(error.at("state"), "is exactly as it was"));
    CHECK(error.at("source").at(1) == "  2 | do $$ begin");
    CHECK(error.at("exit_code") == 1);
    CHECK_FALSE(error.contains("query"));

    fixture.project.write("sql/schema.sql", "do $$ begin execute 'select none'; end $$;\n");
    const CliResult inside = fixture.run({"schema-load", "--json"}).result();
    CHECK(nlohmann::json::parse(inside.out).at("error").at("query") ==
          nlohmann::json({"  1 | select none", "    |        ^"}));
}

TEST_CASE(
    "what can't run in a transaction with others runs in setup, and elsewhere names the way out")
{
    const DatabaseProject fixture;
    fixture.project.write("crudctl.toml", "[project]\nschema = [\"sql/type.sql\", "
                                          "\"sql/schema.sql\"]\n[profiles.local]\n"
                                          "url = \"${CONNECTION_URL}\"\n");
    fixture.project.write("sql/type.sql", "create type e as enum ('x');\n");
    fixture.project.write("sql/schema.sql", "alter type e add value 'y';\n"
                                            "create table a (e e default 'y');\n"
                                            "create index concurrently i on a (e);\nvacuum a;\n"
                                            "insert into a default values;\n");
    // From version 17 on a new value may be used where the type itself is as new.
    REQUIRE(fixture.run({"schema-load", "-f", "sql/type.sql"}).result().exit_code == 0);
    const CliResult live = fixture.run({"schema-load", "-f", "sql/schema.sql"}).result();
    CHECK(live.exit_code == 1);
    CHECK(contains(live.err, "sql/schema.sql:2:29: error: unsafe use of new value \"y\""));
    CHECK(contains(live.err, "--no-transaction"));
    CHECK(fixture.ask("select string_agg(enumlabel, '') from pg_enum") == "x");
    CHECK(fixture.run({"setup", "--no-seed"}).result().exit_code == 0);
    CHECK(fixture.ask("select e from a") == "y");
}

TEST_CASE("seeds that fail leave the rows that were there, whichever of their statements fails")
{
    const DatabaseProject fixture;
    REQUIRE(fixture.run({"setup"}).result().exit_code == 0);
    const std::string rows = fixture.ask("select count(*) from activities");
    fixture.project.write("sql/seed.sql", "insert into users (handle, display_name, email, "
                                          "cognito_user_id)\nvalues ('dot', 'Dot', 'd@x', 'dot'),"
                                          "\n('ada', 'Ada', 'a@x', 'seed-ada');\n");
    const CliResult twice = fixture.run({"seed"}).result();
    CHECK(twice.exit_code == 1);
    CHECK(contains(twice.err, "sql/seed.sql:1:1: error: duplicate key value"));
    fixture.project.write("sql/seed.sql", "delete from activities;\n"
                                          "insert into activities (user_uuid) values ('x');\n");
    const CliResult wrong =
        fixture.run({"seed", "--confirm", fixture.database.name() + "@local"}).result();
    CHECK(wrong.exit_code == 1);
    CHECK(contains(wrong.err, "sql/seed.sql:2:44: error: invalid input syntax for type uuid"));
    CHECK(fixture.ask("select count(*) from users") == "3");
    CHECK(fixture.ask("select count(*) from activities") == rows);
}

TEST_CASE("a statement_timeout that ends a load is named with who set it")
{
    const DatabaseProject fixture;
    pg::Connection(TestCluster::running().info())
        .exec(fmt::format("alter role postgres in database {} set statement_timeout = '150ms'",
                          fixture.database.name()));
    fixture.project.write("slow.sql", "select 1;\nselect pg_sleep(5);\n");
    const auto result = fixture.expect({"schema-load", "-f", "slow.sql"}, 1);
    CHECK(contains(result.err, "slow.sql:2"));
    CHECK(contains(result.err, "statement_timeout is 150ms by ALTER ROLE … IN DATABASE … SET"));
    fixture.project.write("slow.sql", "set statement_timeout = 0;\nselect pg_sleep(0.3);\n");
    fixture.expect({"schema-load", "-f", "slow.sql"}, 0);
}
