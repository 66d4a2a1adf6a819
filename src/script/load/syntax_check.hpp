#pragma once

#include "pg/connection.hpp"
#include "script/reader/script_settings.hpp"
#include "script/source/script_error.hpp"
#include "script/source/source_file.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace crudctl::script {

/// Finds the mistake that had files refused before anything of them was sent: a quote too many
/// makes strings of statements and statements of strings, until something is no statement for us.
/// Has the server parse their statements up to there, with the one that never ends; gives its first
/// syntax error, or nothing where it has none. Nothing is run, nor looked up in the database. Of
/// large files only so much is parsed. Throws ServerError, ConnectionLost.
std::optional<ScriptError> syntax_error_in(const std::vector<SharedSource>& files,
                                           const ScriptSettings& settings,
                                           pg::Connection& connection, std::size_t columns);

} // namespace crudctl::script
