#include "script/batch.hpp"
#include "script/loader.hpp"
#include "script/script_error.hpp"
#include "support/temp_cluster.hpp"
#include "support/temp_folder.hpp"
#include "support/text.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>

using namespace crudctl;
using namespace crudctl::script;
using crudctl::tests::TempDatabase;
using crudctl::tests::TempFolder;

namespace {

/// A database, a session in it, and a folder for the files that are loaded into it.
class Bench {
public:
    explicit Bench(const std::string& create_options = {})
        : m_maintenance(m_database.info().with_database("postgres")),
          m_connection(m_database.info())
    {
        if (!create_options.empty()) {
            m_other = m_database.name() + "_2";
            m_maintenance.exec("create database " + m_other + " " + create_options);
            m_connection = pg::Connection(m_database.info().with_database(m_other));
        }
        m_options.state_after_failure = "it is as it was";
    }
    ~Bench()
    {
        if (!m_other.empty()) {
            m_maintenance.exec("drop database " + m_other + " with (force)");
        }
    }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;

    ScriptFile file(const std::string& name, std::string_view text)
    {
        return {m_folder.write(name, text), name};
    }
    LoadReport load(const std::vector<ScriptFile>& files)
    {
        return script::load(m_connection, read_script(files, m_settings), m_options);
    }
    LoadReport load(std::string_view text) { return load({file("a.sql", text)}); }

    /// How a load fails that has to; everything is checked to be as it was.
    ScriptError failure(const std::vector<ScriptFile>& files)
    {
        const std::string before = objects();
        try {
            load(files);
        } catch (const ScriptError& error) {
            CHECK(objects() == before);
            CHECK(m_connection.transaction_status() == pg::Connection::TransactionStatus::idle);
            return error;
        }
        throw std::logic_error("the load succeeded");
    }
    ScriptError failure(std::string_view text) { return failure({file("a.sql", text)}); }

    std::string value(const std::string& query)
    {
        return m_connection.exec(query).scalar().value_or("null");
    }
    std::string objects()
    {
        return value("select coalesce(string_agg(relname, ',' order by relname), '') "
                     "from pg_class where relnamespace = 'public'::regnamespace");
    }
    pg::Connection& connection() { return m_connection; }
    LoadOptions& options() { return m_options; }
    ScriptSettings& settings() { return m_settings; }
    const TempDatabase& database() const { return m_database; }

private:
    TempDatabase m_database;
    TempFolder m_folder;
    pg::Connection m_maintenance;
    pg::Connection m_connection;
    std::string m_other;
    LoadOptions m_options;
    ScriptSettings m_settings;
};

std::string repeated(std::string_view text, int count)
{
    std::string result;
    for (int i = 0; i < count; ++i) {
        result += text;
    }
    return result;
}

} // namespace

