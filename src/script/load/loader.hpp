#pragma once

#include "pg/connection.hpp"
#include "script/reader/script_file.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// How far a load has come.
struct LoadProgress {
    std::size_t bytes = 0; // of all files, read and sent
    std::size_t total_bytes = 0;
    std::size_t statements = 0; // done
    std::size_t rows = 0;       // inserted, updated, deleted, copied
};

/// SQL that is no part of a load, but travels with the end of it, and what is called for each row
/// that it gives.
struct Trailing {
    std::vector<std::string> statements; // none: there is nothing
    std::function<void(const pg::Result& row)> on_row;
};

struct LoadReport;

struct LoadOptions {
    /// What a failure leaves behind, as a sentence: "cruddur is exactly as it was".
    std::string state_after_failure;
    /// How wide an error's source lines may be.
    std::size_t columns = 100;
    /// The database that is being filled, where it bears another name than it will have: what the
    /// files ALTER, GRANT and REVOKE ON DATABASE goes there.
    std::string stand_in;
    /// Of the database's comment, the line of crudctl's that is still there afterwards, whatever
    /// the files do; empty: there is none.
    std::string marker_line;
    /// A comment in SQL that goes before what destroys; empty: none.
    std::string tag;
    /// In one transaction on a live database: how long a statement waits for a lock; 0 is forever.
    std::chrono::milliseconds lock_timeout{0};
    /// Of `.csv` files: what becomes of rows that are there already, and by which constraint they
    /// are known; empty for the primary key.
    CsvMode csv_mode = CsvMode::insert;
    std::string csv_constraint;
    /// Where each file is a transaction of its own: over how many connections neighbouring `.csv`
    /// files may be loaded at once, those of tables that have nothing to do with each other.
    std::size_t jobs = 1;
    /// Statements for the beginning of the one transaction that all files are loaded in, and what
    /// has to hold before it commits: throws where it doesn't.
    std::vector<std::string> first;
    std::function<void()> before_commit;
    /// Statements that go before each COMMIT. One fails with sqlstate::failed_test where the
    /// transaction did more than its files say. Statements that need a transaction of their own go
    /// without.
    std::vector<std::string> last;
    /// Statements for the end of the one transaction that all files are loaded in. They run in a
    /// session as it was at its log-in.
    std::function<std::vector<std::string>(const LoadReport&)> at_commit;
    /// Called around each statement that is sent by itself, so that none of `last` goes before its
    /// COMMIT. `place` is "sql/schema.sql:12". Each may throw: where the statement must not run,
    /// and where it did what it must not.
    struct BareStatements {
        /// has_commit: inside of it, a DO or a CALL.
        std::function<void(const std::string& place, bool has_commit)> before;
        std::function<void(const std::string& place)> after;
    };
    BareStatements bare;
    /// Where each file is a transaction of its own: goes behind the commit of the last one.
    Trailing behind;
    /// Leaves out each SET of a parameter that the server does not know, with a note.
    bool ignores_unknown_settings = false;

    /// Whether the command has --no-transaction, for hints.
    bool has_no_transaction_option = true;

    /// From time to time, and at the end of each file.
    std::function<void(const LoadProgress&)> on_progress;
    /// A notice of the server, the place of the statement that it is about, "sql/schema.sql:12",
    /// and that statement, whose secrets it may repeat.
    std::function<void(const pg::Diagnostic& notice, const std::string& place,
                       std::string_view sql)>
        on_notice;
    /// Each batch that was sent, in words, and how long its answer took.
    std::function<void(const std::string& batch, double seconds)> on_batch;
    /// What a file says by \echo.
    std::function<void(const std::string& message)> on_message;
    /// Who keeps the session with this process id waiting, in words; empty where nobody does. Asked
    /// when a statement has waited for most of lock_timeout.
    std::function<std::string(int backend_pid)> find_blockers;
};

struct FileReport {
    std::string file; // as shown
    std::size_t statements = 0;
    std::size_t rows = 0; // inserted, updated, deleted, copied
    std::string csv;      // of a `.csv`: what became of its rows, in words
    double seconds = 0;
    bool is_skipped = false; // a `.csv` whose table has rows already
};

struct LoadReport {
    std::vector<FileReport> files;
    std::vector<std::string> notes; // what was left out, for people
    /// Statements for when the stand-in has taken the database's name: COMMENT ON DATABASE.
    std::vector<std::string> deferred;
    double seconds = 0; // with the commit
    /// Whether what was to go behind it did: it has no place where the last file is a `.csv` or
    /// takes several transactions, and its failure is nobody's.
    bool has_run_behind = false;
};

/// Loads the files in their order and commits, as the script's settings say. Each begins with the
/// session as it was at its log-in: settings, role, prepared statements and temporary tables of an
/// earlier one are gone, and so are those of the last one afterwards.
/// Throws ScriptError (of the server's refusal, or because a file can't go on), Error(failed)
/// where the connection is lost, Error(unknown) where it is lost during the commit.
LoadReport load(pg::Connection& connection, const Script& script, const LoadOptions& options = {});

} // namespace crudctl::script
