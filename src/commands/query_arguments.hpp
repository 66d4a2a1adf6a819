#pragma once

#include "commands/commands.hpp"
#include "commands/named_queries.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace crudctl::commands {

/// The types of a query's parameters, as far as they can be had: empty where not.
using ParameterTypes = std::function<std::vector<std::string>()>;

/// The value for each of the query's parameters, in their order; nothing is SQL null. Reads what
/// KEY=@FILE and KEY=@- name. Throws Error(usage) where one is missing, unknown or given twice,
/// with all names and, for that asked for alone, their types; and for a value that is no text:
/// with a NUL byte, or not in UTF-8.
std::vector<std::optional<std::string>>
bound_values(const ProjectQuery& query, const QueryOptions& options, const ParameterTypes& types);

} // namespace crudctl::commands