TEST_CASE("files load in their order, and are committed")
{
    Bench bench;
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

TEST_CASE("a failure in the last file undoes the first one")
{
    Bench bench;
    const ScriptError error = bench.failure({bench.file("schema.sql", "create table a (id int);"),
                                             bench.file("seed.sql", "insert into b values (1);")});
    CHECK(error.code() == ExitCode::failed);
    CHECK(std::string(error.what()) ==
          "seed.sql:1:13: error: relation \"b\" does not exist (SQLSTATE 42P01)");
    CHECK(error.report_lines() ==
          std::vector<std::string>{"  1 | insert into b values (1);", "    |             ^",
                                   "  statement 1 of 1 in seed.sql", "  it is as it was"});
}

TEST_CASE("loading the same file twice fails the second time and loses nothing")
{
    Bench bench;
    bench.load("create table a (id int); insert into a values (1);");
    CHECK(std::string(bench.failure("create table a (id int); insert into a values (1);").what()) ==
          "a.sql:1:1: error: relation \"a\" already exists (SQLSTATE 42P07)");
    CHECK(bench.value("select count(*) from a") == "1");
}

TEST_CASE("with a transaction for each file what was committed stays")
{
    Bench bench;
    bench.settings().mode = TransactionMode::one_each_file;
    CHECK_THROWS_AS(bench.load({bench.file("1.sql", "create table a ();"),
                                bench.file("2.sql", "create table b (); select x;")}),
                    ScriptError);
    CHECK(bench.objects() == "a");
}

TEST_CASE("a syntax error is found by its character, whatever stands before it")
{
    Bench bench;
    const ScriptError error = bench.failure("\xEF\xBB\xBF-- größer\r\nselect 'ä日本🦊';\r\n"
                                            "\tselect 'ü', /* ß */ fron;\r\n");
    CHECK(std::string(error.what()) ==
          "a.sql:3:22: error: column \"fron\" does not exist (SQLSTATE 42703)");
    CHECK(error.failure().source[2] == "    |                         ^");
    CHECK(error.failure().statement == 2);
    CHECK(error.failure().statements == 2);
}

TEST_CASE("a SQL_ASCII server counts bytes, and the column comes out the same")
{
    Bench bench("template template0 encoding 'SQL_ASCII' locale 'C'");
    CHECK(std::string(bench.failure("select 'äöü', fron;").what()).starts_with("a.sql:1:15: "));
}

TEST_CASE("an error at run time names its statement, in whichever batch it is")
{
    Bench bench;
    static constexpr int one_batch = BatchMaker::max_statements;
    const int before = GENERATE(0, 1, one_batch, one_batch * 5 / 2);
    const ScriptError error =
        bench.failure(repeated("select 1;\n", before) + "  select 1/0;\nselect 2;\n");
    CHECK(std::string(error.what()) ==
          fmt::format("a.sql:{}:3: error: division by zero (SQLSTATE 22012)", before + 1));
    CHECK(error.failure().statement == static_cast<std::size_t>(before) + 1);
}

TEST_CASE("rules that give more results or none do not shift the blame")
{
    Bench bench;
    bench.load("create table a (id int); create table b (id int); create table c (id int);"
               "create rule r1 as on insert to a do also select 1;"
               "create rule r2 as on insert to a do also select 2;"
               "create rule r3 as on insert to b do instead nothing;"
               "create rule r4 as on insert to c do instead (select 1; select 2 where false);");
    const ScriptError error =
        bench.failure("insert into a values (1), (2);\ninsert into b values (1);\n"
                      "insert into c values (1);\nselect 1/0;\nselect 1;");
    CHECK(error.failure().place.line == 4);
    CHECK(error.failure().statement == 4);
}

TEST_CASE("an error inside a function shows the server's context")
{
    Bench bench;
    const ScriptError error = bench.failure(
        "create function f() returns int language plpgsql as $$\nbegin\n return 1/0;\nend $$;\n"
        "select f();");
    CHECK(error.failure().place.line == 5);
    // What kind of expression it is called depends on the server's version.
    CHECK(error.report_lines()[3].starts_with("  context: "));
    CHECK(error.report_lines()[3].ends_with(" expression \"1/0\""));
    CHECK(error.report_lines()[4] == "           PL/pgSQL function f() line 3 at RETURN");
}

TEST_CASE("a position in a text that was sent earlier does not mislead")
{
    Bench bench;
    const std::string between = GENERATE("select 'text that is long enough for any position';",
                                         "set client_encoding = 'UTF8';");
    const ScriptError error =
        bench.failure("create table a (x int, y int); prepare q as select x, y from a;\n"
                      "set client_encoding = 'UTF8';\nalter table a drop column y;\n" +
                      between + "\nexecute q;");
    CHECK(error.failure().place.line == 5);
}

TEST_CASE("a deferred constraint fails at the commit, and is said to")
{
    Bench bench;
    bench.load("create table a (id int primary key);"
               "create table b (id int references a deferrable initially deferred);");
    const ScriptError error = bench.failure("insert into b values (7);\nselect 1;");
    CHECK(std::string(error.what()) ==
          "a.sql: error: at the commit, a deferred constraint: insert or update on table \"b\" "
          "violates foreign key constraint \"b_id_fkey\" (SQLSTATE 23503)");
    CHECK(error.report_lines() ==
          std::vector<std::string>{"  detail: Key (id)=(7) is not present in table \"a\".",
                                   "  it is as it was"});
    CHECK(bench.value("select count(*) from b") == "0");
}

TEST_CASE("COPY takes its data from the file, several times in one batch")
{
    Bench bench;
    const LoadReport report = bench.load(
        "create table a (t text, u text);\ncopy a from stdin;\n\\\\.\t\\N\n\\N\tx\\ny\n\\.\n"
        "select 1; copy a from stdin csv;\n\"q\n;\",'\n\\.\ncopy a from stdin;\n\\.\n"
        "insert into a values ('z');");
    CHECK(report.files[0].rows == 4);
    CHECK(bench.value("select string_agg(coalesce(t, 'NULL') || '|' || coalesce(u, 'NULL'), ' ') "
                      "from a") == "\\.|NULL NULL|x\ny q\n;|' z|NULL");
}

TEST_CASE("a bad row of a COPY is reported by its line")
{
    Bench bench;
    const ScriptError error = bench.failure("create table a (id int);\ncopy a from stdin;\n1\n2\n"
                                            "x\n4\n\\.\nselect 1;\n");
    CHECK(std::string(error.what()) == "a.sql:5:1: error: invalid input syntax for type integer: "
                                       "\"x\" (SQLSTATE 22P02)");
    CHECK(error.failure().context == "COPY a, line 3, column id: \"x\"");
}

TEST_CASE("nothing is sent of files of which one is refused")
{
    Bench bench;
    const ScriptError error =
        bench.failure({bench.file("1.sql", "create table a (); select nextval('none');"),
                       bench.file("2.sql", "select 1;\ncommit;")});
    CHECK(std::string(error.what()).starts_with("2.sql:2:1: error: \"COMMIT\""));
}

TEST_CASE("a COMMIT inside of a DO block is refused by the server, and nothing stays")
{
    Bench bench;
    const ScriptError error = bench.failure("create table a ();\ndo $$ begin commit; end $$;");
    CHECK(error.failure().sqlstate == "2D000");
    CHECK(error.failure().place.line == 2);
}

TEST_CASE("what reads differently after a SET is read as the server does")
{
    Bench bench;
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
    Bench bench;
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
    Bench bench;
    const ScriptError error =
        bench.failure("do $$ begin set standard_conforming_strings = off; end $$;\n"
                      "set client_encoding = 'UTF8';\nselect 1;");
    CHECK(std::string(error.what()) == "a.sql:3:1: error: standard_conforming_strings was changed "
                                       "in a way that can't be followed");
}

TEST_CASE("settings of one file reach neither the next one nor whoever comes after")
{
    Bench bench;
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

TEST_CASE("a file in another encoding loads where it says so, and is located where it doesn't")
{
    Bench bench;
    bench.load("set client_encoding = 'LATIN1'; create table a as select '\xE4'::text as t;");
    CHECK(bench.value("select t from a") == "ä");
    const ScriptError error = bench.failure("select 1;\nselect 'ä\xE4';");
    CHECK(std::string(error.what()).starts_with("a.sql:2:10: error: invalid byte sequence"));
}

TEST_CASE("what can't run inside a transaction is told with the way out")
{
    Bench bench;
    const ScriptError error = bench.failure("create table a ();\nvacuum a;");
    CHECK(std::string(error.what()) ==
          "a.sql:2:1: error: VACUUM cannot run inside a transaction block (SQLSTATE 25001)");
    CHECK(error.hint().find("one transaction") != std::string::npos);
    bench.load("create type e as enum ('x');");
    CHECK_FALSE(bench.failure("alter type e add value 'y'; select 'y'::e;").hint().empty());
}

TEST_CASE("a lock that is not to be had is busy, not failed")
{
    Bench bench;
    bench.load("create table a (id int);");
    pg::Connection other(bench.database().info());
    other.exec_script("begin; lock table a");
    const ScriptError error = bench.failure("set lock_timeout = '50ms';\nalter table a add b int;");
    CHECK(error.code() == ExitCode::busy);
    CHECK(error.failure().place.line == 2);
    CHECK_FALSE(error.hint().empty());
}

TEST_CASE("a session that ends before the commit leaves everything as it was")
{
    Bench bench;
    try {
        bench.load("create table a ();\nselect pg_terminate_backend(pg_backend_pid());\nselect 1;");
        FAIL("it was loaded");
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::failed);
    }
    CHECK(pg::Connection(bench.database().info()).exec("select to_regclass('a')").scalar() ==
          std::nullopt);
}

TEST_CASE("a session that ends during the commit leaves the outcome unknown")
{
    Bench bench;
    try {
        bench.load("create table a (id int);\n"
                   "create function f() returns trigger language plpgsql as "
                   "$$begin perform pg_terminate_backend(pg_backend_pid()); return null; end$$;\n"
                   "create constraint trigger t after insert on a deferrable initially deferred "
                   "for each row execute function f();\ninsert into a values (1);");
        FAIL("it was loaded");
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::unknown);
        CHECK(std::string(error.what()).starts_with("the commit of a.sql was under way"));
    }
}

