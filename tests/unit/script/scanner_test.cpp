#include "script/sql/scanner.hpp"
#include "script/sql/statement.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <span>

using crudctl::script::Backslashes;
using crudctl::script::Item;
using crudctl::script::ScanError;
using crudctl::script::Scanner;
using crudctl::script::ScannerOptions;

namespace {

using Texts = std::vector<std::string>;

Texts texts(std::string_view sql, const ScannerOptions& options = {})
{
    Texts result;
    for (auto& statement : crudctl::script::split(sql, options)) {
        result.push_back(std::move(statement.text));
    }
    return result;
}

/// Every item as "kind line:column text", of a file that comes in chunks of this size.
Texts items(std::string_view sql, std::size_t chunk_size)
{
    Scanner scanner;
    Texts result;
    const auto take = [&] {
        while (const auto item = scanner.next()) {
            const char* const kinds[] = {"sql", "psql", "data", "end"};
            const std::string where =
                std::to_string(item->place.line) + ":" + std::to_string(item->place.column);
            const bool goes_on = item->kind == Item::Kind::copy_data && !result.empty() &&
                                 result.back().starts_with("data");
            if (goes_on) {
                result.back() += item->text;
            } else {
                result.push_back(std::string(kinds[static_cast<int>(item->kind)]) + " " + where +
                                 " " + std::string(item->text));
            }
        }
    };
    for (std::size_t at = 0; at < sql.size(); at += chunk_size) {
        scanner.feed(sql.substr(at, chunk_size));
        take();
    }
    scanner.finish();
    take();
    return result;
}

/// "line:column message" of what the scanner refuses.
std::string refusal_by_scanner(std::string_view sql, std::size_t chunk_size = 4096)
{
    try {
        items(sql, chunk_size);
    } catch (const ScanError& error) {
        CHECK(error.code() == crudctl::ExitCode::failed);
        return std::to_string(error.place().line) + ":" + std::to_string(error.place().column) +
               " " + error.what();
    }
    return "nothing";
}

} // namespace

TEST_CASE("a semicolon inside quotes or a comment does not end a statement")
{
    const char* const sql = GENERATE(
        "select ';'", "select 'it''s;'", "select E'\\';'", "select e'\\\\', ';'",
        "select U&'\\0041;'", "select B'1;'", "select X'a;'", "select N';'", "select \"a;\"\"b;\"",
        "select U&\"a;\"", "select $$;$$", "select $a$ $$ ; $b$ ; $a$", "select $_ä1$;$_ä1$",
        "select 1e5$a$;$a$", "select 1$a$;$a$", "select $1$a$;$a$", "select 'a'\n';b'",
        "select E'a' -- c;\n '\\';b'", "select /* ; */ 1", "select /* /* ; */ ; */ 1",
        "select 1 -- ;\n", "select 1 +-- ;\n 2", "select 1 */* ; */ 2", "select 1 -/* ; */ 2",
        "select 1 @--;\n 2", "select 1 --;\r");
    CAPTURE(sql);
    const std::size_t chunk_size = GENERATE(1, 2, 3, 4096);
    const auto found = items(std::string(sql) + ";select 2", chunk_size);
    REQUIRE(found.size() == 2);
    CHECK(found[1].ends_with(" select 2"));
}

TEST_CASE("what looks like a quote and is none leaves the semicolon behind it alone")
{
    const char* const sql = GENERATE("select a$b$c", "select a$$", "select 1 as e$a$", "select $a",
                                     "select ab'x'", "select U & ''", "select \"a\"\"\"",
                                     "select '\\'", "select U&'\\'", "select 'a' 'b'");
    CAPTURE(sql);
    const auto found = texts(std::string(sql) + ";select 2 -- $b$ $a$ '");
    REQUIRE(found.size() == 2);
    CHECK(found[1] == "select 2");
}

TEST_CASE("a BEGIN ATOMIC body belongs to its CREATE FUNCTION")
{
    const char* const sql = GENERATE(
        "create function f() returns int begin atomic select 1; select 2; end",
        "CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC END",
        "create function f() returns int begin /* */ atomic select case when true then 1 end; end",
        "create function f() returns int begin atomic select 1 as end; select 2 end; end",
        "create function begin() returns int begin atomic select 1; end",
        "create procedure p() begin atomic create function g() returns int "
        "begin atomic select 1; end; select 2; end");
    CAPTURE(sql);
    CHECK(texts(std::string(sql) + "; select 3;").size() == 2);
}

