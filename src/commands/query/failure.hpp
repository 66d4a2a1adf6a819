#pragma once

#include "operation/named_queries.hpp"
#include "pg/connection.hpp"

#include <cstddef>
#include <string>

namespace crudctl::commands {

/// The types of the query's parameters, as the server infers them; empty where it can't be asked,
/// or can't tell.
std::vector<std::string> inferred_types(pg::Connection& connection, const ProjectQuery& query);

/// What the server refused, with its place in the query's file. A value that it can't read as the
/// parameter's type is found by asking it again, for each value by itself. The connection must be
/// outside of a transaction.
script::ScriptError failure_of_query(pg::Connection& connection, const ProjectQuery& query,
                                     pg::Values values, const pg::ServerError& error,
                                     const std::string& state, std::size_t columns);

} // namespace crudctl::commands