TEST_CASE("aside, a session that ends during a CSV file's commit has failed, and no more")
{
    Bench bench;
    bench.settings().mode = TransactionMode::one_each_file;
    bench.load("create table a (id int);\n"
               "create function f() returns trigger language plpgsql as "
               "$$begin perform pg_terminate_backend(pg_backend_pid()); return null; end$$;\n"
               "create constraint trigger t after insert on a deferrable initially deferred "
               "for each row execute function f();");
    try {
        bench.load({bench.file("a.csv", "id\n1\n")});
        FAIL("it was loaded");
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::failed);
        CHECK(std::string(error.what()).find("a.csv") != std::string::npos);
    }
}

TEST_CASE("empty files load, with a note")
{
    Bench bench;
    const LoadReport report =
        bench.load({bench.file("1.sql", "-- nothing\n"), bench.file("2.sql", "select 1"),
                    bench.file("3.sql", "")});
    CHECK(report.files.size() == 3);
    CHECK(report.notes.size() == 2);
    CHECK(bench.load("").notes.size() == 1);
}

TEST_CASE("rows that a COPY TO STDOUT or a SELECT sends are passed over")
{
    Bench bench;
    CHECK(bench
              .load("copy (select generate_series(1, 10000)) to stdout;"
                    "select generate_series(1, 10000); create table a ();")
              .files[0]
              .rows == 0);
    CHECK(bench.objects() == "a");
}

