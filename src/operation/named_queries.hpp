#pragma once

#include "config/project/project.hpp"
#include "script/query/named_query.hpp"
#include "script/source/script_error.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace crudctl::commands {

/// A query of the project's folder `project.queries`, read and found fit to be sent.
struct ProjectQuery {
    std::string name;  // "users/show" for users/show.sql
    std::string shown; // the file, as it is shown to people
    std::string text;  // of the file
    script::NamedQuery query;
};

/// The names of all queries, sorted: the folder's .sql files, without hidden ones, and without what
/// links lead to elsewhere. Throws Error(configuration) where there is no such folder.
std::vector<std::string> query_names(const config::Project& project);

/// Reads one. Nobody gets out of the folder, neither by `..` nor by a link. Throws Error(usage) for
/// what can't be a name, Error(configuration) where there is no such file, or it can't be read,
/// script::ScriptError for one that is no query; its source takes no more than `columns` columns.
ProjectQuery read_query(const config::Project& project, const std::string& name,
                        std::size_t columns);

/// Parses a query that is in no file: `shown` stands for one in messages. Throws what read_query()
/// throws for a file that is no query.
ProjectQuery parse_query(std::string shown, std::string text, std::size_t columns);

/// A failure at a byte of the query's `sql`, with its place in the file and the source there.
script::ScriptFailure failure_at(const ProjectQuery& query, std::size_t at, std::size_t columns);

} // namespace crudctl::commands
