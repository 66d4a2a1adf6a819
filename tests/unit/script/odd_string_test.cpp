#include "script/sql/odd_string.hpp"

#include <string>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl::script;

namespace {

std::string oddity(std::string_view sql, std::optional<std::size_t> refused_at = {})
{
    const auto odd = odd_string_in(sql, Backslashes::literal, refused_at);
    return odd ? fmt::format("{} {}", odd->place(), odd->quote) : "";
}

} // namespace

TEST_CASE("a string that ends in a word, or goes on over a statement's end, is odd")
{
    CHECK(oddity("select 'O'Brien', 'b'") == "9 '");
    CHECK(oddity("select 'a', 'it's'") == "15 '");
    CHECK(oddity("select \"a\"b") == "9 \"");
    CHECK(oddity("select 'abc);\nselect 'b';") == "7 '");
    CHECK(oddity("select 'abc);\r\nselect 'b';") == "7 '");
    CHECK(oddity("create function f() as $$ begin end;\nCreate function g() as $$ begin end; $$") ==
          "23 $$");
    CHECK(oddity("select $a$ 1;\ncreate or replace procedure p ();\n$a$, 'b'") == "7 $a$");
}

TEST_CASE("strings as one writes them are not odd")
{
    for (const char* sql :
         {"select 'a' b", "select 'a'::text, 'b'||'c', E'd\\'e', 'O''Brien', U&'a'",
          "select 'two\nlines', 'a;b'", "create function f() as $$ begin\n  x;\nend; $$ language x",
          "select $a$$b$c$a$", "select $a$ 1;\ncreate table t ();\n$a$"}) {
        CHECK(oddity(sql).empty());
    }
}

TEST_CASE("of a statement that was refused only the string right before the place counts")
{
    const std::string_view sql = "select 'a;\nb', 1, 2, 'O'Brien, x";
    CHECK(oddity(sql) == "7 '");
    CHECK(oddity(sql, sql.find("Brien")) == "23 '");
    CHECK(oddity(sql, sql.find("1")) == "7 '");
    CHECK(oddity(sql, sql.find("2")).empty());
    CHECK(oddity(sql, sql.find("x")).empty());
    CHECK(oddity(sql, sql.size()).empty());
}
