#pragma once

#include "pg/connection.hpp"
#include "script/load/batch.hpp"
#include "script/reader/script_file.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// A server's refusal, and what of which statement it is about.
struct Refusal {
    std::string_view sqlstate;
    const Batch::Part& part;
    std::string_view statement;
    std::size_t at = 0; // the byte of the statement that the server points at
    Backslashes backslashes = Backslashes::literal; // as which it was read
    bool has_no_transaction_option = true;          // the command
};

/// The way out, where we know one that the server does not tell; empty where we don't.
std::string own_hint(const Refusal& refusal);

/// Whether a file is small enough to be read once more for a hint.
bool may_look_again(const FileOutline& file);

/// The hint where a file creates a relation or a type of one of the names behind its statement
/// `number`. Empty where it doesn't, or where the file is too large to look again.
std::string created_later(const FileOutline& file, const ScriptSettings& settings,
                          const Variables& variables, std::size_t number,
                          const std::vector<std::string>& names);

/// Where a statement failed for a role that is missing: all those that its file names and the
/// server does not have, and how to go on. Empty otherwise, and where the file is too large to look
/// again. The session is outside of a transaction.
std::string hint_about_roles(pg::Connection& connection, const FileOutline& file,
                             const ScriptSettings& settings, const Variables& variables,
                             const ScriptFailure& failure);

/// The name that begins at the byte `at`, as the server reads it and without its schema; nothing
/// where none does.
std::vector<std::string> names_at(std::string_view statement, std::size_t at);
/// All names and words of a statement, up to a hundred.
std::vector<std::string> names_in(std::string_view statement);

/// Which statement_timeout the session began with, and who set it; empty where it has none. Throws
/// ServerError, ConnectionLost.
std::string hint_about_timeout(pg::Connection& connection);

} // namespace crudctl::script
