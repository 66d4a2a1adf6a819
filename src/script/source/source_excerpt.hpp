#pragma once

#include "script/sql/position.hpp"

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// The line of `place` with a caret under its character, between the lines before and behind it:
///
///     11 | create table a (id int);
///     12 | create tabel b (id int);
///        |        ^
///     13 | create table c (id int);
///
/// Tabs are expanded, whatever a terminal would obey is escaped, and no line takes more than
/// `columns` columns: of a longer one the part around the caret is shown. Secrets are masked.
std::vector<std::string> source_excerpt(std::string_view text, const Place& place,
                                        std::size_t columns);

/// Reads a text from a byte of it on; how much there was, less than asked for at its end alone.
using TextReader = std::function<std::size_t(std::size_t offset, std::span<char> buffer)>;

/// The same of a text that is too large to be held: reads so much around the place as shows its
/// lines as a rule.
std::vector<std::string> source_excerpt(const TextReader& read, const Place& place,
                                        std::size_t columns);

} // namespace crudctl::script
