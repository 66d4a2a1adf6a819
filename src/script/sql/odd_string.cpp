#include "script/sql/odd_string.hpp"

#include "support/text/text.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace crudctl::script {

namespace {

// After `$$ … $$ begin` the server stumbles over the word behind BEGIN.
constexpr std::size_t most_tokens_between = 1;

constexpr std::array<std::string_view, 4> routine_beginnings = {
    "create function", "create or replace function", "create procedure",
    "create or replace procedure"};
constexpr std::size_t routine_columns = 30;

bool is_quoted(const Token& token)
{
    return token.kind == TokenKind::string || token.kind == TokenKind::quoted_name;
}

bool is_word(const Token& token)
{
    return token.kind == TokenKind::word || token.kind == TokenKind::number;
}

/// With the dollar tag, or the character, that ends it.
std::string quote_of(std::string_view token)
{
    const std::size_t begin = token.back() == '$' ? token.rfind('$', token.size() - 2) : 0;
    return std::string(token.back() == '$' ? token.substr(begin) : token.substr(token.size() - 1));
}

/// Code makes tables, hardly ever a routine.
bool begins_line_with_routine(std::string_view text)
{
    for (std::size_t at = text.find('\n'); at != std::string_view::npos;
         at = text.find('\n', at + 1)) {
        const std::string line = lower_ascii(text.substr(at + 1, routine_columns));
        if (std::ranges::any_of(routine_beginnings, [&](std::string_view beginning) {
                return line.starts_with(beginning);
            })) {
            return true;
        }
    }
    return false;
}

bool ends_statement(std::string_view text)
{
    return text.find(";\n") != std::string_view::npos ||
           text.find(";\r\n") != std::string_view::npos;
}

OddString odd_at(std::string_view sql, const Token& quoted, OddString::Kind kind)
{
    return {kind, quoted.begin, quoted.end,
            quote_of(sql.substr(quoted.begin, quoted.end - quoted.begin))};
}

std::optional<OddString> holding_statements(std::string_view sql, const Token& quoted)
{
    OddString odd = odd_at(sql, quoted, OddString::Kind::holds_statements);
    const std::string_view text = sql.substr(quoted.begin, quoted.end - quoted.begin);
    // Functions between dollars are full of semicolons.
    const bool is_odd =
        odd.quote.starts_with('$') ? begins_line_with_routine(text) : ends_statement(text);
    return is_odd ? std::optional(std::move(odd)) : std::nullopt;
}

} // namespace

std::string OddString::hint(std::size_t line) const
{
    if (kind == Kind::ends_in_word) {
        return fmt::format("write a quote inside a string twice: {0}O{0}{0}Brien{0}", quote);
    }
    return fmt::format("the text in quotes before it begins in line {} and goes on over the end of "
                       "a statement: is its closing {} missing?",
                       line, quote);
}

std::optional<OddString> odd_string_in(std::string_view sql, Backslashes backslashes,
                                       std::optional<std::size_t> refused_at)
{
    TokenReader reader(sql, backslashes);
    std::optional<OddString> odd;
    Token quoted; // the last one
    std::size_t tokens_since = 0;
    while (const Token* token = reader.next()) {
        if (!odd && quoted.end == token->begin && quoted.end > 0 && is_word(*token)) {
            odd = odd_at(sql, quoted, OddString::Kind::ends_in_word);
        }
        if (refused_at ? token->begin >= *refused_at : odd.has_value()) {
            break;
        }
        ++tokens_since;
        if (is_quoted(*token)) {
            quoted = *token;
            odd = holding_statements(sql, quoted);
            tokens_since = 0;
        }
    }
    return tokens_since <= most_tokens_between || !refused_at ? odd : std::nullopt;
}

} // namespace crudctl::script
