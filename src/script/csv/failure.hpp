#pragma once

#include "pg/error.hpp"
#include "script/csv/file.hpp"
#include "script/csv/seed.hpp"
#include "script/csv/table.hpp"
#include "script/sql/position.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
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

/// A record of a file, found again to show what is wrong with it.
struct CsvRecord {
    std::size_t number = 0;      // 0 is the header
    std::size_t server_line = 0; // of its end, as COPY counts
    Place place;                 // of its beginning
    std::string text;            // without its line end; the first megabyte of it
    bool is_open = false;        // the file ended inside quotes

    Place place_at(std::size_t byte) const;
};

/// The first record from the header on that `is_wanted` says yes to. Reads the file from its
/// beginning, in pieces: only what failed is worth that.
std::optional<CsvRecord> find_csv_record(const CsvFile& file,
                                         const std::function<bool(const CsvRecord&)>& is_wanted);

} // namespace crudctl::script
