#pragma once

#include "database/survey.hpp"
#include "operation/target.hpp"
#include "plan/guard.hpp"

#include <string>
#include <vector>

namespace crudctl::commands {

/// The copy that people mean by a name: the one under which it was saved, or the database's. One
/// that only says that it is a copy goes by its database's name alone. Null where there is none.
const database::Copy* find_copy(const database::Survey& survey, const std::string& name);

/// The same; throws Error(usage) with the names that there are, and Error(refused) for somebody's
/// database.
const database::Copy& copy_named(const Target& target, const database::Survey& survey,
                                 const std::string& name);

/// What protects one of the copies, through whichever profile they are reached: a copy is as
/// protected as the database was.
plan::ProtectedBecause protection_of(const std::vector<database::Copy>& copies);

/// Those that a person has to confirm by their full names.
std::vector<database::Copy> unproven_of(const std::vector<database::Copy>& copies);

} // namespace crudctl::commands