TEST_CASE("progress is told in bytes and ends with all of them")
{
    Bench bench;
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

TEST_CASE("aside, what can't run in a transaction runs in a smaller one")
{
    Bench bench;
    bench.settings().mode = TransactionMode::one_each_file;
    bench.load("create type e as enum ('x');\nalter type e add value 'y';\nselect 'y'::e;\n"
               "create table a (id int);\ncopy a from stdin;\n1\n2\n\\.\n"
               "create index concurrently i on a (id);\ndo $$ begin commit; end $$;\nvacuum a;\n"
               "insert into a values (3);");
    CHECK(bench.value("select count(*) from a") == "3");
    CHECK(bench.value("select count(*) from pg_index where indisvalid and indexrelid = "
                      "'i'::regclass") == "1");
}

TEST_CASE("aside, what names the target is done to what stands in for it")
{
    Bench bench;
    bench.settings().mode = TransactionMode::one_each_file;
    bench.settings().database = "cruddur";
    bench.options().stand_in = bench.database().name();
    bench.load("alter database Cruddur set work_mem = '3MB';\n"
               "grant connect on database \"cruddur\" to pg_monitor;");
    CHECK(bench.value("select setconfig::text from pg_db_role_setting where setdatabase = "
                      "(select oid from pg_database where datname = current_database())") ==
          "{work_mem=3MB}");
    CHECK(bench.load("comment on database Cruddur is 'ours';").put_off ==
          std::vector<std::string>{"comment on database Cruddur is 'ours';"});
    const ScriptError error =
        bench.failure("select 1;\nalter database cruddur set work_mam = '3MB';");
    CHECK(error.failure().place.line == 2);
    CHECK(bench.failure("grant connect on database cruddur to  nobody;").failure().place.line == 1);
}

TEST_CASE("without a transaction what ran before a failure stays, and is said to")
{
    Bench bench;
    bench.settings().mode = TransactionMode::none;
    try {
        bench.load("create table a (id int);\nvacuum a;\nbegin;\ninsert into a values (1);\n"
                   "commit;\nselect 1/0;");
        FAIL("it was loaded");
    } catch (const ScriptError& error) {
        CHECK(error.failure().place.line == 6);
        CHECK(error.failure().state.starts_with("5 statements before it stay done"));
    }
    CHECK(bench.value("select count(*) from a") == "1");
    CHECK_THROWS_WITH(bench.load("begin;\ninsert into a values (2);"),
                      "\"a.sql\" leaves a transaction open, which is undone");
    CHECK(bench.value("select count(*) from a") == "1");
}

TEST_CASE("data larger than a batch stream through, in every transaction mode")
{
    Bench bench;
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
    Bench bench;
    std::vector<std::string> places;
    bench.options().on_notice = [&](const pg::Diagnostic& notice, const std::string& place) {
        places.push_back(place + " " + notice.primary);
    };
    bench.load("create table a ();\ncreate table if not exists a ();\nselect 1;\n"
               "create table if not exists a ();\n");
    CHECK(places == std::vector<std::string>{"a.sql:2 relation \"a\" already exists, skipping",
                                             "a.sql:4 relation \"a\" already exists, skipping"});
}

TEST_CASE("who holds a lock is named when it is not to be had")
{
    Bench bench;
    bench.load("create table a (id int);");
    pg::Connection other(bench.database().info().with("application_name", "a long report"));
    other.exec_script("begin; lock table a");
    bench.options().lock_timeout = std::chrono::milliseconds(600);
    bench.options().find_blockers = [&](int) { return std::string("a long report (pid 7)"); };
    const ScriptError error = bench.failure("alter table a add b int;");
    CHECK(error.code() == ExitCode::busy);
    CHECK(error.failure().detail == "the lock is held by a long report (pid 7)");
}

TEST_CASE("a file that ends our transaction unnoticed is caught before the commit")
{
    Bench bench;
    bench.load("create extension if not exists plpgsql; create table a (id int);");
    // What psql could not do either: the words come from a function of another language.
    const Script script = read_script({bench.file("b.sql", "insert into a values (1);")});
    pg::Connection connection(bench.database().info());
    LoadOptions options;
    options.on_progress = [&](const LoadProgress& progress) {
        if (progress.bytes == progress.total_bytes && progress.statements == 1) {
            connection.exec_script("commit; begin");
        }
    };
    try {
        script::load(connection, script, options);
        FAIL("it was loaded");
    } catch (const Error& error) {
        CHECK(std::string(error.what()).starts_with("the files ended the transaction"));
        CHECK(error.code() == ExitCode::failed);
    }
}

TEST_CASE("hints say what the server does not know")
{
    Bench bench;
    CHECK(bench.failure("select 1;\nset transaction_timeoutt = 0;")
              .hint()
              .find("--ignore-unknown-settings") != std::string::npos);
    CHECK(bench.failure("create table a (id uuid default uuid_generate_v4());").hint() ==
          "the extension \"uuid-ossp\" has it: create extension if not exists \"uuid-ossp\"");
    CHECK(bench.failure("create table a (t citext);").hint() ==
          "the extension \"citext\" has it: create extension if not exists \"citext\"");
    CHECK(bench.failure("create table a (id int references b);\ncreate table b (id int);").hint() ==
          "\"b\" is created only later, in a.sql:2");
    CHECK(
        bench.failure("create table a (id int);\nset search_path = '';\nselect * from a;").hint() ==
        "search_path was set in a.sql:2: write \"a\" with its schema before it");
    bench.options().ignores_unknown_settings = true;
    CHECK(bench.load("set transaction_timeoutt = 0; set work_mem = '4MB'; set my.own = 1;").notes ==
          std::vector<std::string>{
              "a.sql:1: left out, since this server has no such setting: transaction_timeoutt"});
}

TEST_CASE("an error in the body of a function that is made points into the body")
{
    Bench bench;
    CHECK(std::string(bench
                          .failure("select 1;\ncreate function f() returns int language plpgsql as "
                                   "$$\nbegin\n  /* ä */ retrun 1;\nend $$;")
                          .what()) ==
          "a.sql:4:11: error: syntax error at or near \"retrun\" (SQLSTATE 42601)");
    CHECK(std::string(bench
                          .failure("select 1;\ncreate function f() returns int language sql as '\n"
                                   "  select ''ä'', nothing';")
                          .what())
              .starts_with("a.sql:3:17: error: column \"nothing\" does not exist"));
}

TEST_CASE("an error inside a function shows the query there")
{
    Bench bench;
    const ScriptError error =
        bench.failure("do $$ begin\n  execute 'select 1;\n select ''ä'', nothing';\nend $$;");
    const std::vector<std::string>& query = error.failure().inner_query;
    REQUIRE(query.size() == 3);
    const std::string before = query[1].substr(0, query[1].find("nothing"));
    CHECK(query[2].find('^') == display_width(before));
}

TEST_CASE("an included file that destroys only since it was judged is refused, and nothing stays")
{
    Bench bench;
    bench.load("create table kept ();");
    bench.file("part.sql", "create table a ();");
    const Script script = read_script({bench.file("all.sql", "create table b ();\n\\ir part.sql")});
    CHECK_FALSE(script.effect.destroys);
    bench.file("part.sql", "drop table kept;");
    pg::Connection connection(bench.database().info());
    CHECK_THROWS_WITH(script::load(connection, script),
                      Catch::Contains("part.sql:1:1: error: this was not there when the files"));
    CHECK(bench.objects() == "kept");
}
