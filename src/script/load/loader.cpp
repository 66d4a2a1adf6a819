#include "script/load/loader.hpp"

#include "script/load/batch_sender.hpp"
#include "script/load/csv_workers.hpp"
#include "script/load/hint.hpp"
#include "script/load/load_progress.hpp"
#include "script/load/load_transaction.hpp"
#include "script/load/sql_loader.hpp"

#include <algorithm>
#include <span>
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
          m_transaction(connection, m_sender, options, script.settings.mode),
          m_meter(script.bytes(), options.on_progress),
          m_sql({connection, script, options, m_sender, m_transaction, m_meter, m_report}),
          m_workers({connection, options, m_meter, m_report,
                     [this](const FileOutline& file, const CsvOptions& csv_options) {
                         return load_rows(file, csv_options);
                     }})
    {}

    LoadReport run()
    {
        try {
            return load_all();
        } catch (const ScriptError& error) {
            m_transaction.roll_back();
            if (error.failure().is_hidden_reach) {
                throw refusal_of_hidden_reach("the files", m_sender.state());
            }
            throw with_state(error);
        } catch (const pg::ConnectionLost& error) {
            throw Error(
                ExitCode::failed,
                m_sender.lost_at().empty()
                    ? fmt::format("{} (while \"{}\" was being loaded)", error.what(), m_file)
                    : fmt::format("{} (while {} was running)", error.what(), m_sender.lost_at()),
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
        for (std::size_t i = 0; i < m_script.files.size(); i = m_report.files.size()) {
            load_next(std::span(m_script.files).subspan(i));
        }
        if (m_options.before_commit) {
            m_transaction.begin_now(); // with a session as it was at the log-in
            m_options.before_commit();
        }
        require_as_hashed();
        m_transaction.commit(shown_files(), m_options.at_commit ? m_options.at_commit(m_report)
                                                                : std::vector<std::string>());
        if (m_script.settings.mode == TransactionMode::none) {
            m_transaction.put_marker_back();
        }
        m_report.has_run_behind = m_sender.behind_load() == BatchSender::BehindLoad::done;
        if (m_sender.behind_load() == BatchSender::BehindLoad::failed) {
            m_transaction.roll_back();
            m_transaction.clean_session(); // that was undone with it
        }
        m_report.seconds = seconds_since(start);
        return std::move(m_report);
    }

    /// What somebody wrote into meanwhile is not committed.
    void require_as_hashed() const
    {
        for (const FileOutline& file : m_script.files) {
            static_cast<void>(file.digest.hex());
        }
    }

    /// The first of the files, or the CSV files that it begins.
    void load_next(std::span<const FileOutline> files)
    {
        const auto behind = std::find_if(files.begin(), files.end(),
                                         [](const FileOutline& file) { return !file.csv; });
        const auto rows = files.first(static_cast<std::size_t>(behind - files.begin()));
        const bool may_be_shared = m_options.jobs > 1 && rows.size() > 1 &&
                                   m_script.settings.mode == TransactionMode::one_each_file;
        if (!may_be_shared) {
            load_file(files.front());
            return;
        }
        m_transaction.clean_session(); // names are looked up as at the log-in
        for (const CsvGroup& group : csv_groups(m_connection, rows)) {
            if (group.size() > 1) {
                m_workers.load(group, csv_options());
                continue;
            }
            for (const FileOutline* file : group.front()) {
                load_file(*file);
            }
        }
    }

    void load_file(const FileOutline& file)
    {
        const auto start = Clock::now();
        m_meter.begin_file();
        m_report.notes.insert(m_report.notes.end(), file.notes.begin(), file.notes.end());
        FileReport report{file.source->shown(), file.statements, 0, {}, 0};
        if (file.csv) {
            CsvOptions options = csv_options();
            options.on_progress = [this](std::size_t done, std::size_t /*total*/) {
                m_meter.print_bytes(done);
            };
            const CsvReport rows = load_rows(file, options);
            m_meter.add_rows(rows.inserted + rows.updated);
            report.csv = rows.text();
            report.is_skipped = rows.is_skipped;
        } else {
            begin(file);
            m_sql.load(file);
        }
        m_meter.print_bytes(file.bytes);
        report.rows = m_meter.rows_of_file();
        report.seconds = seconds_since(start);
        m_report.files.push_back(std::move(report));
    }

    /// From here on failures are about this file.
    void begin(const FileOutline& file)
    {
        m_file = file.source->shown();
        m_sender.begin_file(m_file, file.statements);
    }

    CsvOptions csv_options() const
    {
        CsvOptions options;
        options.mode = m_options.csv_mode;
        options.constraint = m_options.csv_constraint;
        options.tag = m_options.tag;
        options.state_after_failure = m_sender.state();
        options.columns = m_options.columns;
        return options;
    }

    CsvReport load_rows(const FileOutline& file, const CsvOptions& options)
    {
        begin(file);
        m_transaction.settle_reading();
        CsvOptions with_begin = options;
        with_begin.begin_with = [this](const std::vector<std::string>& statements) {
            return m_transaction.begin_with(statements);
        };
        CsvReport report = load_csv(m_connection, *file.csv, with_begin);
        if (m_script.settings.mode == TransactionMode::one_each_file) {
            m_transaction.commit_aside(m_file);
        } else if (m_script.settings.mode == TransactionMode::none) {
            m_transaction.commit(m_file);
        }
        return report;
    }

    ScriptError with_state(const ScriptError& error) const
    {
        ScriptFailure failure = error.failure();
        failure.state = m_sender.state();
        if (failure.hint.empty()) {
            failure.hint = failure.sqlstate == pg::sqlstate::query_canceled
                               ? hint_about_timeout(m_connection)
                               : m_sql.hint_about_names(failure);
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
    ProgressMeter m_meter;
    LoadReport m_report;
    SqlLoader m_sql;
    CsvWorkers m_workers;
    std::string m_file; // as shown
};

} // namespace

LoadReport load(pg::Connection& connection, const Script& script, const LoadOptions& options)
{
    const Backslashes start = backslashes_of(connection);
    if (start != script.settings.backslashes) {
        ScriptSettings settings = script.settings;
        settings.backslashes = start;
        return Loader(connection, read_again(script, settings), options).run();
    }
    return Loader(connection, script, options).run();
}

} // namespace crudctl::script
