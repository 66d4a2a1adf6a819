#include "support/sql_generator.hpp"

#include <algorithm>

namespace crudctl::tests {

std::string SqlGenerator::literal()
{
    switch (below(10)) {
    case 0:
        return number();
    case 1:
        return escape_string();
    case 2:
        return std::string(any({"b", "B", "x", "X"})) + "'" + std::string(any({"", "1", "01"})) +
               "'";
    case 3:
        return unicode_string();
    case 4:
        return dollar_quoted(noise());
    case 5:
        return std::string(any({"n'", "N'"})) + noise() + "'";
    case 6:
        return std::string(any({"", "b", "x"})) + "'1'" + line_gap() + "'" +
               std::string(any({"1", "b;", "\\", "--", "/*"})) + "'";
    case 7:
        return "e'" + noise() + "'" + line_gap() + "'" + std::string(any({"\\';", "\\'", "'';"})) +
               "'";
    default:
        return bare_string();
    }
}

// Some only in later versions of the server, some in none.
std::string SqlGenerator::number()
{
    if (one_in(8)) {
        return std::string(
            any({"0x1F", "0b01", "0o17", "1_000", "1_0.0_1", "1__0", "1_", "1.2.3", "1e", "1e+",
                 "1a", "$1a", "$1_0", "1..2", "1e5$x$;$x$", "0x1F$a$"}));
    }
    return std::string(any({"1", "1.5", ".5", "1e5", "1.e5", "1.5e-3", "$1", "12", "1E+2", "1.",
                            "$12", "00", ".5e1", "999999999999999999999"}));
}

std::string SqlGenerator::escape_string()
{
    std::string text(any({"e'", "E'"}));
    for (std::size_t i = below(4); i > 0; --i) {
        text += one_in(3) ? noise()
                          : std::string(any({"\\'", "\\\\", "\\n;", "''", "\\';", "\\x41", "\\'';",
                                             "\\u0041", "\\U0001F98A", "\\\n", "\\101", "\\$$"}));
    }
    return text + "'";
}

std::string SqlGenerator::unicode_string()
{
    const std::string inside(
        any({"", "a;", "''", "\\0041", "\\+01F98A", "\\\\", "--", "d!0061", "!!"}));
    const std::string escape(any({"'!'", "'\\'", "'#'", "'?'", "'$'", "$$!$$", "';'"}));
    return std::string(any({"u&'", "U&'"})) + inside + "'" +
           (one_in(3) ? gap() + keyword("uescape") + gap() + escape : "");
}

std::string SqlGenerator::bare_string()
{
    std::string text = "'" + noise() + "'";
    while (one_in(6)) {
        text += line_gap() + "'" + noise() + "'";
    }
    return text;
}

std::string SqlGenerator::name()
{
    if (one_in(10)) {
        return character() + std::string(any({"", "$", "$$", "1", "$a$"}));
    }
    if (one_in(10)) {
        std::string text = noise();
        text.erase(std::remove(text.begin(), text.end(), '"'), text.end());
        return "\"" + text + std::string(any({"a", "\"\""})) + "\"";
    }
    return std::string(any({"a",        "b$",         "a$b$c",    "_$$",
                            "\"a;b\"",  "\"a\"\"'\"", "ä",        "e",
                            "x",        "u",          "U&\"a;\"", "u&\"d!0061\"",
                            "\"--\"",   "\"/*\"",     "名$x$",    "begin",
                            "n",        "b",          "atomic",   "u&\"d!0061\" uescape '!'",
                            "function", "procedure"}));
}

std::string SqlGenerator::gap()
{
    switch (below(9)) {
    case 0:
    case 1:
        return comment();
    case 2:
        return std::string(any({"\n", "\t", "\r\n", "\f", "\r"}));
    default:
        return " ";
    }
}

std::string SqlGenerator::comment()
{
    if (one_in(2)) {
        return "--" + std::string(any({"", ";", " '", "/*", "\\", " $a$ ", "*/", "--", "\""})) +
               std::string(any({"\n", "\r\n", "\r"}));
    }
    if (one_in(4)) {
        return "/*" + comment() + "*/";
    }
    return "/*" +
           std::string(any({"", ";", "'", "/* ; */", "*", "$$", "/**/", "-- */ /*", "/", "\n", "\"",
                            "\\", "/*/*;*/*/", "--"})) +
           "*/";
}

// libpg_query takes no comments here, which the server does.
std::string SqlGenerator::line_gap()
{
    return std::string(one_in(8) ? any({" -- ;'\n", "\n--'\n", " -- a\r--b\n", "--\n--\n"})
                                 : any({"\n", " \n ", "\r\n", "\t\n\n", "\r", "\f\n \r\n "}));
}

// One that may stand in a name, of 2, 3 or 4 bytes.
std::string SqlGenerator::character()
{
    const auto byte = [](std::size_t value) { return static_cast<char>(value); };
    const auto tail = [&] { return byte(0x80 + below(0x40)); };
    switch (below(3)) {
    case 0:
        return {byte(0xC2 + below(0x1E)), tail()};
    case 1:
        return {byte(0xE1 + below(0x0C)), tail(), tail()};
    default:
        return {byte(0xF1 + below(3)), tail(), tail(), tail()};
    }
}

std::string SqlGenerator::noise()
{
    std::string text;
    for (std::size_t i = below(4); i > 0; --i) {
        text +=
            any({";", "''", "--", "/*",           "*/",   "$",    "$$",  "a",    "\\", "ß",  "\n",
                 "(", ")",  "\"", "begin atomic", "end;", "🦊", "$b$", "\r\n", "\t", ":a", "{}"});
        text += one_in(5) ? character() : "";
    }
    return text;
}

std::string SqlGenerator::keyword(std::string_view word)
{
    std::string text(word);
    if (one_in(3)) {
        std::transform(text.begin(), text.end(), text.begin(), [](char c) {
            return static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
        });
    }
    return text;
}

std::string SqlGenerator::dollar_quoted(const std::string& inside)
{
    std::string tag(any({"$$", "$a$", "$b$", "$_1$", "$ä$", "$A$"}));
    return inside.find(tag) == std::string::npos ? tag + inside + tag : "$q9$" + inside + "$q9$";
}

void SqlGenerator::spoil(std::string& text)
{
    for (std::size_t i = 1 + below(2); i > 0 && !text.empty(); --i) {
        const std::size_t at = below(text.size());
        switch (below(3)) {
        case 0:
            text.erase(at, 1 + below(3));
            break;
        case 1:
            text.insert(at, text.substr(below(text.size()), 1 + below(6)));
            break;
        default:
            text.insert(
                at, any({"'",   "\"", "$", ";", "(", ")", "--", "/*", "*/", "\n",  "e'",
                         "$a$", "$$", "-", "/", "*", "@", "1",  "e",  " ",  "end", " begin atomic ",
                         "\r",  "\\", ":", "."}));
        }
    }
}

} // namespace crudctl::tests
