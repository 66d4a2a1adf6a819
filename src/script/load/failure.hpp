#pragma once

#include "pg/connection.hpp"
#include "pg/error.hpp"
#include "script/load/batch.hpp"
#include "script/source/script_error.hpp"
#include "script/sql/position.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace crudctl::script {

/// What a failure's report needs besides the error itself.
struct FailureContext {
    PositionUnit unit = PositionUnit::utf8_character;
    std::size_t columns = 100;
    std::string state;                     // of the database, for the last line
    std::string file;                      // of the command, as shown
    std::size_t statements = 0;            // in it
    bool has_no_transaction_option = true; // the command, for hints
    std::vector<std::string> secrets = {}; // that a statement may have from variables
};

/// What the server says of it, with the query inside a function; without file and place.
ScriptFailure failure_of_server(const pg::ServerError& error, const FailureContext& context);

/// Finds the statement that a batch failed at, and its place in the file: by the server's position,
/// otherwise by how many statements had run, otherwise the range of the batch.
ScriptError failure_of_batch(const Batch& batch, const pg::ServerError& error,
                             const FailureContext& context);

/// A failure at the commit, which belongs to no statement: as a rule a deferred constraint.
ScriptError failure_of_commit(const std::string& files, const pg::ServerError& error,
                              const FailureContext& context);

/// Finds the mistake that had files refused before anything of them was sent: a quote too many
/// makes strings of statements and statements of strings, until something is no statement for us.
/// Has the server parse the one that never ends, those that look odd and the last ones before;
/// gives the first syntax error, or nothing where there is none. Nothing is run, nor looked up in
/// the database. Throws ServerError, ConnectionLost.
std::optional<ScriptError> syntax_error_in(const std::vector<SharedSource>& files,
                                           const ScriptSettings& settings,
                                           pg::Connection& connection, std::size_t columns);

} // namespace crudctl::script
