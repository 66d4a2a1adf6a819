#pragma once

#include "commands/query/arguments.hpp"
#include "operation/context.hpp"
#include "operation/named_queries.hpp"
#include "pg/connection.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace crudctl::commands {

/// Declares the parameters, how rows are printed, and --write.
void declare_query_options(CLI::App& command, QueryOptions& options);

/// Runs a query and prints its rows: read-only where its words only read; on a protected profile
/// one that writes needs --write, and the guard where it destroys.
void run_query(Context& context, ProjectQuery query, const QueryOptions& options);

/// The types of the query's parameters, as the server infers them; empty where it can't be asked,
/// or can't tell.
std::vector<std::string> inferred_types(pg::Connection& connection, const ProjectQuery& query);

/// What the server refused, with its place in the query's file. A value that it can't read as the
/// parameter's type is found by asking it again, for each value by itself. The connection must be
/// outside of a transaction.
script::ScriptError failure_of_query(pg::Connection& connection, const ProjectQuery& query,
                                     pg::Values values, const pg::ServerError& error,
                                     const std::string& state, std::size_t columns);

/// Lists every query of the project with its parameters and description; a file that is no query
/// says why. Needs no server.
void list_queries(const Context& context);

} // namespace crudctl::commands
