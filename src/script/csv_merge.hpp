#pragma once

#include "pg/connection.hpp"
#include "script/csv_file.hpp"
#include "script/csv_seed.hpp"
#include "script/csv_table.hpp"

namespace crudctl::script {

/// COPY into a staging table, which is then merged into the table, and the sequences: two requests.
/// Throws ScriptError, before the merge where the file has a key twice or a null in one.
CsvReport upsert_csv(pg::Connection& connection, const CsvFile& file, const CsvTable& table,
                     const CsvOptions& options);

} // namespace crudctl::script
