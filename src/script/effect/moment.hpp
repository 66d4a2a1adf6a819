#pragma once

#include "script/sql/words.hpp"

#include <cstddef>
#include <string>

namespace crudctl::script {

// What makes an expression give something else at another time or on another server: the clock,
// randomness, the server's files and state, the catalogs that all its databases share, and text
// that is run as SQL. Postgres' own functions are known by their names, and those of the extensions
// that are made for it.

/// Whether a date or a timestamp reads the literal as the time of day: 'now', 'today 10:00',
/// '[today,tomorrow)'. A sentence with such a word is none.
bool is_clock_string(const Word& word);

/// The same of a whole field of data, as COPY has it.
bool is_clock_field(std::string_view field);

/// What the word at `at` makes an expression depend on, "now()"; empty: on nothing of that kind.
/// Only the word itself and the one behind it are looked at, so a column of such a name may count.
std::string moment_in(const Words& words, std::size_t at);

} // namespace crudctl::script
