#include "script/loader.hpp"

#include "script/batch.hpp"
#include "script/failure.hpp"
#include "script/position.hpp"
#include "support/interrupt.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace crudctl::script {

namespace {

using Clock = std::chrono::steady_clock;

// RESET ALL takes back what a dump sets for the rest of its session: search_path = '',
// statement_timeout, client_encoding. It does not take back SET ROLE, hence the first one.
constexpr std::string_view clean_session =
    "RESET SESSION AUTHORIZATION; RESET ALL; DEALLOCATE ALL; DISCARD TEMP;\n";
constexpr std::size_t clean_session_statements = 4;

// The SQLSTATEs of a server that goes away: whether it had committed is not said.
constexpr std::array<std::string_view, 4> shutdown_states = {"57P01", "57P02", "57P03", "57P05"};

double seconds_since(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

Backslashes backslashes_of(const pg::Connection& connection)
{
    return connection.parameter("standard_conforming_strings") == "off" ? Backslashes::escape
                                                                        : Backslashes::literal;
}

class Loader {
public:
    Loader(pg::Connection& connection, const Script& script, const LoadOptions& options)
        : m_connection(connection),
          m_script(script),
          m_options(options),
          m_total_bytes(script.bytes())
    {}

    LoadReport run()
    {
        try {
            return load_all();
        } catch (const Error& error) {
            const bool is_signal =
                error.code() == ExitCode::interrupted || error.code() == ExitCode::terminated;
            if (is_signal) {
                throw Error(error.code(), error.what(), m_options.state_after_failure);
            }
            throw;
        }
    }

private:
    LoadReport load_all()
    {
        const auto start = Clock::now();
        for (const ScannedFile& file : m_script.files) {
            m_report.notes.insert(m_report.notes.end(), file.notes.begin(), file.notes.end());
            load_file(file);
            if (m_options.mode == TransactionMode::one_each_file) {
                commit();
            }
        }
        commit();
        m_report.seconds = seconds_since(start);
        return std::move(m_report);
    }

    void load_file(const ScannedFile& file)
    {
        const auto start = Clock::now();
        FileReport report{file.file.shown, file.statements, 0, 0};
        BatchMaker batches(file);
        while (const auto batch = batches.next(prefix(file))) {
            report.rows += send(file, *batch);
            tell_progress(batch->file_bytes);
        }
        m_done_bytes += file.text.size();
        report.seconds = seconds_since(start);
        m_report.files.push_back(std::move(report));
    }

    /// What goes before the file's next batch: the first one opens the transaction and cleans up
    /// behind the file before.
    Prefix prefix(const ScannedFile& file)
    {
        Prefix prefix;
        if (m_prepared == &file) {
            return prefix;
        }
        m_prepared = &file;
        if (!m_is_open) {
            prefix = {"BEGIN;\n", 1};
        }
        prefix.text += clean_session;
        prefix.statements += clean_session_statements;
        // The server reads a batch as the settings before it say: they have to be back by then.
        if (m_reading_has_changed) {
            m_is_open = true;
            m_connection.exec_script(prefix.text);
            prefix = {};
        }
        m_reading_has_changed = file.changes_reading;
        return prefix;
    }

    std::size_t send(const ScannedFile& file, const Batch& batch)
    {
        const Command& first = *batch.parts.front().command;
        if (backslashes_of(m_connection) != first.backslashes) {
            fail(refusal(file, first.place,
                         "standard_conforming_strings was changed in a way that can't be followed",
                         "set it by a SET statement of the file's own",
                         m_options.state_after_failure));
        }
        m_is_open = true;
        m_last_file = &file;
        try {
            return changed_rows(batch, exec(batch));
        } catch (const pg::ServerError& error) {
            fail(failure_of_batch(file, batch, error, failure_context()));
        } catch (const pg::ConnectionLost& error) {
            throw Error(
                ExitCode::failed,
                fmt::format("{} (while \"{}\" was being loaded)", error.what(), file.file.shown),
                m_options.state_after_failure);
        }
    }

    std::vector<pg::Result> exec(const Batch& batch)
    {
        std::vector<pg::CopySource> sources;
        for (const std::string_view data : batch.copies) {
            sources.emplace_back([data, is_given = false]() mutable {
                return std::exchange(is_given, true) ? std::string_view() : data;
            });
        }
        pg::ScriptIO io;
        io.copies = sources;
        return m_connection.exec_script(batch.text, io);
    }

    void commit()
    {
        if (!m_is_open) {
            return;
        }
        if (m_connection.transaction_status() !=
            pg::Connection::TransactionStatus::in_transaction) {
            throw Error(ExitCode::failed, "the files ended the transaction they were loaded in");
        }
        interrupt::throw_if_pending(); // from here on nobody can tell what an error means
        m_is_open = false;
        m_reading_has_changed = false;
        try {
            m_connection.exec_script("COMMIT;\n" + std::string(clean_session));
        } catch (const pg::ServerError& error) {
            if (error.failed_result() > 0) {
                return; // committed; only the cleaning up behind it failed
            }
            if (std::find(shutdown_states.begin(), shutdown_states.end(), error.sqlstate()) !=
                shutdown_states.end()) {
                throw_unknown(error);
            }
            fail(failure_of_commit(shown_files(), error, failure_context()));
        } catch (const Error& error) {
            throw_unknown(error);
        }
    }

    [[noreturn]] void throw_unknown(const Error& error) const
    {
        throw Error(ExitCode::unknown,
                    fmt::format("the commit of {} was under way, and may or may not have happened: "
                                "{}",
                                shown_files(), error.what()),
                    "look at the database before you load again: it holds all of it or nothing");
    }

    [[noreturn]] void fail(const ScriptError& error)
    {
        try {
            if (m_connection.transaction_status() != pg::Connection::TransactionStatus::idle) {
                m_connection.exec_script("ROLLBACK;\n" + std::string(clean_session));
            }
        } catch (const Error&) {
            // Whoever loses the session here has its changes undone by the server all the same.
        }
        throw ScriptError(error);
    }

    FailureContext failure_context() const
    {
        return {position_unit(m_connection.parameter("client_encoding"),
                              m_connection.parameter("server_encoding")),
                m_options.columns, m_options.state_after_failure};
    }

    std::string shown_files() const
    {
        std::string text;
        for (const ScannedFile& file : m_script.files) {
            if (m_options.mode == TransactionMode::one || &file == m_last_file) {
                text += (text.empty() ? "" : ", ") + file.file.shown;
            }
        }
        return text;
    }

    void tell_progress(std::size_t file_bytes) const
    {
        if (m_options.on_progress) {
            m_options.on_progress(m_done_bytes + file_bytes, m_total_bytes);
        }
    }

    pg::Connection& m_connection;
    const Script& m_script;
    const LoadOptions& m_options;
    LoadReport m_report;
    std::size_t m_total_bytes;
    std::size_t m_done_bytes = 0;
    bool m_is_open = false;
    bool m_reading_has_changed = false;
    const ScannedFile* m_prepared = nullptr; // whose session is set up
    const ScannedFile* m_last_file = nullptr;
};

} // namespace

LoadReport load(pg::Connection& connection, const Script& script, const LoadOptions& options)
{
    const Backslashes start = backslashes_of(connection);
    if (start != script.backslashes) {
        return Loader(connection, read_again(script, start), options).run();
    }
    return Loader(connection, script, options).run();
}

LoadReport load_files(pg::Connection& connection, const std::vector<ScriptFile>& files,
                      const LoadOptions& options)
{
    return load(connection, read_script(files, backslashes_of(connection)), options);
}

} // namespace crudctl::script
