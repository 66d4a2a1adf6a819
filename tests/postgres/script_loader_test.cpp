#include "script/load/batch.hpp"
#include "script_bench.hpp"
#include "support/hashing_turn.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::script;
using namespace crudctl::tests;

TEST_CASE("files load in their order, and are committed")
{
    ScriptBench bench;
    const LoadReport report =
        bench.load({bench.file("schema.sql", "create table a (id int);\n"),
                    bench.file("seed.sql", "begin; insert into a values (1), (2); commit;")});
    CHECK(pg::Connection(bench.database().info()).exec("select count(*) from a").scalar() == "2");
    REQUIRE(report.files.size() == 2);
    CHECK(report.files[0].file == "schema.sql");
    CHECK(report.files[0].statements == 1);
    CHECK(report.files[0].rows == 0);
    CHECK(report.files[1].statements == 3);
    CHECK(report.files[1].rows == 2);
    CHECK(report.notes.empty());
}

TEST_CASE("loading the same file twice fails the second time and loses nothing")
{
    ScriptBench bench;
    bench.load("create table a (id int); insert into a values (1);");
    CHECK(std::string(bench.failure("create table a (id int); insert into a values (1);").what()) ==
          "a.sql:1:1: error: relation \"a\" already exists (SQLSTATE 42P07)");
    CHECK(bench.value("select count(*) from a") == "1");
}

TEST_CASE("COPY takes its data from the file, several times in one batch")
{
    ScriptBench bench;
    const LoadReport report = bench.load(
        "create table a (t text, u text);\ncopy a from stdin;\n\\\\.\t\\N\n\\N\tx\\ny\n\\.\n"
        "select 1; copy a from stdin csv;\n\"q\n;\",'\n\\.\ncopy a from stdin;\n\\.\n"
        "insert into a values ('z');");
    CHECK(report.files[0].rows == 4);
    CHECK(bench.value("select string_agg(coalesce(t, 'NULL') || '|' || coalesce(u, 'NULL'), ' ') "
                      "from a") == "\\.|NULL NULL|x\ny q\n;|' z|NULL");
}

TEST_CASE("nothing is sent of files of which one is refused")
{
    ScriptBench bench;
    const ScriptError error =
        bench.failure({bench.file("1.sql", "create table a (); select nextval('none');"),
                       bench.file("2.sql", "select 1;\ncommit;")});
    CHECK(std::string(error.what()).starts_with("2.sql:2:1: error: \"COMMIT\""));
}

TEST_CASE("what reads differently after a SET is read as the server does")
{
    ScriptBench bench;
    bench.load({bench.file("1.sql", "create table a (t text);\n"
                                    "set standard_conforming_strings = off;"
                                    "insert into a values ('a\\';b');"
                                    "set standard_conforming_strings = on;"
                                    "insert into a values ('c\\');"
                                    "set standard_conforming_strings = off;"),
                bench.file("2.sql", "insert into a values ('d\\');")});
    CHECK(bench.value("select string_agg(t, ' ') from a") == "a';b c\\ d\\");
}

TEST_CASE("standard_conforming_strings that is off for the database is honoured")
{
    ScriptBench bench;
    bench.load("create table a (t text);");
    bench.connection().exec("alter database " + bench.database().name() +
                            " set standard_conforming_strings = off");
    pg::Connection connection(bench.database().info());
    ScriptSettings settings;
    settings.backslashes = Backslashes::escape;
    script::load(connection,
                 read_script({bench.file("b.sql", "insert into a values ('a\\';b');")}, settings));
    // Whoever could not know it beforehand reads the file again.
    script::load(connection,
                 read_script({bench.file("c.sql", "insert into a values ('c\\\\d');")}));
    CHECK(bench.value("select string_agg(t, ' ') from a") == "a';b c\\d");
}

TEST_CASE("a change of reading that can't be followed is refused")
{
    ScriptBench bench;
    const ScriptError error =
        bench.failure("do $$ begin set standard_conforming_strings = off; end $$;\n"
                      "set client_encoding = 'UTF8';\nselect 1;");
    CHECK(std::string(error.what()) == "a.sql:3:1: error: standard_conforming_strings was changed "
                                       "in a way that can't be followed");
}

TEST_CASE("settings of one file reach neither the next one nor whoever comes after")
{
    ScriptBench bench;
    bench.load({bench.file("1.sql", "select pg_catalog.set_config('search_path', '', false);\n"
                                    "set statement_timeout = '1h'; set role pg_monitor;"
                                    "set client_encoding = 'LATIN1';"
                                    "set lock_timeout = '1h';"),
                bench.file("2.sql", "create temp table t (); prepare p as select 1;"
                                    "create table a ();")});
    CHECK(bench.objects() == "a");
    CHECK(bench.value("select current_setting('search_path')") == "\"$user\", public");
    CHECK(bench.value("select current_setting('statement_timeout')") == "0");
    CHECK(bench.value("select current_user::text") == "postgres");
    CHECK(bench.value("select count(*) from pg_prepared_statements where name = 'p'") == "0");
    CHECK(bench.connection().parameter("client_encoding") == "UTF8");
}

TEST_CASE("a connect command that is left out begins a session, as psql's does")
{
    ScriptBench bench;
    bench.settings().mode =
        GENERATE(TransactionMode::one, TransactionMode::one_each_file, TransactionMode::none);
    bench.settings().database = bench.database().name();
    bench.options().lock_timeout = std::chrono::seconds(7);
    bench.load("\\c\ncreate schema s; set search_path = s; set role pg_monitor;\n"
               "set standard_conforming_strings = off;\n\\connect -\n"
               "create table a as select current_user::text as role, '\\' as text,"
               " current_setting('lock_timeout') as patience;\n\\c\n");
    CHECK(bench.objects() == "a");
    CHECK(bench.value("select role || text from a") == "postgres\\");
    if (bench.settings().mode == TransactionMode::one) {
        CHECK(bench.value("select patience from a") == "7s");
    }
}

