#pragma once

#include "pg/conn_info.hpp"
#include "script/effect/effect.hpp"
#include "script/effect/load_time.hpp"
#include "script/sql/lexer.hpp"
#include "script/sql/variables.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace crudctl::script {

enum class TransactionMode {
    one,           // for all files: on a live database
    one_each_file, // for a database that is thrown away if anything fails
    none,          // the files have it their own way, as psql would
};

/// How a command's files are read.
struct ScriptSettings {
    TransactionMode mode = TransactionMode::one;
    Backslashes backslashes = Backslashes::literal; // at the start of each file
    std::string database;                           // that they are for, as people call it
    pg::ConnInfo connection;                        // that they are loaded through
    Variables variables;
    std::filesystem::path root; // where \i and \copy look first; then in the working directory
    KnownFunctions known;       // that the database has
    bool looks_for_server_side = false; // statements: see is_server_side()
    bool looks_for_load_time = false;   // see LoadTimeScan
    /// What was found of the own name in files that are loaded before; null: there are none.
    std::shared_ptr<const LoadTimeScan> own_name;
    bool has_no_transaction_option = false;              // the command, for hints
    bool has_via_option = true;                          // the same
    std::string loading_command = "crudctl schema-load"; // for hints: with -f it loads a file
};

} // namespace crudctl::script
