#include "script/copy_command.hpp"

#include "script/lexer.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace crudctl::script {

namespace {

/// Where the word FROM ends, outside of parentheses.
std::size_t end_of_from(std::string_view text)
{
    TokenReader reader(text);
    int depth = 0;
    while (const auto token = reader.next()) {
        const std::string_view word = reader.text_of(*token);
        depth += word == "(" ? 1 : word == ")" ? -1 : 0;
        if (depth != 0 || token->kind != TokenKind::word) {
            continue;
        }
        if (equal_ignoring_case(word, "from")) {
            return token->end;
        }
        if (equal_ignoring_case(word, "to")) {
            throw Error(ExitCode::failed, "copies out of the database, which loads nothing");
        }
    }
    throw Error(ExitCode::failed, "FROM is missing");
}

struct Source {
    std::string name;
    bool is_quoted = false;
    std::size_t end = 0;
};

Source source_in(std::string_view text, std::size_t at)
{
    at = std::min(text.find_first_not_of(" \t\r\n", at), text.size());
    Source source;
    source.is_quoted = text.substr(at).starts_with('\'');
    if (!source.is_quoted) {
        source.end = std::min(text.find_first_of(" \t\r\n;", at), text.size());
        source.name = text.substr(at, source.end - at);
        return source;
    }
    for (++at; at < text.size(); ++at) {
        const bool is_quote = text[at] == '\'';
        if (is_quote && !text.substr(at + 1).starts_with('\'')) {
            source.end = at + 1;
            return source;
        }
        source.name += text[at];
        at += is_quote ? 1 : 0;
    }
    throw Error(ExitCode::failed, "a quote that is never closed");
}

} // namespace

CopyCommand parse_copy_command(std::string_view arguments)
{
    const std::size_t end = end_of_from(arguments);
    const Source source = source_in(arguments, end);
    if (source.name.empty()) {
        throw Error(ExitCode::failed, "the file is missing");
    }
    if (!source.is_quoted && equal_ignoring_case(source.name, "program")) {
        throw Error(ExitCode::failed, "would run a program");
    }
    std::string_view options = trimmed(arguments.substr(source.end));
    if (options.ends_with(';')) {
        options.remove_suffix(1);
    }
    CopyCommand command;
    command.sql = fmt::format("COPY {} STDIN {}", arguments.substr(0, end), trimmed(options));
    const bool is_inline = !source.is_quoted && (equal_ignoring_case(source.name, "stdin") ||
                                                 equal_ignoring_case(source.name, "pstdin"));
    if (!is_inline) {
        command.file = source.name;
    }
    return command;
}

} // namespace crudctl::script
