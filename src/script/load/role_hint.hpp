#pragma once

#include "pg/connection.hpp"
#include "script/reader/script_file.hpp"
#include "script/source/script_error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// The roles that a statement wants to be there: an owner, who gets and loses privileges, whom a
/// policy or default privileges are for. Words of the grammar, PUBLIC and CURRENT_USER, are none.
std::vector<std::string> roles_in(std::string_view statement);

/// Where a statement failed for a role that is missing: all those that its file names and the
/// server does not have, and how to go on. Empty otherwise, and where the file is too large to look
/// again. The session is outside of a transaction.
std::string hint_about_roles(pg::Connection& connection, const FileOutline& file,
                             const ScriptSettings& settings, const Variables& variables,
                             const ScriptFailure& failure);

} // namespace crudctl::script
