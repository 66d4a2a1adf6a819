#pragma once

#include "script/csv_table.hpp"

namespace crudctl::script {

/// Makes a CsvTable of the rows of queries/csv_table.sql (at least one), or throws ScriptError as
/// find_csv_table() does.
CsvTable check_csv_table(const CsvFile& file, const CsvOptions& options, const pg::Result& rows,
                         const std::vector<CsvName>& header);

} // namespace crudctl::script
