#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl {

/// One character of UTF-8 text. Invalid bytes are decoded one at a time, with valid == false.
struct Utf8Character {
    char32_t code_point = 0;
    std::size_t length = 0; // in bytes, at least 1
    bool valid = false;
};

/// The character that starts at text[at]; at must lie inside the text.
Utf8Character utf8_at(std::string_view text, std::size_t at);

bool is_valid_utf8(std::string_view text);

/// Text from a server, a file or an environment made harmless for a terminal: control characters,
/// bidirectional overrides, zero-width characters and invalid bytes come out as visible escapes
/// (`\x1b`, `\u202e`). Newlines and tabs stay where keep_lines says so.
enum class KeepLines { no, yes };
std::string printable(std::string_view text, KeepLines keep = KeepLines::no);

/// Columns that the text takes on a terminal: 2 for wide characters, 0 for combining ones.
std::size_t display_width(std::string_view text);

/// The text cut to at most `columns` columns, never inside a character; what was cut shows as `…`.
std::string shortened(std::string_view text, std::size_t columns);

/// The text in lines of at most `columns` columns, broken at spaces where there are any; at least
/// one line.
std::vector<std::string> wrapped(std::string_view text, std::size_t columns);

/// ASCII only, whatever the locale says (a Turkish one would turn I into a dotless i).
std::string lower_ascii(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);
bool contains_ignoring_case(std::string_view text, std::string_view part);

std::string_view trimmed(std::string_view text);

constexpr bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

constexpr bool is_lower_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

constexpr bool is_upper_letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

constexpr bool is_letter_or_digit(char c)
{
    return is_lower_letter(c) || is_upper_letter(c) || is_digit(c);
}

constexpr bool is_hex_digit(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// True where the text is not empty and each of its characters is such a one.
bool consists_of(std::string_view text, bool (*is_one)(char));

/// The parts between the separators: one more than there are separators.
std::vector<std::string_view> split_at(char separator, std::string_view text);

/// The text between the first `open` and the next `close`.
std::optional<std::string_view> between(std::string_view open, std::string_view close,
                                        std::string_view text);

/// "1 table", "2 tables"; "1 copy", "2 copies" where the plural is given.
std::string counted(std::size_t count, std::string_view noun, std::string_view plural = {});

/// "0.14 s", "3.2 s", "2 min 05 s".
std::string duration_text(double seconds);

/// "7.5 MB": powers of 1024, as Postgres' own pg_size_pretty counts them.
std::string size_text(std::size_t bytes);

/// A word for a POSIX shell: in single quotes, unless nothing in it means something there. `~`
/// stays bare, since paths are shown with it.
std::string shell_word(const std::string& text);

/// The candidate that a typo most likely meant: the nearest by edit distance (a swap of neighbours
/// counts once), at most a third of the word's length away and at least one edit is always allowed.
/// One that begins with the whole word is nearer than all others.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

} // namespace crudctl
