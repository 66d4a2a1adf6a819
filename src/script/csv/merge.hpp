#pragma once

#include "pg/connection.hpp"
#include "script/csv/file.hpp"
#include "script/csv/seed.hpp"
#include "script/csv/table.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace crudctl::script {

/// COPY into a staging table, which is then merged into the table, and the sequences: two requests.
/// Throws ScriptError, before the merge where the file has a key twice or a null in one.
CsvReport upsert_csv(pg::Connection& connection, const CsvFile& file, const CsvTable& table,
                     const CsvOptions& options);

/// Puts names and lists of names, quoted already, in the place of `:name` in the text of a query,
/// as psql's \set would: for statements whose tables are known only when they run. A name without
/// a value is our own mistake: std::logic_error.
std::string with_names(std::string_view query,
                       std::initializer_list<std::pair<std::string_view, std::string_view>> values);

} // namespace crudctl::script
