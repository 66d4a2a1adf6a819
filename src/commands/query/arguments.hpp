#pragma once

#include "operation/named_queries.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace crudctl::commands {

enum class RowsAs { table, csv, value };

struct QueryOptions {
    std::string name;
    std::vector<std::string> parameters; // KEY=VALUE
    std::vector<std::string> nulls;      // by name
    RowsAs rows_as = RowsAs::table;
    bool wants_one_row = false;
    bool writes = false; // may write on a protected profile, or by its functions
    bool lists = false;  // the project's queries, and runs none
};

/// The types of a query's parameters, as far as they can be had: empty where not.
using ParameterTypes = std::function<std::vector<std::string>()>;

/// The value for each of the query's parameters, in their order; nothing is SQL null. Reads what
/// KEY=@FILE and KEY=@- name. Throws Error(usage) where one is missing, unknown or given twice,
/// with all names and, for that asked for alone, their types; and for a value that is no text:
/// with a NUL byte, or not in UTF-8.
std::vector<std::optional<std::string>>
bound_values(const ProjectQuery& query, const QueryOptions& options, const ParameterTypes& types);

/// What comes from a stream (a pipe, a terminal, a file) until its end, byte for byte. A signal
/// ends the wait: throws Error(interrupted|terminated); Error(configuration) where it can't be read
/// or has more than max_bytes.
std::string read_to_end(int descriptor, std::size_t max_bytes);

} // namespace crudctl::commands
