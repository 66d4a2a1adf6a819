#pragma once

#include "pg/error.hpp"
#include "script/csv_file.hpp"
#include "script/csv_seed.hpp"
#include "script/csv_table.hpp"

#include <string_view>

namespace crudctl::script {

/// Finds the row that the server refused, and in it the field: by the line of COPY's context,
/// otherwise by the key or the null that the error names, which is looked for in the file.
/// `copied` is the table that COPY wrote into, as messages name it.
ScriptError failure_of_csv(const CsvFile& file, const CsvTable& table, std::string_view copied,
                           const pg::ServerError& error, const CsvOptions& options);

/// The server's error about a data row that is known, counted from 1.
ScriptError failure_of_csv_row(const CsvFile& file, std::size_t row, const pg::ServerError& error,
                               const CsvOptions& options);

/// An error of our own about a data row, counted from 1, at its field of the column.
ScriptError refusal_of_csv_row(const CsvFile& file, const CsvTable& table, std::size_t row,
                               std::string_view column, const std::string& message,
                               const std::string& hint, const CsvOptions& options);

/// Where a data row begins; the file's beginning where it has no such row.
Place place_of_csv_row(const CsvFile& file, std::size_t row);

} // namespace crudctl::script
