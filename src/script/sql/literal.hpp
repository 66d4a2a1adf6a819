#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace crudctl::script {

// Of a piece of SQL that may begin and end in the middle of a statement, or of a string that holds
// one: there is no lexer's state to go on from.

/// The byte there, or NUL beyond the end.
char at_or_nul(std::string_view text, std::size_t at);

/// Behind the blanks and comments that stand there.
std::size_t skip_blanks(std::string_view text, std::size_t at);

/// The end of a string of any form that begins there, with what continues it on a further line.
/// Inside another string its quotes come doubled.
std::optional<std::size_t> literal_end(std::string_view text, std::size_t at);

/// What is between a string's quotes or dollar tags; of an escape the letter behind its backslash.
std::string literal_content(std::string_view token);

} // namespace crudctl::script
