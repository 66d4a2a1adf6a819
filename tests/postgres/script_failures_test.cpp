#include "script/load/batch.hpp"
#include "script_bench.hpp"
#include "support/text/text.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::script;
using namespace crudctl::tests;

TEST_CASE("a failure in the last file undoes the first one")
{
    ScriptBench bench;
    const ScriptError error = bench.failure({bench.file("schema.sql", "create table a (id int);"),
                                             bench.file("seed.sql", "insert into b values (1);")});
    CHECK(error.code() == ExitCode::failed);
    CHECK(std::string(error.what()) ==
          "seed.sql:1:13: error: relation \"b\" does not exist (SQLSTATE 42P01)");
    CHECK(error.report_lines() ==
          std::vector<std::string>{"  1 | insert into b values (1);", "    |             ^",
                                   "  statement 1 of 1 in seed.sql", "  it is as it was"});
}

TEST_CASE("a syntax error is found by its character, whatever stands before it")
{
    ScriptBench bench;
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
    ScriptBench bench("template template0 encoding 'SQL_ASCII' locale 'C'");
    CHECK(std::string(bench.failure("select 'äöü', fron;").what()).starts_with("a.sql:1:15: "));
}

TEST_CASE("an error at run time names its statement, in whichever batch it is")
{
    ScriptBench bench;
    static constexpr int one_batch = BatchMaker::max_statements;
    const int before = GENERATE(0, 1, one_batch, one_batch * 5 / 2);
    const ScriptError error =
        bench.failure(repeated("select 1;\n", before) + "  select 1/0;\nselect 2;\n");
    CHECK(std::string(error.what()) ==
          fmt::format("a.sql:{}:3: error: division by zero (SQLSTATE 22012)", before + 1));
    CHECK(error.failure().statement == static_cast<std::size_t>(before) + 1);
}

TEST_CASE("the first error of a file is the one that is shown, whatever stands below it")
{
    ScriptBench bench;
    CHECK(std::string(bench.failure("select 1;\nselect 1/0;\ncreate tabel a ();\n").what()) ==
          "a.sql:2:1: error: division by zero (SQLSTATE 22012)");
    CHECK(std::string(bench.failure("/* c */\n\n\nselect\n\n\n  1,\n  none;\nselect 1/0").what()) ==
          "a.sql:8:3: error: column \"none\" does not exist (SQLSTATE 42703)");
}

TEST_CASE("a parameter outside of PREPARE is told as psql would be")
{
    ScriptBench bench;
    bench.load("prepare q as select $1::int; execute q(1); create table a (id int);");
    for (const char* sql : {"select 1;\nselect '$2', $1;", "select 1;\ninsert into a select $1;",
                            "select 1;\nselect '$2', pg_typeof($1);"}) {
        const ScriptError error = bench.failure(sql);
        CHECK(std::string(error.what()).ends_with("there is no parameter $1 (SQLSTATE 42P02)"));
        CHECK(error.failure().place.line == 2);
        CHECK(error.failure().place.column > 10);
    }
}

TEST_CASE("rules that give more results or none do not shift the blame")
{
    ScriptBench bench;
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
    ScriptBench bench;
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
    ScriptBench bench;
    const std::string between = GENERATE("select 'text that is long enough for any position';",
                                         "set client_encoding = 'UTF8';");
    const ScriptError error =
        bench.failure("create table a (x int, y int); prepare q as select x, y from a;\n"
                      "set client_encoding = 'UTF8';\nalter table a drop column y;\n" +
                      between + "\nexecute q;");
    CHECK(error.failure().place.line == 5);
}

TEST_CASE("a bad row of a COPY is reported by its line")
{
    ScriptBench bench;
    const ScriptError error = bench.failure("create table a (id int);\ncopy a from stdin;\n1\n2\n"
                                            "x\n4\n\\.\nselect 1;\n");
    CHECK(std::string(error.what()) == "a.sql:5:1: error: invalid input syntax for type integer: "
                                       "\"x\" (SQLSTATE 22P02)");
    CHECK(error.failure().context == "COPY a, line 3, column id: \"x\"");
}

TEST_CASE("a COMMIT inside of a DO block is refused by the server, and nothing stays")
{
    ScriptBench bench;
    const ScriptError error = bench.failure("create table a ();\ndo $$ begin commit; end $$;");
    CHECK(error.failure().sqlstate == "2D000");
    CHECK(error.failure().place.line == 2);
}

TEST_CASE("what can't run inside a transaction is told with the way out")
{
    ScriptBench bench;
    const ScriptError error = bench.failure("create table a ();\nvacuum a;");
    CHECK(std::string(error.what()) ==
          "a.sql:2:1: error: VACUUM cannot run inside a transaction block (SQLSTATE 25001)");
    CHECK(error.hint().find("one transaction") != std::string::npos);
    bench.load("create type e as enum ('x');");
    CHECK_FALSE(bench.failure("alter type e add value 'y'; select 'y'::e;").hint().empty());
}

TEST_CASE("a lock that is not to be had is busy, not failed")
{
    ScriptBench bench;
    bench.load("create table a (id int);");
    pg::Connection other(bench.database().info());
    other.exec_script("begin; lock table a");
    const ScriptError error = bench.failure("set lock_timeout = '50ms';\nalter table a add b int;");
    CHECK(error.code() == ExitCode::busy);
    CHECK(error.failure().place.line == 2);
    CHECK_FALSE(error.hint().empty());
}

TEST_CASE("who holds a lock is named when it is not to be had")
{
    ScriptBench bench;
    bench.load("create table a (id int);");
    pg::Connection other(bench.database().info().with("application_name", "a long report"));
    other.exec_script("begin; lock table a");
    bench.options().lock_timeout = std::chrono::milliseconds(600);
    bench.options().find_blockers = [&](int) { return std::string("a long report (pid 7)"); };
    const ScriptError error = bench.failure("alter table a add b int;");
    CHECK(error.code() == ExitCode::busy);
    CHECK(error.failure().detail == "the lock is held by a long report (pid 7)");
}

TEST_CASE("who holds the lock is named where a batch waits that is larger than the sockets hold")
{
    ScriptBench bench;
    bench.load("create table a (id int);");
    pg::Connection other(bench.database().info());
    other.exec_script("begin; lock table a");
    bench.options().lock_timeout = std::chrono::milliseconds(600);
    bench.options().find_blockers = [&](int) { return std::string("a long report (pid 7)"); };
    const std::string row = "insert into a values (length('" + std::string(4000, 'x') + "'));\n";
    const ScriptError error = bench.failure(repeated(row, 1000));
    CHECK(error.code() == ExitCode::busy);
    CHECK(error.failure().place.line == 1);
    CHECK(error.failure().detail == "the lock is held by a long report (pid 7)");
}

TEST_CASE("hints say what the server does not know")
{
    ScriptBench bench;
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
    ScriptBench bench;
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
    ScriptBench bench;
    const ScriptError error =
        bench.failure("do $$ begin\n  execute 'select 1;\n select ''ä'', nothing';\nend $$;");
    const std::vector<std::string>& query = error.failure().inner_query;
    REQUIRE(query.size() == 3);
    const std::string before = query[1].substr(0, query[1].find("nothing"));
    CHECK(query[2].find('^') == display_width(before));
}
