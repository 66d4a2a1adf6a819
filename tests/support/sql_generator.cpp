#include "support/sql_generator.hpp"

#include <algorithm>

namespace crudctl::tests {

std::string SqlGenerator::script()
{
    std::string text = one_in(10) ? gap() : "";
    const std::size_t count = 1 + below(4);
    for (std::size_t i = 0; i < count; ++i) {
        text += one_in(12) ? gap() : statement(2);
        text += i + 1 == count && one_in(3) ? gap() : gap() + ";" + (one_in(2) ? gap() : "");
    }
    if (one_in(2)) {
        spoil(text);
    }
    return text;
}

std::string_view SqlGenerator::any(std::initializer_list<std::string_view> choices)
{
    return *(choices.begin() + below(choices.size()));
}

std::string SqlGenerator::statement(int depth)
{
    switch (below(depth > 0 ? 12 : 7)) {
    case 0:
        return keyword("insert") + gap() + keyword("into") + gap() + name() + gap() +
               keyword("values") + "(" + expression(depth) + "," + gap() + expression(depth) + ")";
    case 1:
        return keyword("create") + gap() + "table" + gap() + name() + "(" + name() + gap() +
               "int default (" + expression(depth) + "))";
    case 2:
        return keyword("comment") + gap() + "on table " + name() + gap() + "is" + gap() +
               bare_string();
    case 3:
        return std::string(any({"begin", "commit", "end", "start transaction", "rollback",
                                "savepoint a", "set a = 'b;'", "reset all", "analyze",
                                "set standard_conforming_strings = on", "do $$;$$"}));
    case 7:
    case 8:
        return routine(depth - 1);
    case 9:
        return rule(depth - 1);
    case 10:
        return keyword("create") + gap() + keyword("function") + gap() + name() + "()" + gap() +
               "returns int as" + gap() + dollar_quoted(statement(depth - 1) + ";") + gap() +
               "language sql";
    default:
        return select(depth);
    }
}

std::string SqlGenerator::routine(int depth)
{
    std::string text = keyword("create") + gap();
    text += one_in(2) ? keyword("or") + gap() + keyword("replace") + gap() : "";
    text += keyword(any({"function", "procedure"})) + gap();
    text += any({"f", "begin", "atomic", "\"end\"", "a$b$c", "s.begin"});
    text += gap() + "(" + std::string(any({"", "atomic int", "begin atomic", "begin int"})) + ")" +
            gap();
    text += one_in(3) ? "set x to begin" + gap() : "";
    if (one_in(4)) {
        return text + keyword("return") + gap() + expression(depth);
    }
    text += keyword("begin") + gap() + keyword("atomic") + gap();
    for (std::size_t i = below(4); i > 0; --i) {
        text += (one_in(8) ? "" : statement(depth)) + gap() + ";" + gap();
    }
    return text + keyword("end");
}

std::string SqlGenerator::rule(int depth)
{
    std::string text = keyword("create") + gap() + "rule" + gap() + name() +
                       " as on insert to t do also" + gap() + "(";
    for (std::size_t i = 1 + below(3); i > 0; --i) {
        text += gap() + select(depth) + gap() + (i > 1 || one_in(2) ? ";" : "");
    }
    return text + gap() + ")";
}

std::string SqlGenerator::select(int depth)
{
    std::string text = keyword("select") + gap();
    for (std::size_t i = below(3); i > 0; --i) {
        text += expression(depth) + gap() + ",";
    }
    text += gap() + expression(depth);
    switch (below(6)) {
    case 0:
        return text + gap() + keyword("as") + gap() + keyword(any({"end", "case", "begin"}));
    case 1:
        return text + gap() + keyword(any({"end", "case", "atomic", "copy"}));
    case 2:
        return text + gap() + keyword("from") + gap() + name();
    default:
        return text;
    }
}

std::string SqlGenerator::expression(int depth)
{
    const int deeper = depth - 1;
    switch (depth > 0 ? below(10) : 9) {
    case 0:
        return keyword("case") + gap() + keyword("when") + gap() + expression(deeper) + gap() +
               keyword("then") + gap() + expression(deeper) + gap() + keyword("end");
    case 1:
        return "(" + gap() + expression(deeper) + gap() + ")";
    case 2:
        return expression(deeper) + gap() +
               std::string(any({"+", "-", "*", "/", "||", "<@", "@-", "#/#", "~*", "|/"})) + gap() +
               expression(deeper);
    case 3:
        return "array[" + expression(deeper) + "]";
    case 4:
        return name() + "." + keyword(any({"end", "begin", "a"}));
    case 5:
        return name();
    default:
        return literal();
    }
}

std::string SqlGenerator::literal()
{
    switch (below(10)) {
    case 0:
        return std::string(any({"1", "1.5", ".5", "1e5", "1.e5", "1.5e-3", "$1", "12", "1E+2"}));
    case 1:
        return std::string(any({"e", "E"})) + "'" + noise() +
               std::string(any({"", "\\'", "\\\\", "\\n;", "''", "\\';", "\\x41", "\\'';"})) + "'";
    case 2:
        return std::string(any({"b", "B", "x", "X"})) + "'" + std::string(any({"", "1", "01"})) +
               "'";
    case 3:
        return std::string(any({"u&", "U&"})) + "'" + std::string(any({"", "a;", "''", "\\0041"})) +
               "'" + (one_in(3) ? gap() + " uescape '!'" : "");
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

std::string SqlGenerator::bare_string()
{
    return "'" + noise() + "'" + (one_in(6) ? line_gap() + "'" + noise() + "'" : "");
}

std::string SqlGenerator::name()
{
    return std::string(
        any({"a", "b$", "a$b$c", "_$$", "\"a;b\"", "\"a\"\"'\"", "ä", "e", "x", "u", "U&\"a;\"",
             "u&\"d!0061\"", "\"--\"", "\"/*\"", "名$x$", "begin", "n", "b", "$1"}));
}

std::string SqlGenerator::gap()
{
    switch (below(9)) {
    case 0:
        return "/*" + std::string(any({"", ";", "'", "/* ; */", "*", "$$", "/**/", "-- */ /*"})) +
               "*/";
    case 1:
        return "--" + std::string(any({"", ";", " '", "/*", "\\", " $a$ "})) +
               std::string(any({"\n", "\r\n", "\r"}));
    case 2:
        return std::string(any({"\n", "\t", "\r\n", "\f"}));
    default:
        return " ";
    }
}

std::string SqlGenerator::line_gap()
{
    return std::string(
        any({"\n", " \n ", "\r\n", " -- ;'\n", "\n--'\n", "\t\n\n", " -- a\r--b\n"}));
}

std::string SqlGenerator::noise()
{
    std::string text;
    for (std::size_t i = below(4); i > 0; --i) {
        text += any({";", "''", "--", "/*", "*/", "$", "$$", "a", "\\", "ß", "\n", "(", ")", "\"",
                     "begin atomic", "end;", "🦊", "$b$"});
    }
    return text;
}

std::string SqlGenerator::keyword(std::string_view word)
{
    std::string text(word);
    if (one_in(3)) {
        std::transform(text.begin(), text.end(), text.begin(),
                       [](char c) { return static_cast<char>(c >= 'a' ? c - 'a' + 'A' : c); });
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
    for (std::size_t i = 1 + below(3); i > 0 && !text.empty(); --i) {
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