TEST_CASE("a file in another encoding loads where it says so, and is located where it doesn't")
{
    ScriptBench bench;
    bench.load("set client_encoding = 'LATIN1'; create table a as select '\xE4'::text as t;");
    CHECK(bench.value("select t from a") == "ä");
    const ScriptError error = bench.failure("select 1;\nselect 'ä\xE4';");
    CHECK(std::string(error.what()).starts_with("a.sql:2:10: error: invalid byte sequence"));
}

TEST_CASE("a CSV file finds its table whatever the file before it said of encodings and strings")
{
    ScriptBench bench;
    bench.load("create table \"ä\" (t text);");
    bench.load({bench.file("a.sql", "set client_encoding = 'LATIN1';"
                                    "set standard_conforming_strings = off; select 1;"),
                bench.file("ä.csv", "t\nö\\\n")});
    CHECK(bench.value("select t from \"ä\"") == "ö\\");
}

TEST_CASE("empty files load, with a note")
{
    ScriptBench bench;
    const LoadReport report =
        bench.load({bench.file("1.sql", "-- nothing\n"), bench.file("2.sql", "select 1"),
                    bench.file("3.sql", "")});
    CHECK(report.files.size() == 3);
    CHECK(report.notes.size() == 2);
    CHECK(bench.load("").notes.size() == 1);
}

TEST_CASE("rows that a COPY TO STDOUT or a SELECT sends are passed over")
{
    ScriptBench bench;
    CHECK(bench
              .load("copy (select generate_series(1, 10000)) to stdout;"
                    "select generate_series(1, 10000); create table a ();")
              .files[0]
              .rows == 0);
    CHECK(bench.objects() == "a");
}

TEST_CASE("progress is told in bytes and ends with all of them")
{
    ScriptBench bench;
    std::vector<std::size_t> told;
    std::size_t total = 0;
    bench.options().on_progress = [&](const LoadProgress& progress) {
        told.push_back(progress.bytes);
        total = progress.total_bytes;
    };
    bench.load({bench.file("1.sql", repeated("select 1;\n", BatchMaker::max_statements * 5 / 2)),
                bench.file("2.sql", "select 2")});
    CHECK(told.size() >= 4);
    CHECK(std::is_sorted(told.begin(), told.end()));
    CHECK(told.back() == total);
}

TEST_CASE("data larger than a batch stream through, in every transaction mode")
{
    ScriptBench bench;
    bench.settings().mode =
        GENERATE(TransactionMode::one, TransactionMode::one_each_file, TransactionMode::none);
    const std::string row = std::string(1000, 'x') + "\n";
    const std::string text = "create table a (t text);\ncopy a from stdin;\n" +
                             repeated(row, 3 * static_cast<int>(BatchMaker::max_bytes / 1000)) +
                             "\\.\ncopy a from stdin;\ny\n\\.\n";
    const LoadReport report = bench.load(text);
    CHECK(report.files[0].rows == 3 * (BatchMaker::max_bytes / 1000) + 1);
    const ScriptError error = [&] {
        bench.settings().mode = TransactionMode::one;
        return bench.failure("create table b (n int);\ncopy b from stdin;\n" +
                             repeated("1\n", 1000000) + "two\n" + repeated("1\n", 100000) +
                             "\\.\n");
    }();
    CHECK(error.failure().place.line == 1000003);
    CHECK(error.failure().source[1].ends_with("| two"));
}

TEST_CASE("a notice is placed at the statement that it is about")
{
    ScriptBench bench;
    std::vector<std::string> places;
    bench.options().on_notice = [&](const pg::Diagnostic& notice, const std::string& place,
                                    std::string_view /*sql*/) {
        places.push_back(place + " " + notice.primary);
    };
    bench.load("create table a ();\ncreate table if not exists a ();\nselect 1;\n"
               "create table if not exists a ();\n");
    CHECK(places == std::vector<std::string>{"a.sql:2 relation \"a\" already exists, skipping",
                                             "a.sql:4 relation \"a\" already exists, skipping"});
}

TEST_CASE("an included file that destroys only since it was judged is refused, and nothing stays")
{
    ScriptBench bench;
    bench.load("create table kept ();");
    bench.file("part.sql", "create table a ();");
    const Script script = read_script({bench.file("all.sql", "create table b ();\n\\ir part.sql")});
    CHECK(script.effect.worst() == Effect::adds);
    bench.file("part.sql", "drop table kept;");
    pg::Connection connection(bench.database().info());
    CHECK_THROWS_WITH(script::load(connection, script),
                      Catch::Contains("part.sql:1:1: error: this was not there when the files"));
    CHECK(bench.objects() == "kept");
}

TEST_CASE("what is written into between its last byte and the commit is not committed")
{
    constexpr std::size_t large = std::size_t{2} << 20U; // hashed aside
    ScriptBench bench;
    const ScriptFile file = bench.file("a.sql", "create table a ();" + std::string(large, '\n'));
    HashingTurn other;
    const Script script = read_script({file});
    LoadOptions options;
    options.before_commit = [&] {
        std::ofstream(file.path, std::ios::app) << "-- one thing more\n";
        other.pass_on();
    };
    pg::Connection connection(bench.database().info());
    CHECK_THROWS_WITH(script::load(connection, script, options),
                      "\"a.sql\" was changed while it was being read");
    CHECK(bench.objects() == "");
}
