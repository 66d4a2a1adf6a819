#pragma once

#include "script/sql/words.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

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

/// A text in which a moment stands as a word and that may become a date, as in JSON: the statement
/// speaks of such a type, too. Empty: there is none.
std::string date_from_text_in(const Words& words);

/// The first function called that may give anything: none of the server's own that compute, nor one
/// that `knows` says is known otherwise. "crosstab()"; empty: there is none.
std::string unknown_call_in(const Words& words,
                            const std::function<bool(const std::string&)>& knows);

} // namespace crudctl::script
