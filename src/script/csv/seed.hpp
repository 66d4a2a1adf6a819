#pragma once

#include "pg/connection.hpp"
#include "script/csv/header.hpp"
#include "script/source/source_file.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace crudctl::script {

/// A CSV file to load, as far as it can be checked without a server.
struct CsvSeed {
    SharedSource source; // stays open until it is loaded
    CsvTableName table;
    std::vector<std::string> columns;
    std::size_t bytes = 0;
};

/// Checks the file's name and its header row. Throws Error(configuration) where it can't be read,
/// ScriptError where it can't be loaded into any table.
CsvSeed read_csv_seed(SharedSource source);

enum class CsvMode {
    insert,
    if_empty, // a table that has a row is left alone
    upsert,   // rows with a known key are updated, the others inserted
};

struct CsvOptions {
    CsvMode mode = CsvMode::insert;
    /// For upsert: the unique constraint whose columns are the key; empty for the primary key.
    std::string constraint;
    /// A comment in SQL that an upsert's merge, which changes rows, is sent with; empty: none.
    std::string tag;
    /// What a failure leaves behind, as a sentence: "cruddur is exactly as it was".
    std::string state_after_failure;
    /// How wide an error's source lines may be.
    std::size_t columns = 100;
    /// Sends what begins the transaction with the first statements, in one trip; the results of
    /// both. Empty: the transaction has begun.
    std::function<std::vector<pg::Result>(const std::vector<std::string>& statements)> begin_with;
    /// Now and then: the bytes of this file that are sent.
    std::function<void(std::size_t done, std::size_t total)> on_progress;
};

struct CsvReport {
    std::string file;        // as shown
    std::string table;       // app.users
    bool is_skipped = false; // its table has rows already
    std::size_t inserted = 0;
    std::size_t updated = 0;
    std::size_t unchanged = 0; // the file says the same
    double seconds = 0;

    /// "3 rows inserted", "1 row inserted, 2 updated, 4 unchanged"; why, where it is skipped.
    std::string text() const;
};

/// Loads one file inside the transaction that the caller opened, or opens on the way, and moves the
/// sequences of its columns past the largest key. Two requests to the server for insert and
/// if_empty (its table; COPY with the sequences), three for upsert (COPY into a staging table; the
/// merge with the sequences); COPY waits once more, for the server to be ready for its data.
///
/// Throws ScriptError, Error(failed) where the connection is lost; the transaction is then the
/// caller's to roll back.
CsvReport load_csv(pg::Connection& connection, const CsvSeed& seed, const CsvOptions& options = {});

} // namespace crudctl::script