TEST_CASE("BEGIN and END elsewhere are statements like any other")
{
    CHECK(texts("begin; select 1; end; create function begin() returns int as 'x';").size() == 4);
    CHECK(texts("create table atomic(begin atomic); end;").size() == 2);
}

TEST_CASE("the actions of a rule in parentheses are one statement")
{
    CHECK(texts("create rule r as on insert to t do also (select 1; select 2;); select 3").size() ==
          2);
}

TEST_CASE("without standard_conforming_strings a backslash escapes in plain quotes")
{
    CHECK(texts("select 'a\\'; b';", {Backslashes::escape}).size() == 1);
    CHECK(texts("select 'a\\'; select 'b'", {Backslashes::literal}).size() == 2);
    CHECK(texts("select b'0''\\';';", {Backslashes::escape}).size() == 1);

    Scanner scanner;
    scanner.feed("set standard_conforming_strings = off; select '\\'; ';");
    scanner.finish();
    REQUIRE(scanner.next());
    scanner.set_backslashes(Backslashes::escape);
    CHECK(scanner.next()->text == "select '\\'; ';");
}

TEST_CASE("a statement reaches from its first token to its semicolon")
{
    CHECK(texts("\xEF\xBB\xBF-- head\r\n select 1 ;\r\n;; /* tail */ select 2 /* end */ -- x") ==
          Texts{"select 1 ;", "select 2"});
    CHECK(texts(" -- nothing\n /* at all */ ;").empty());
    CHECK(texts("").empty());
}

TEST_CASE("places count lines and characters, whatever the chunks")
{
    const std::size_t chunk_size = GENERATE(1, 2, 5, 4096);
    CHECK(items("\xEF\xBB\xBFselect 'ä'; select\n2;\r\n\t-- ü\n  select 3", chunk_size) ==
          Texts{"sql 1:1 select 'ä';", "sql 1:13 select\n2;", "sql 4:3 select 3"});
}

TEST_CASE("psql's commands reach to the end of their line")
{
    const std::size_t chunk_size = GENERATE(1, 3, 4096);
    CHECK(items("\\set a 'b;\r\nselect 1;\n  \\echo ';'", chunk_size) ==
          Texts{"psql 1:1 \\set a 'b;", "sql 2:1 select 1;", "psql 3:3 \\echo ';'"});
    CHECK(items("select (1 \\gexec\nselect 2", chunk_size) ==
          Texts{"sql 1:1 select (1", "psql 1:11 \\gexec", "sql 2:1 select 2"});
    CHECK(items("\\set a 1 \\set b '\\\\' \\\\ select 1; \\g\\echo \\x;y\nselect 2;", chunk_size) ==
          Texts{"psql 1:1 \\set a 1", "psql 1:10 \\set b '\\\\'", "sql 1:25 select 1;",
                "psql 1:35 \\g", "psql 1:37 \\echo", "psql 1:43 \\x;y", "sql 2:1 select 2;"});
    CHECK(items("select '\\a', E'\\n', \"\\b\", $$\\c$$ -- \\d\n;", chunk_size).size() == 1);
}

TEST_CASE("the lines behind COPY FROM STDIN are data up to the mark")
{
    const std::size_t chunk_size = GENERATE(1, 2, 3, 7, 4096);
    CHECK(items("copy t (a) from stdin; -- x\n\\N\t';\n\\\\.\n\\.x\n\n\\.\nselect 1;",
                chunk_size) == Texts{"sql 1:1 copy t (a) from stdin;",
                                     "data 2:1 \\N\t';\n\\\\.\n\\.x\n\n", "end 6:1 ",
                                     "sql 7:1 select 1;"});
    CHECK(items("COPY t FROM STDOUT CSV;\n\\.\r\n", chunk_size) ==
          Texts{"sql 1:1 COPY t FROM STDOUT CSV;", "end 2:1 "});
    CHECK(items("copy t from stdin;\na\n\\.", chunk_size).back() == "end 3:1 ");
    CHECK(items("copy t from stdin \\g\n;\n\\.\nselect 1;", chunk_size) ==
          Texts{"sql 1:1 copy t from stdin", "psql 1:19 \\g", "data 2:1 ;\n", "end 3:1 ",
                "sql 4:1 select 1;"});
    CHECK(
        refusal_by_scanner("select 1;\ncopy t from stdin \\g", chunk_size).starts_with("2:1 COPY"));
}

TEST_CASE("a table whose name has a keyword in it takes data like any other")
{
    const char* const table =
        GENERATE("s.from", "s.from (a)", "a.from.b", "s.stdin", "\"from\"", "s.\"from\"", "stdin");
    CAPTURE(table);
    CHECK(items("copy " + std::string(table) + " from stdin;\n;\n\\.\n", 4096).size() == 3);
}

