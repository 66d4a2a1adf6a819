#include "script/source/script_error.hpp"
#include "script/source/source_excerpt.hpp"
#include "script/sql/position.hpp"
#include "support/text/text.hpp"

#include <catch2/catch.hpp>

using namespace crudctl::script;

namespace {

using Lines = std::vector<std::string>;

Lines excerpt_at(std::string_view text, std::size_t offset, std::size_t columns = 80)
{
    return source_excerpt(text, advanced({}, text.substr(0, offset)), columns);
}

} // namespace

TEST_CASE("a position is counted in characters, or in bytes where the server counts those")
{
    CHECK(byte_of_position("select 'ä', x", 13, PositionUnit::utf8_character) == 13);
    CHECK(byte_of_position("select 'ä', x", 14, PositionUnit::byte) == 13);
    CHECK(byte_of_position("a", 99, PositionUnit::utf8_character) == 1);
    CHECK(byte_of_position("a", 99, PositionUnit::byte) == 1);
    CHECK(position_unit("UTF8", "UTF8") == PositionUnit::utf8_character);
    CHECK(position_unit("UTF8", "SQL_ASCII") == PositionUnit::byte);
    CHECK(position_unit("LATIN1", "UTF8") == PositionUnit::byte);
    CHECK(first_invalid_byte("ä\xE4 x") == 2);
}

TEST_CASE("a place counts characters from the last newline")
{
    const Place place = advanced({}, "a\r\näö\xFFx");
    CHECK(place.offset == 9);
    CHECK(place.line == 2);
    CHECK(place.column == 5);
}

TEST_CASE("the caret stands under its character between the neighbouring lines")
{
    CHECK(excerpt_at("one\ntwo\nthree\nfour", 6) ==
          Lines{"  1 | one", "  2 | two", "    |   ^", "  3 | three"});
    CHECK(excerpt_at("one", 0) == Lines{"  1 | one", "    | ^"});
    CHECK(excerpt_at("one\n\ntwo", 4) == Lines{"  1 | one", "  2 |", "    | ^", "  3 | two"});
    CHECK(excerpt_at("a\r\nb\r\nc", 3) == Lines{"  1 | a", "  2 | b", "    | ^", "  3 | c"});
}

TEST_CASE("the caret stands right behind tabs, wide and combining characters and escapes")
{
    CHECK(excerpt_at("\tä\tx", 4) == Lines{"  1 |     ä   x", "    |         ^"});
    CHECK(excerpt_at("日本x", 6) == Lines{"  1 | 日本x", "    |     ^"});
    CHECK(excerpt_at("e\xCC\x81x", 3) == Lines{"  1 | e\xCC\x81x", "    |  ^"});
    CHECK(excerpt_at("\x1B[x", 2) == Lines{"  1 | \\x1b[x", "    |      ^"});
    CHECK(excerpt_at("\xFFx", 1) == Lines{"  1 | \\xffx", "    |     ^"});
    CHECK(excerpt_at("\xEF\xBB\xBFx", 3) == Lines{"  1 | x", "    | ^"});
}

TEST_CASE("an error at the end of the text points behind it")
{
    CHECK(excerpt_at("ab", 2) == Lines{"  1 | ab", "    |   ^"});
    CHECK(excerpt_at("", 0) == Lines{"  1 |", "    | ^"});
}

TEST_CASE("of a long line the part around the caret is shown, within the columns")
{
    const std::string unit = GENERATE("abcdefghi ", "日本語 ", "\t", "\x1B");
    std::string text;
    while (text.size() < 5000) {
        text += unit;
    }
    const std::size_t offset = text.size() / unit.size() / 2 * unit.size();
    text.insert(offset, "X");
    text = "before" + std::string(300, '-') + "\n" + text + "\nbehind";
    const Lines lines = excerpt_at(text, text.find('X'), 60);
    REQUIRE(lines.size() == 4);
    for (const std::string& line : lines) {
        CAPTURE(line);
        CHECK(crudctl::display_width(line) <= 60);
    }
    const std::size_t x = lines[1].find('X');
    REQUIRE(x != std::string::npos);
    CHECK(crudctl::display_width(lines[1].substr(0, x)) == lines[2].find('^'));
}

TEST_CASE("a script error reads like a compiler's")
{
    ScriptFailure failure;
    failure.file = "sql/a.sql";
    failure.place = {0, 12, 3};
    failure.message = "syntax error";
    failure.sqlstate = "42601";
    failure.source = {"  12 | x"};
    failure.detail = "one\ntwo\x1B";
    failure.hint = "try";
    failure.statement = 4;
    failure.statements = 17;
    failure.state = "cruddur is exactly as it was";
    const ScriptError error(crudctl::ExitCode::failed, failure);
    CHECK(std::string(error.what()) == "sql/a.sql:12:3: error: syntax error (SQLSTATE 42601)");
    CHECK(error.hint() == "try");
    CHECK(error.report_lines() == Lines{"  12 | x", "  detail: one", "          two\\x1b",
                                        "  statement 4 of 17 in sql/a.sql",
                                        "  cruddur is exactly as it was"});
}
