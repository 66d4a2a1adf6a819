#include "script/sql/literal.hpp"

#include "script/sql/character_class.hpp"

#include <algorithm>

namespace crudctl::script {

namespace {

using std::string_view;

/// Behind a block comment, which may hold others.
std::size_t comment_end(string_view text, std::size_t at)
{
    std::size_t depth = 0;
    while (at < text.size()) {
        const string_view pair = text.substr(at, 2);
        if (pair != "/*" && pair != "*/") {
            ++at;
            continue;
        }
        at += 2;
        depth += pair == "/*" ? 1 : 0;
        if (pair == "*/" && --depth == 0) {
            break;
        }
    }
    return std::min(at, text.size());
}

/// Behind the quotes that close what `quotes` of them opened.
std::size_t quoted_end(string_view text, std::size_t at, std::size_t quotes, bool has_escapes)
{
    for (; at < text.size(); ++at) {
        if (text[at] == '\\' && has_escapes) {
            ++at;
        } else if (text[at] == '\'') {
            const std::size_t run = std::min(text.find_first_not_of('\'', at), text.size()) - at;
            if (quotes == 1 ? run % 2 == 1 : run >= quotes) {
                return at + (quotes == 1 ? run : quotes);
            }
            at += run - 1;
        }
    }
    return text.size();
}

std::optional<std::size_t> dollar_quoted_end(string_view text, std::size_t at)
{
    std::size_t end = at + 1;
    while (continues_tag(at_or_nul(text, end))) {
        ++end;
    }
    if (at_or_nul(text, end) != '$') {
        return std::nullopt;
    }
    const string_view tag = text.substr(at, end + 1 - at);
    const std::size_t close = text.find(tag, end + 1);
    return close == string_view::npos ? text.size() : close + tag.size();
}

} // namespace

char at_or_nul(std::string_view text, std::size_t at)
{
    return at < text.size() ? text[at] : '\0';
}

std::size_t skip_blanks(string_view text, std::size_t at)
{
    for (;;) {
        while (is_blank(at_or_nul(text, at))) {
            ++at;
        }
        if (text.substr(std::min(at, text.size()), 2) == "--") {
            at = std::min(text.find('\n', at), text.size());
        } else if (text.substr(std::min(at, text.size()), 2) == "/*") {
            at = comment_end(text, at);
        } else {
            return at;
        }
    }
}

std::optional<std::size_t> literal_end(string_view text, std::size_t at)
{
    if (at_or_nul(text, at) == '$') {
        return dollar_quoted_end(text, at);
    }
    const char prefix = static_cast<char>(at_or_nul(text, at) | 0x20);
    if (prefix == 'u' && text.substr(at + 1, 2) == "&'") {
        at += 2;
    } else if ((prefix == 'e' || prefix == 'n' || prefix == 'b' || prefix == 'x') &&
               at_or_nul(text, at + 1) == '\'') {
        at += 1;
    }
    if (at_or_nul(text, at) != '\'') {
        return std::nullopt;
    }
    const std::size_t run = std::min(text.find_first_not_of('\'', at), text.size()) - at;
    if (run % 2 == 0) {
        const char next = at_or_nul(text, at + run);
        const bool is_empty = next == '\0' || is_blank(next) || next == ',' || next == ')' ||
                              next == ';' || next == '|';
        return is_empty ? at + run : quoted_end(text, at + run, run, false);
    }
    std::size_t end = quoted_end(text, at + 1, 1, prefix == 'e');
    for (;;) {
        const std::size_t next = skip_blanks(text, end);
        if (at_or_nul(text, next) != '\'' ||
            text.substr(end, next - end).find('\n') == string_view::npos) {
            return end;
        }
        end = quoted_end(text, next + 1, 1, prefix == 'e');
    }
}

std::string literal_content(std::string_view token)
{
    if (token.starts_with('$')) {
        const auto tag = token.find('$', 1) + 1;
        return token.size() >= 2 * tag ? std::string(token.substr(tag, token.size() - 2 * tag))
                                       : std::string();
    }
    const bool has_escapes = token.starts_with('e') || token.starts_with('E');
    std::string text;
    bool is_open = false;
    for (std::size_t i = 0; i < token.size(); ++i) {
        const char c = token[i];
        if (c == '\'') {
            if (is_open && i + 1 < token.size() && token[i + 1] == '\'') {
                text += token[++i];
            } else {
                is_open = !is_open;
            }
        } else if (is_open && c == '\\' && has_escapes && i + 1 < token.size()) {
            text += token[++i];
        } else if (is_open) {
            text += c;
        }
    }
    return text;
}

} // namespace crudctl::script
