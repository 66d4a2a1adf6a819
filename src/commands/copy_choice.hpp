#pragma once

#include "commands/target.hpp"
#include "database/survey.hpp"

#include <string>

namespace crudctl::commands {

/// The copy that people mean by a name: the one under which it was saved, or the database's. Null
/// where there is none.
const database::Copy* find_copy(const database::Survey& survey, const std::string& name);

/// The same; throws Error(usage) with the names that there are.
const database::Copy& copy_named(const Target& target, const database::Survey& survey,
                                 const std::string& name);

} // namespace crudctl::commands
