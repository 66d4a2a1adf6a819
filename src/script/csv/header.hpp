#pragma once

#include "script/csv/file.hpp"
#include "script/source/source_file.hpp"
#include "script/sql/position.hpp"

#include <string>
#include <vector>

namespace crudctl::script {

/// A column as the header row names it.
struct CsvName {
    std::string text;
    Place place;
};

/// Reads the header row as Postgres reads CSV: quoted names, quoted newlines, any line end. Throws
/// ScriptError, with the place, for an empty file, an empty or a doubled name, a quote that isn't
/// closed, a NUL and what isn't UTF-8.
std::vector<CsvName> read_csv_header(const CsvFile& file);

/// The table that a file is for. A name is looked up as it is spelt and, where there is no such
/// table, as the server folds it without quotes.
struct CsvTableName {
    std::string schema; // empty: the search path's
    std::string table;
};

/// By the file's name: `users.csv`, `app.users.csv`, `users.csv.gz`. Throws ScriptError for any
/// other form.
CsvTableName table_of_csv_file(const CsvFile& file);

} // namespace crudctl::script
