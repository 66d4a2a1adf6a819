#pragma once

#include "pg/connection.hpp"
#include "script/script_file.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace crudctl::script {

enum class TransactionMode {
    one,           // for all files: on a live database
    one_each_file, // for a database that is thrown away if anything fails
};

struct LoadOptions {
    TransactionMode mode = TransactionMode::one;
    /// What a failure leaves behind, as a sentence: "cruddur is exactly as it was".
    std::string state_after_failure;
    /// How wide an error's source lines may be.
    std::size_t columns = 100;
    /// After each batch: the bytes of all files that are done.
    std::function<void(std::size_t done, std::size_t total)> on_progress;
};

struct FileReport {
    std::string file; // as shown
    std::size_t statements = 0;
    std::size_t rows = 0; // inserted, updated, deleted, copied
    double seconds = 0;
};

struct LoadReport {
    std::vector<FileReport> files;
    std::vector<std::string> notes; // what was left out, for people
    double seconds = 0;             // with the commit
};

/// Loads the files in their order and commits. Each begins with the session as it was at its
/// log-in: settings, role, prepared statements and temporary tables of an earlier one are gone, and
/// so are those of the last one afterwards.
/// Throws ScriptError (of the server's refusal, or because nothing may be sent), Error(failed)
/// where the connection is lost, Error(unknown) where it is lost during the commit.
LoadReport load(pg::Connection& connection, const Script& script, const LoadOptions& options = {});

/// read_script() and load(): nothing is sent before all files are read and found fit.
LoadReport load_files(pg::Connection& connection, const std::vector<ScriptFile>& files,
                      const LoadOptions& options = {});

} // namespace crudctl::script
