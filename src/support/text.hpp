#pragma once

#include <cstddef>
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

std::string_view trimmed(std::string_view text);

/// "1 table", "2 tables"; "1 copy", "2 copies" where the plural is given.
std::string counted(std::size_t count, std::string_view noun, std::string_view plural = {});

/// "0.14 s", "3.2 s", "2 min 05 s".
std::string duration_text(double seconds);

/// "7.5 MB": powers of 1024, as Postgres' own pg_size_pretty counts them.
std::string size_text(std::size_t bytes);

} // namespace crudctl
