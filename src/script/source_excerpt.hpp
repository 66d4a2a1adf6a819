#pragma once

#include "script/place.hpp"

#include <cstddef>
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
/// `columns` columns: of a longer one the part around the caret is shown.
std::vector<std::string> source_excerpt(std::string_view text, const Place& place,
                                        std::size_t columns);

} // namespace crudctl::script
