#include "script/loader.hpp"

#include "script/batch_sender.hpp"
#include "script/load_meter.hpp"
#include "script/load_transaction.hpp"
#include "script/sql_loader.hpp"

#include <utility>

#include <fmt/format.h>

namespace crudctl::script {

namespace {

using Clock = std::chrono::steady_clock;

class Loader {
public:
    Loader(pg::Connection& connection, const Script& script, const LoadOptions& options)
        : m_connection(connection),
          m_script(script),
          m_options(options),
          m_sender(connection, options),
          m_transaction(connection, m_sender,
                        script.settings.mode == TransactionMode::one ? options.lock_timeout
                                                                     : std::chrono::milliseconds(0),
                        options.first),
          m_meter(script.bytes(), options.on_progress),
          m_sql({connection, script, options, m_sender, m_transaction, m_meter, m_report})
    {}

    LoadReport run()
    {
        try {
            return load_all();
        } catch (const ScriptError& error) {
            m_transaction.roll_back();
            throw with_state(error);
        } catch (const pg::ConnectionLost& error) {
            throw Error(ExitCode::failed,
                        fmt::format("{} (while \"{}\" was being loaded)", error.what(), m_file),
                        m_sender.state());
        } catch (const Error& error) {
            m_transaction.roll_back();
            throw Error(error.code(), error.what(),
                        error.hint().empty() ? m_sender.state() : error.hint());
        }
    }

private:
    LoadReport load_all()
    {
        const auto start = Clock::now();
        m_sql.read_known_settings();
        for (const FileOutline& file : m_script.files) {
            m_report.notes.insert(m_report.notes.end(), file.notes.begin(), file.notes.end());
            load_file(file);
        }
        if (m_options.before_commit) {
            m_transaction.begin_now(); // with a session as it was at the log-in
            m_options.before_commit();
        }
        m_transaction.commit(shown_files());
        m_report.seconds = seconds_since(start);
        return std::move(m_report);
    }

    void load_file(const FileOutline& file)
    {
        const auto start = Clock::now();
        m_file = file.source->shown();
        m_sender.begin_file(m_file, file.statements);
        m_meter.begin_file();
        FileReport report{m_file, file.statements, 0, {}, 0};
        if (file.csv) {
            report.csv = load_rows(*file.csv);
        } else {
            m_sql.load(file);
        }
        m_meter.tell_bytes(file.bytes);
        report.rows = m_meter.rows_of_file();
        report.seconds = seconds_since(start);
        m_report.files.push_back(std::move(report));
    }

    /// Gives what became of the rows, in words.
    std::string load_rows(const CsvSeed& seed)
    {
        CsvOptions options;
        options.mode = m_options.csv_mode;
        options.constraint = m_options.csv_constraint;
        options.state_after_failure = m_sender.state();
        options.columns = m_options.columns;
        options.on_progress = [this](std::size_t done, std::size_t /*total*/) {
            m_meter.tell_bytes(done);
        };
        m_transaction.begin_now();
        const CsvReport report = load_csv(m_connection, seed, options);
        if (m_script.settings.mode != TransactionMode::one) {
            m_transaction.commit(m_file);
        }
        m_meter.add_rows(report.inserted + report.updated);
        return report.text();
    }

    ScriptError with_state(const ScriptError& error) const
    {
        ScriptFailure failure = error.failure();
        failure.state = m_sender.state();
        if (failure.hint.empty()) {
            failure.hint = m_sql.hint_about_names(failure);
        }
        return {error.code(), std::move(failure)};
    }

    std::string shown_files() const
    {
        std::string text;
        for (const FileOutline& file : m_script.files) {
            text += (text.empty() ? "" : ", ") + file.source->shown();
        }
        return text;
    }

    static double seconds_since(Clock::time_point start)
    {
        return std::chrono::duration<double>(Clock::now() - start).count();
    }

    pg::Connection& m_connection;
    const Script& m_script;
    const LoadOptions& m_options;
    BatchSender m_sender;
    LoadTransaction m_transaction;
    LoadMeter m_meter;
    LoadReport m_report;
    SqlLoader m_sql;
    std::string m_file; // as shown
};

} // namespace

LoadReport load(pg::Connection& connection, const Script& script, const LoadOptions& options)
{
    const Backslashes start = backslashes_of(connection);
    if (start != script.settings.backslashes) {
        return Loader(connection, read_again(script, start), options).run();
    }
    return Loader(connection, script, options).run();
}

} // namespace crudctl::script
