#pragma once

#include "pg/connection.hpp"
#include "script/csv/file.hpp"
#include "script/csv/header.hpp"
#include "script/csv/seed.hpp"

#include <string>
#include <vector>

namespace crudctl::script {

/// A column that the file has values for.
struct CsvColumn {
    std::string name;
    std::string quoted;
    Place place; // of its name in the header
    bool is_key = false;
    bool is_identity_always = false;
    std::string sequence; // that it owns, quoted; empty where it owns none
};

/// The table that a file is loaded into.
struct CsvTable {
    std::string relation; // as the server names it in messages
    std::string quoted;   // with its schema
    std::string constraint;
    bool has_rows = false;          // looked for with CsvMode::if_empty only
    std::vector<CsvColumn> columns; // as the header orders them
};

/// Asks the server for the table, and checks that the file can be loaded into it. One round trip,
/// one more to say what was meant where there is no such table. Throws ScriptError with the place
/// in the header: no such table or column, a column that takes no values, no right, no key, and
/// what COPY can't be used for.
CsvTable find_csv_table(pg::Connection& connection, const CsvFile& file, const CsvTableName& name,
                        const std::vector<CsvName>& header, const CsvOptions& options);

/// Makes a CsvTable of the rows of queries/csv_table.sql (at least one), or throws ScriptError as
/// find_csv_table() does.
CsvTable check_csv_table(const CsvFile& file, const CsvOptions& options, const pg::Result& rows,
                         const std::vector<CsvName>& header);

} // namespace crudctl::script
