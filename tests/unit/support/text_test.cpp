#include "support/text/text.hpp"

#include <catch2/catch.hpp>

using namespace crudctl;

TEST_CASE("what a terminal would obey is shown instead of sent")
{
    CHECK(printable("a\x1b[31mb") == "a\\x1b[31mb");
    CHECK(printable("line\r\nnext\a") == "line\\x0d\\x0anext\\x07");
    CHECK(printable("\xC2\x9B 31m") == "\\x9b 31m");
    CHECK(printable("user\u202Etxt.exe") == "user\\u202etxt.exe");
    CHECK(printable("zero\u200Bwidth") == "zero\\u200bwidth");
    CHECK(printable("a\n\tb\r", KeepLines::yes) == "a\n\tb\\x0d");
}

TEST_CASE("text in other scripts passes unchanged")
{
    CHECK(printable("Grüße, 世界 🎉") == "Grüße, 世界 🎉");
}

TEST_CASE("invalid UTF-8 comes out byte by byte and nothing of the rest is lost")
{
    CHECK(printable("a\xFF"
                    "b\xC3") == "a\\xffb\\xc3");
    CHECK(printable("\xED\xA0\x80") == "\\xed\\xa0\\x80"); // a surrogate
    CHECK(printable("\xC0\xAF") == "\\xc0\\xaf");          // an overlong slash
    CHECK_FALSE(is_valid_utf8("\xF5\x80\x80\x80"));
    CHECK(is_valid_utf8("ünï"));
}

TEST_CASE("width counts columns, not bytes or characters")
{
    CHECK(display_width("abc") == 3);
    CHECK(display_width("世界") == 4);
    CHECK(display_width("e\u0301") == 1);
}

TEST_CASE("shortening never cuts inside a character and never exceeds the width")
{
    CHECK(shortened("cruddur", 10) == "cruddur");
    CHECK(shortened("cruddur", 4) == "cru…");
    CHECK(shortened("世界世界", 4) == "世…");
    CHECK(shortened("世界", 4) == "世界");
    CHECK(shortened("世界", 3) == "世…");
    CHECK(shortened("abc", 0).empty());
}

TEST_CASE("sizes, durations and counts read like a person's")
{
    CHECK(size_text(512) == "512 bytes");
    CHECK(size_text(7'900'000) == "7.5 MB");
    CHECK(duration_text(0.136) == "0.14 s");
    CHECK(duration_text(125) == "2 min 05 s");
    CHECK(duration_text(90'000) == "1 d 01 h");
    CHECK(counted(1, "table") == "1 table");
    CHECK(counted(0, "row") == "0 rows");
}

TEST_CASE("a text is wrapped at spaces, and a word that is too long is cut")
{
    using Lines = std::vector<std::string>;
    CHECK(wrapped("", 5) == Lines{""});
    CHECK(wrapped("ab cd", 5) == Lines{"ab cd"});
    CHECK(wrapped("ab cd ef", 5) == Lines{"ab cd", "ef"});
    CHECK(wrapped("abcdefgh ij", 5) == Lines{"abcde", "fgh", "ij"});
    CHECK(wrapped("äöüäöü", 5) == Lines{"äöüäö", "ü"});
    CHECK(wrapped("日本語", 3) == Lines{"日", "本", "語"});
    CHECK(wrapped("日本", 1) == Lines{"日", "本"});
}

TEST_CASE("a text is split into parts, some of them empty")
{
    using Parts = std::vector<std::string_view>;
    CHECK(split_at('-', "") == Parts{""});
    CHECK(split_at('-', "a") == Parts{"a"});
    CHECK(split_at('-', "-a--b-") == Parts{"", "a", "", "b", ""});
}

TEST_CASE("a text is found between two others")
{
    CHECK(between("\"", "\"", "host \"a\", \"b\"") == "a");
    CHECK(between("(", ")", "()") == "");
    CHECK_FALSE(between("(", ")", ")("));
    CHECK_FALSE(between("(", ")", ""));
}

TEST_CASE("an empty text consists of nothing")
{
    CHECK(consists_of("123", is_digit));
    CHECK_FALSE(consists_of("12a", is_digit));
    CHECK_FALSE(consists_of("", is_digit));
}