TEST_CASE("COPY of another kind has no data behind it")
{
    CHECK(texts("copy t to stdout; copy t from '/stdin'; copy (select a from stdin) to stdout;"
                "copy t from program 'stdin'; select copy from stdin; copy s.from to stdout;")
              .size() == 6);
}

TEST_CASE("what is never closed is reported where it opened")
{
    const std::size_t chunk_size = GENERATE(1, 4096);
    CHECK(refusal_by_scanner("select 1;\n  'abc\n;", chunk_size) ==
          "2:3 unterminated quoted string");
    CHECK(refusal_by_scanner("select E'a\\'", chunk_size) == "1:8 unterminated quoted string");
    CHECK(refusal_by_scanner("select 'a'\n'b", chunk_size) == "1:8 unterminated quoted string");
    CHECK(refusal_by_scanner("select\n\"a\"\"", chunk_size) == "2:1 unterminated quoted name");
    CHECK(refusal_by_scanner("ä $a$ $b$ $a", chunk_size) ==
          "1:3 unterminated dollar-quoted string");
    CHECK(refusal_by_scanner("select 1;\n/* /* */ select 2;", chunk_size) ==
          "2:1 unterminated comment");
    CHECK(refusal_by_scanner("create table a (id int;\nselect (1);", chunk_size) ==
          "1:16 unterminated parenthesis");
    CHECK(refusal_by_scanner("create function f() begin atomic select 1;", chunk_size) ==
          "1:21 unterminated BEGIN ATOMIC");
    CHECK(refusal_by_scanner("select 1;\ncopy t from stdin;\n1\n\\. \n", chunk_size) ==
          "2:1 COPY … FROM STDIN without the line \\. that ends its data");
    CHECK(refusal_by_scanner("copy t from stdin; select 1;\n\\.\n", chunk_size) ==
          "1:19 more text behind COPY … FROM STDIN: its data begins on the next line");
}

TEST_CASE("text that is no UTF-8 SQL is refused by its line")
{
    CHECK(refusal_by_scanner(std::string_view("select 1;\n\nselect '\0'", 20)) ==
          "3:9 a NUL byte: this is no SQL in UTF-8");
    CHECK(refusal_by_scanner(std::string_view("\xFF\xFEs\0", 4)) == "1:1 the file is UTF-16");
    CHECK(refusal_by_scanner(std::string_view("\xFE\xFF\0s", 4)) == "1:1 the file is UTF-16");
}

TEST_CASE("a statement that outgrows the limit is refused before it is whole")
{
    ScannerOptions options;
    options.max_statement_bytes = 1000;
    Scanner scanner(options);
    scanner.feed("select 1;\nselect '");
    REQUIRE(scanner.next());
    CHECK_FALSE(scanner.next());
    scanner.feed(std::string(2000, 'x'));
    CHECK_THROWS_WITH(scanner.next(), "a statement of more than 1000 bytes");
}

TEST_CASE("the limit holds for a statement, not for the file")
{
    ScannerOptions options;
    options.max_statement_bytes = 1000;
    Scanner scanner(options);
    std::size_t statements = 0;
    for (int i = 0; i < 1000; ++i) {
        scanner.feed("select 'some text'; -- comment\n");
        while (scanner.next()) {
            ++statements;
        }
    }
    CHECK(statements == 1000);
}

TEST_CASE("a scanner takes what is read into it, however little that is")
{
    Scanner scanner;
    std::string_view rest = "select 1; select 2;";
    std::string found;
    const auto read = [&rest](std::span<char> room) {
        const std::size_t size = rest.copy(room.data(), std::min<std::size_t>(room.size(), 3));
        rest.remove_prefix(size);
        return size;
    };
    while (scanner.feed(100, read) > 0) {
        while (const auto item = scanner.next()) {
            found += std::string(item->text) + "|";
        }
    }
    CHECK(found == "select 1;|select 2;|");
    CHECK_THROWS_WITH(scanner.feed(2,
                                   [](std::span<char> room) {
                                       room[0] = '\0';
                                       return std::size_t{1};
                                   }),
                      Catch::Contains("a NUL byte"));
}

TEST_CASE("the mark of UTF-16 is known whatever the chunks")
{
    Scanner scanner;
    scanner.feed("\xFF");
    CHECK_FALSE(scanner.next());
    CHECK_THROWS_AS(scanner.feed("\xFE"), ScanError);
}
