#pragma once

#include "pg/connection.hpp"
#include "script/csv/file.hpp"
#include "script/csv/seed.hpp"
#include "script/csv/table.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// Sends a script whose one COPY takes the file.
std::vector<pg::Result> exec_with_csv(pg::Connection& connection, const std::string& sql,
                                      const CsvFile& file, const CsvOptions& options);

/// The texts of the columns that have one, with the separator in between.
std::string listed(const CsvTable& table, std::string_view separator,
                   const std::function<std::string(const CsvColumn&)>& text_of);
/// The quoted names.
std::string columns_of(const CsvTable& table);

/// The statements that move the sequences of the file's columns past the largest keys.
std::string sequence_moves(const pg::Connection& connection, const CsvTable& table);

/// COPY into the table itself, and the sequences: one request. Throws ScriptError.
CsvReport insert_csv(pg::Connection& connection, const CsvFile& file, const CsvTable& table,
                     const CsvOptions& options);

} // namespace crudctl::script
