#include "script/loader.hpp"

#include "script/batch_sender.hpp"
#include "script/effect.hpp"
#include "script/hint.hpp"
#include "script/load_transaction.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace crudctl::script {

namespace {

using Clock = std::chrono::steady_clock;

// What a statement answers that can't run in one transaction with others, or not with so many.
constexpr std::array<std::string_view, 4> needs_smaller_transaction = {"25001", "55P04", "2D000",
                                                                       "53200"};

// What a file answers that uses a name which it creates later, or hides by its search_path.
constexpr std::array<std::string_view, 2> missing_name = {"42P01", "42704"};

template <std::size_t Count>
bool contains(const std::array<std::string_view, Count>& list, std::string_view word)
{
    return std::find(list.begin(), list.end(), word) != list.end();
}

class Loader {
public:
    Loader(pg::Connection& connection, const Script& script, const LoadOptions& options)
        : m_connection(connection),
          m_script(script),
          m_options(options),
          m_sender(connection, options),
          m_transaction(connection, m_sender,
                        script.settings.mode == TransactionMode::one
                            ? options.lock_timeout
                            : std::chrono::milliseconds(0)),
          m_variables(script.settings.variables)
    {
        m_progress.total_bytes = script.bytes();
    }

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
    /// How large the transactions are.
    enum class Sending { one_transaction, batches, statements };

    LoadReport load_all()
    {
        const auto start = Clock::now();
        read_known_settings();
        if (!m_options.first.empty()) {
            m_transaction.begin_now();
            m_connection.exec_script(m_options.first);
        }
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
        m_progress_of_file = m_progress;
        FileReport report{m_file, file.statements, 0, {}, 0};
        if (file.csv) {
            report.csv = load_rows(*file.csv);
        } else {
            load_statements(file);
        }
        m_progress.bytes = m_progress_of_file.bytes + file.bytes;
        tell_progress();
        report.rows = m_progress.rows - m_progress_of_file.rows;
        report.seconds = seconds_since(start);
        m_report.files.push_back(std::move(report));
    }

    std::string load_rows(const CsvSeed& seed)
    {
        CsvOptions options;
        options.mode = m_options.csv_mode;
        options.constraint = m_options.csv_constraint;
        options.state_after_failure = m_sender.state();
        options.columns = m_options.columns;
        options.on_progress = [this](std::size_t done, std::size_t /*total*/) {
            m_progress.bytes = m_progress_of_file.bytes + done;
            tell_progress();
        };
        m_transaction.begin_now();
        const CsvReport report = load_csv(m_connection, seed, options);
        if (m_script.settings.mode != TransactionMode::one) {
            m_transaction.commit(m_file);
        }
        m_progress.rows += report.inserted + report.updated;
        return report.text();
    }

    void load_statements(const FileOutline& file)
    {
        switch (m_script.settings.mode) {
        case TransactionMode::one:
            stream(file, Sending::one_transaction);
            break;
        case TransactionMode::one_each_file:
            load_aside(file);
            break;
        case TransactionMode::none:
            stream(file, Sending::statements);
            require_no_open_transaction();
            break;
        }
    }

    /// Nobody uses the database yet: what can't run in a transaction of its file's size is tried in
    /// smaller ones.
    void load_aside(const FileOutline& file)
    {
        const Variables variables = m_variables;
        const std::size_t put_off = m_report.put_off.size();
        try {
            stream(file, Sending::one_transaction);
            m_transaction.commit(m_file);
        } catch (const ScriptError& error) {
            if (!contains(needs_smaller_transaction, error.failure().sqlstate)) {
                throw;
            }
            m_transaction.roll_back();
            m_variables = variables;
            m_progress = m_progress_of_file;
            m_report.put_off.resize(put_off);
            stream(file, Sending::batches);
        }
    }

    void stream(const FileOutline& file, Sending sending)
    {
        ScriptReader reader(file.source, m_script.settings, m_variables);
        BatchMaker batches(reader, m_script.settings, rules_for(sending));
        m_reader = &reader;
        m_search_path_place.clear();
        Prefix prefix;
        if (sending == Sending::one_transaction) {
            prefix = m_transaction.begin_file();
        } else {
            m_transaction.clean_session();
        }
        while (auto batch = batches.next(std::exchange(prefix, {}))) {
            batches.shrink();
            send(*batch, sending);
        }
        m_report.notes.insert(m_report.notes.end(), batches.notes().begin(), batches.notes().end());
        m_report.put_off.insert(m_report.put_off.end(), batches.put_off().begin(),
                                batches.put_off().end());
        m_variables = reader.variables();
        m_reader = nullptr;
    }

    BatchRules rules_for(Sending sending) const
    {
        BatchRules rules;
        rules.most_statements = sending == Sending::statements ? 1 : BatchMaker::max_statements;
        if (!m_options.stand_in.empty()) {
            rules.stand_in = m_connection.quoted(m_options.stand_in);
        }
        rules.known_settings = m_options.ignores_unknown_settings ? &m_known_settings : nullptr;
        return rules;
    }

