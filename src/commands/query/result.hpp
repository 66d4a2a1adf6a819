#pragma once

#include "commands/query/arguments.hpp"
#include "operation/context.hpp"
#include "pg/result.hpp"

#include <string>

namespace crudctl::commands {

/// Throws Error(failed) where the rows are not as many as asked for: --one wants one, --value one
/// with one column. `state` says what became of what the query did.
void require_wanted_rows(const pg::Result& result, const QueryOptions& options,
                         const std::string& state);

/// The rows on stdout, as a table, JSON, CSV or one value; how many there are on stderr.
void print_rows(const Context& context, const pg::Result& result, const QueryOptions& options);

/// "1 row inserted", "create table"; empty for what only gave rows.
std::string done_text(const pg::Result& result);

/// Rows as JSON: numbers, booleans, JSON and null as such, everything else as the text that the
/// server wrote. An array of objects, or of the only row the object.
enum class JsonOf { rows, only_row };
std::string rows_as_json(const pg::Result& result, JsonOf of);

/// With the columns' names as its first line; null is empty, and the empty text is "". Lines end
/// as psql's do.
std::string rows_as_csv(const pg::Result& result);

} // namespace crudctl::commands
