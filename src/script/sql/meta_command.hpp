#pragma once

#include "script/sql/variables.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// How far one of psql's commands reaches into a line that begins with its backslash: to the next
/// one outside of quotes, which is another command's or, twice, separates it from what follows;
/// else to the end. Only \copy and \! always take all of it.
std::size_t meta_command_size(std::string_view line);

/// One of psql's commands: `\set name 'a value'`.
struct MetaCommand {
    std::string_view name;      // without the backslash
    std::string_view arguments; // all of them as written, trimmed
};
MetaCommand parse_meta_command(std::string_view text);

/// Whether a command of that name shows something, or changes what psql shows, and nothing in the
/// database.
bool only_shows_something(std::string_view name);
/// Whether psql has a command of that name, up to version 18.
bool is_psql_command(std::string_view name);

/// The arguments as psql takes them apart: single quotes with C's escapes, double quotes kept,
/// variables put in. Throws Error(failed) at a quote that is never closed, and at a backquote,
/// which would run a program.
std::vector<std::string> arguments_of(const MetaCommand& command, const Variables& variables);

/// An argument without the double quotes that psql allows around a name.
std::string unquoted_name(std::string_view argument);

} // namespace crudctl::script