    void send(Batch& batch, Sending sending)
    {
        note_what_it_changes(batch);
        if (batch.prefix_statements > 0) {
            m_transaction.note_begun();
        }
        const bool commits = sending == Sending::one_transaction && batch.is_last &&
                             m_script.settings.mode == TransactionMode::one_each_file;
        if (commits) {
            batch.text += LoadTransaction::commit_text();
        }
        const auto on_data = [this] { tell_progress_of_reader(); };
        try {
            m_progress.rows += m_sender.send(batch, *m_reader, on_data);
        } catch (const ScriptError& error) {
            const bool may_go_alone = sending == Sending::batches && batch.parts.size() > 1 &&
                                      contains(needs_smaller_transaction, error.failure().sqlstate);
            if (!may_go_alone) {
                throw;
            }
            for (const Batch::Part& part : batch.parts) {
                m_progress.rows += m_sender.send(batch.only(part), *m_reader, on_data);
            }
        }
        if (commits) {
            m_transaction.note_committed();
        }
        m_progress.statements += batch.parts.size();
        if (sending == Sending::statements) {
            m_sender.set_state(
                fmt::format("{} before it stay done: --no-transaction undoes nothing",
                            counted(m_progress.statements, "statement")));
        }
        tell_progress_of_reader();
    }

    void note_what_it_changes(const Batch& batch)
    {
        for (const Batch::Part& part : batch.parts) {
            if (part.setting == "search_path") {
                m_search_path_place = fmt::format("{}:{}", part.source->shown(), part.place.line);
            }
            require_as_judged(batch, part);
            if (part.changes_reading) {
                m_transaction.note_change_of_reading();
            }
        }
    }

    /// Files that others include are opened when they are reached: what was judged may be another.
    void require_as_judged(const Batch& batch, const Batch::Part& part) const
    {
        const FileOutline& file = m_script.files[m_report.files.size()];
        const bool may_have_changed = file.bytes != file.source->size();
        if (may_have_changed && !m_script.effect.destroys &&
            m_script.settings.mode != TransactionMode::one_each_file &&
            effect_of(batch.text_of(part), batch.backslashes) == Effect::destroys) {
            throw refusal(*part.source, part.place,
                          "this was not there when the files were judged to destroy nothing",
                          "somebody has changed them: try again", m_sender.state());
        }
    }

    void require_no_open_transaction()
    {
        if (m_connection.transaction_status() != pg::Connection::TransactionStatus::idle) {
            throw Error(ExitCode::failed,
                        fmt::format("\"{}\" leaves a transaction open, which is undone", m_file),
                        "add its COMMIT");
        }
    }

    ScriptError with_state(const ScriptError& error) const
    {
        ScriptFailure failure = error.failure();
        failure.state = m_sender.state();
        if (failure.hint.empty()) {
            failure.hint = hint_about_names(failure);
        }
        return {error.code(), std::move(failure)};
    }

    std::string hint_about_names(const ScriptFailure& failure) const
    {
        const std::size_t file = m_report.files.size(); // those before it are loaded
        if (!contains(missing_name, failure.sqlstate) || failure.names.empty() ||
            file >= m_script.files.size() || m_script.files[file].csv) {
            return {};
        }
        std::string hint = created_later(m_script.files[file], m_script.settings, m_variables,
                                         failure.statement, failure.names);
        if (hint.empty() && failure.names.size() == 1 && !m_search_path_place.empty()) {
            hint = fmt::format("search_path was set in {}: write \"{}\" with its schema before it",
                               m_search_path_place, printable(failure.names.front()));
        }
        return hint;
    }

    void read_known_settings()
    {
        if (!m_options.ignores_unknown_settings) {
            return;
        }
        const pg::Result names = m_connection.exec("select name from pg_catalog.pg_settings");
        for (std::size_t i = 0; i < names.size(); ++i) {
            m_known_settings.insert(lower_ascii(names[i].text("name")));
        }
    }

    std::string shown_files() const
    {
        std::string text;
        for (const FileOutline& file : m_script.files) {
            text += (text.empty() ? "" : ", ") + file.source->shown();
        }
        return text;
    }

    void tell_progress_of_reader()
    {
        m_progress.bytes = m_progress_of_file.bytes + m_reader->read_bytes();
        tell_progress();
    }

    void tell_progress() const
    {
        if (m_options.on_progress) {
            m_options.on_progress(m_progress);
        }
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
    Variables m_variables; // as the files before left them
    LoadReport m_report;
    LoadProgress m_progress;
    LoadProgress m_progress_of_file; // at its beginning
    std::set<std::string, std::less<>> m_known_settings;
    std::string m_file;              // as shown
    std::string m_search_path_place; // where the file set it
    ScriptReader* m_reader = nullptr;
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
