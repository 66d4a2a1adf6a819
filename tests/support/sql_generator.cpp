#include "support/sql_generator.hpp"

#include <algorithm>

namespace crudctl::tests {

namespace {

std::string with_windows_newlines(const std::string& text)
{
    std::string result;
    for (const char c : text) {
        result += c == '\n' ? "\r\n" : std::string(1, c);
    }
    return result;
}

} // namespace

std::string SqlGenerator::script()
{
    std::string text = one_in(10) ? gap() : "";
    const std::size_t count = 1 + below(4);
    for (std::size_t i = 0; i < count; ++i) {
        text += one_in(12) ? gap() : statement(2);
        text += i + 1 == count && one_in(3) ? gap() : gap() + ";" + (one_in(2) ? gap() : "");
    }
    if (one_in(3)) {
        spoil(text);
    }
    if (one_in(15)) {
        text = with_windows_newlines(text);
    }
    return one_in(20) ? "\xEF\xBB\xBF" + text : text;
}

std::string SqlGenerator::changed(std::string text)
{
    if (text.empty() || one_in(8)) {
        return script();
    }
    // At a boundary, where something may well stand.
    const std::size_t at = std::min(text.find_first_of(" ;,()\n", below(text.size())), text.size());
    const std::size_t end = std::min(text.find_first_of(" ;,()\n", at + 1), text.size());
    switch (below(6)) {
    case 0:
        return text.insert(at, fragment());
    case 1:
        return text.replace(at, end - at, fragment());
    case 2:
        return at < text.size() && text[at] == ' ' ? text.replace(at, 1, gap())
                                                   : text.insert(at, gap());
    case 3:
        return text + gap() + ";" + statement();
    case 4:
        return statement() + ";" + text;
    default:
        spoil(text);
        return text;
    }
}

std::string SqlGenerator::fragment()
{
    switch (below(7)) {
    case 0:
        return ";" + statement() + ";";
    case 1:
        return " " + expression(2) + " ";
    case 2:
        return " " + literal() + " ";
    case 3:
        return "," + name();
    case 4:
        return "(" + select(1) + ")";
    case 5:
        return " as " + name() + " ";
    default:
        return gap() +
               keyword(any({"end", "begin", "atomic", "case", "copy", "from", "stdin", "create",
                            "function", "or", "replace"})) +
               gap();
    }
}

std::string_view SqlGenerator::any(std::initializer_list<std::string_view> choices)
{
    return *(choices.begin() + below(choices.size()));
}

std::string SqlGenerator::statement(int depth)
{
    switch (below(depth > 0 ? 14 : 9)) {
    case 0:
        return change_of_rows(depth);
    case 1:
        return definition(depth);
    case 2:
        return keyword("comment") + gap() + "on table " + name() + gap() + "is" + gap() +
               bare_string();
    case 3:
        return std::string(any({"begin", "commit", "end", "start transaction", "rollback",
                                "savepoint a", "set a = 'b;'", "reset all", "analyze",
                                "set standard_conforming_strings = on", "do $$;$$", "begin work",
                                "end transaction", "rollback to begin", "release begin"}));
    case 4:
        return copy(depth);
    case 9:
    case 10:
        return routine(depth - 1);
    case 11:
        return rule(depth - 1);
    case 12:
        return keyword("create") + gap() + keyword("function") + gap() + name() + "()" + gap() +
               "returns int as" + gap() + dollar_quoted(statement(depth - 1) + ";") + gap() +
               "language sql";
    default:
        return select(depth);
    }
}

std::string SqlGenerator::change_of_rows(int depth)
{
    switch (below(4)) {
    case 0:
        return keyword("update") + gap() + name() + gap() + "set" + gap() + "a.end" + gap() + "=" +
               gap() + expression(depth) + gap() + "where" + gap() + expression(depth);
    case 1:
        return "with a as (delete from t returning " + name() + ") " + select(depth);
    default:
        return keyword("insert") + gap() + keyword("into") + gap() + name() + gap() +
               keyword("values") + "(" + expression(depth) + "," + gap() + expression(depth) + ")";
    }
}

std::string SqlGenerator::definition(int depth)
{
    switch (below(5)) {
    case 0:
        return keyword("create") + gap() + "trigger " + name() + " before insert on t " +
               "for each row execute " + keyword(any({"function", "procedure"})) + " f(" +
               bare_string() + ")";
    case 1:
        return "create or replace view " + name() + " as" + gap() + select(depth);
    case 2:
        return "alter function " + name() + "() " + keyword(any({"rename to begin", "cost 1"}));
    case 3:
        return "create operator " + std::string(any({"@-", "<-|", "#/#", "~*~"})) +
               " (function = begin, leftarg = atomic)";
    default:
        return keyword("create") + gap() + "table" + gap() + name() + "(" + name() + gap() +
               "int default (" + expression(depth) + "))";
    }
}

std::string SqlGenerator::copy(int depth)
{
    const std::string target = std::string(any({"t", "\"t;\"", "s.t", "s.from", "s.stdin", "stdin",
                                                "a.from.b", "binary t", "s.copy", "\"from\""})) +
                               gap() + std::string(any({"", "", "(a, b)", "(\"from\")"})) + gap();
    const std::string source =
        keyword("from") + gap() + keyword(any({"stdin", "stdout", "'stdin'", "program 'stdin'"}));
    const std::string options = std::string(
        any({"", "", "with (format csv, delimiter ';')", "csv header quote ';'",
             "with (null '\\N', header)", "where a > 1", "(format binary)", "delimiters E'\\t'"}));
    if (one_in(3)) {
        return keyword("copy") + gap() + "(" + select(depth) + ")" + gap() + "to" + gap() +
               keyword(any({"stdout", "stdin", "'from stdin'"}));
    }
    return keyword("copy") + gap() + target + source + gap() + options;
}

std::string SqlGenerator::routine(int depth)
{
    std::string text = keyword("create") + gap();
    text += one_in(2) ? keyword("or") + gap() + keyword("replace") + gap() : "";
    const bool is_function = one_in(2);
    text += keyword(is_function ? "function" : "procedure") + gap();
    text += any({"f", "begin", "atomic", "\"end\"", "a$b$c", "s.begin", "s.function"});
    text += gap() + "(" + std::string(any({"", "atomic int", "begin atomic", "begin int"})) + ")" +
            gap();
    text += is_function ? any({"", "returns int", "returns begin", "returns table (begin atomic)",
                               "returns setof s.begin", "returns atomic"})
                        : any({"", "language begin"});
    text += gap();
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
        return operation(deeper);
    case 3:
        return "array[" + expression(deeper) + "]";
    case 4:
        return name() + "." + keyword(any({"end", "begin", "a"}));
    case 5:
        return name();
    case 6:
        return "(" + select(deeper) + ")";
    default:
        return literal();
    }
}

std::string SqlGenerator::operation(int depth)
{
    const std::string sign(any({"+", "-", "*", "/", "||", "<@", "@-", "#/#", "~*", "|/", "<->",
                                "!=", "operator(s.@-)", "/-", "-/", "|*", "#-", "::"}));
    if (sign == "::") {
        return expression(depth) + sign + "text";
    }
    // A comment ends an operator that it stands right behind.
    const std::string behind = one_in(4) ? comment() : gap();
    return expression(depth) + gap() + sign + behind + expression(depth);
}

} // namespace crudctl::tests
