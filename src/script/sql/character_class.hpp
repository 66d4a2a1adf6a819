#pragma once

#include <array>
#include <cstddef>

namespace crudctl::script {

// The character classes of the server's lexer.

constexpr bool is_newline(char c)
{
    return c == '\n' || c == '\r';
}

constexpr bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

constexpr bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/// Any byte above ASCII may be part of a name, whatever it is in the file's encoding.
constexpr bool starts_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

/// Of the tag of a dollar-quoted string.
constexpr bool continues_tag(char c)
{
    return starts_name(c) || is_digit(c);
}

/// Looked up: most bytes of SQL are asked this.
inline constexpr auto name_characters = [] {
    std::array<bool, 256> table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
        const char c = static_cast<char>(i);
        table[i] = continues_tag(c) || c == '$';
    }
    return table;
}();

constexpr bool continues_name(char c)
{
    return name_characters[static_cast<unsigned char>(c)];
}

} // namespace crudctl::script
