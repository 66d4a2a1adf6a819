#include "script/loader.hpp"

#include "script/batch_sender.hpp"
#include "script/hint.hpp"
#include "support/interrupt.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
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

// What a statement answers that can't run in one transaction with others, or not with so many.
constexpr std::array<std::string_view, 4> needs_smaller_transaction = {"25001", "55P04", "2D000",
                                                                       "53200"};
constexpr std::string_view division_by_zero = "22012";

// The names that a schema file may have meant to create before it uses them.
constexpr std::array<std::string_view, 2> missing_name = {"42P01", "42704"};

double seconds_since(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

bool contains(std::span<const std::string_view> list, std::string_view word)
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
          m_variables(script.settings.variables)
    {
        m_progress.total_bytes = script.bytes();
    }

    LoadReport run()
    {
        try {
            return load_all();
        } catch (const ScriptError& error) {
            roll_back();
            throw with_state(error);
        } catch (const pg::ConnectionLost& error) {
            throw Error(ExitCode::failed,
                        fmt::format("{} (while \"{}\" was being loaded)", error.what(), m_file),
                        m_sender.state());
        } catch (const Error& error) {
            roll_back();
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
        for (const FileOutline& file : m_script.files) {
            m_report.notes.insert(m_report.notes.end(), file.notes.begin(), file.notes.end());
            load_file(file);
        }
        commit();
        m_report.seconds = seconds_since(start);
        return std::move(m_report);
    }

    void load_file(const FileOutline& file)
    {
        const auto start = Clock::now();
        m_file = file.source->shown();
        m_sender.begin_file(m_file, file.statements);
        m_progress_of_file = m_progress;
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
        m_report.files.push_back({m_file, file.statements,
                                  m_progress.rows - m_progress_of_file.rows, seconds_since(start)});
    }

    /// Nobody uses the database yet: what can't run in a transaction of its file's size is tried in
    /// smaller ones.
    void load_aside(const FileOutline& file)
    {
        const Variables variables = m_variables;
        try {
            stream(file, Sending::one_transaction);
            commit();
        } catch (const ScriptError& error) {
            if (!contains(needs_smaller_transaction, error.failure().sqlstate)) {
                throw;
            }
            roll_back();
            m_variables = variables;
            m_progress = m_progress_of_file;
            stream(file, Sending::batches);
        }
    }

    void stream(const FileOutline& file, Sending sending)
    {
        ScriptReader reader(file.source, m_script.settings, m_variables);
        BatchMaker batches(reader, m_script.settings, rules_for(sending));
        m_reader = &reader;
        m_search_path_place.clear();
        if (sending != Sending::one_transaction) {
            m_connection.exec_script(std::string(clean_session));
        }
        m_is_new_file = true;
        while (const auto batch =
                   batches.next(sending == Sending::one_transaction ? prefix() : Prefix{})) {
            batches.shrink();
            send(*batch, sending);
        }
        m_report.notes.insert(m_report.notes.end(), batches.notes().begin(), batches.notes().end());
        m_variables = reader.variables();
        m_reader = nullptr;
        m_progress.bytes = m_progress_of_file.bytes + file.bytes;
        tell_progress();
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

    /// What goes before the file's next batch: the first one opens the transaction and cleans up
    /// behind the file before.
    Prefix prefix()
    {
        Prefix prefix;
        if (!std::exchange(m_is_new_file, false)) {
            return prefix;
        }
        if (!m_is_open) {
            prefix = {"BEGIN; SELECT pg_catalog.pg_current_xact_id();\n", 2};
        }
        prefix.text += clean_session;
        prefix.statements += clean_session_statements;
        if (m_script.settings.mode == TransactionMode::one && m_options.lock_timeout.count() > 0) {
            prefix.text += fmt::format("SET lock_timeout = {};\n", m_options.lock_timeout.count());
            prefix.statements += 1;
        }
        // The server reads a batch as the settings before it say: they have to be back by then.
        if (m_reading_has_changed) {
            m_connection.exec_script(prefix.text);
            m_is_open = true;
            m_reading_has_changed = false;
            return {};
        }
        return prefix;
    }

    void send(const Batch& batch, Sending sending)
    {
        note_what_it_changes(batch);
        m_is_open = m_is_open || (sending == Sending::one_transaction && !batch.text.empty());
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
            m_reading_has_changed = m_reading_has_changed || part.changes_reading;
        }
    }

    void commit()
    {
        if (!m_is_open) {
            return;
        }
        if (m_connection.transaction_status() !=
            pg::Connection::TransactionStatus::in_transaction) {
            throw_ended();
        }
        interrupt::throw_if_pending(); // from here on nobody can tell what an error means
        m_is_open = false;
        m_reading_has_changed = false;
        try {
            m_connection.exec_script(same_transaction_test() + "COMMIT;\n" +
                                     std::string(clean_session));
        } catch (const pg::ServerError& error) {
            if (error.failed_result() > 1) {
                return; // committed; only the cleaning up behind it failed
            }
            if (error.failed_result() == 0 && error.sqlstate() == division_by_zero) {
                throw_ended();
            }
            if (contains(shutdown_states, error.sqlstate())) {
                throw_unknown(error);
            }
            throw failure_of_commit(shown_files(), error, m_sender.failure_context());
        } catch (const Error& error) {
            throw_unknown(error);
        }
    }

    /// A file may have ended our transaction and begun one of its own where no word of it says so.
    /// In the commit's own round trip, and failing before it.
    std::string same_transaction_test() const
    {
        return fmt::format("SELECT 1 OPERATOR(pg_catalog./) "
                           "(pg_catalog.pg_current_xact_id()::pg_catalog.text "
                           "OPERATOR(pg_catalog.=) '{}')::int;\n",
                           m_sender.transaction_id());
    }

    [[noreturn]] static void throw_ended()
    {
        throw Error(ExitCode::failed,
                    "the files ended the transaction they were loaded in: what they did before "
                    "stays done",
                    "--no-transaction loads files that have transactions of their own");
    }

    [[noreturn]] void throw_unknown(const Error& error) const
    {
        throw Error(ExitCode::unknown,
                    fmt::format("the commit of {} was under way, and may or may not have happened: "
                                "{}",
                                shown_files(), error.what()),
                    "look at the database before you load again: it holds all of it or nothing");
    }

    void require_no_open_transaction()
    {
        if (m_connection.transaction_status() != pg::Connection::TransactionStatus::idle) {
            throw Error(ExitCode::failed,
                        fmt::format("\"{}\" leaves a transaction open, which is undone", m_file),
                        "add its COMMIT");
        }
    }

    /// Whoever loses the session here has its changes undone by the server all the same.
    void roll_back() noexcept
    {
        m_is_open = false;
        m_reading_has_changed = false;
        try {
            if (m_connection.transaction_status() != pg::Connection::TransactionStatus::idle) {
                m_connection.exec_script("ROLLBACK;\n" + std::string(clean_session));
            }
        } catch (const std::exception&) {
            return;
        }
    }

    ScriptError with_state(const ScriptError& error) const
    {
        ScriptFailure failure = error.failure();
        failure.state = m_sender.state();
        if (failure.hint.empty()) {
            failure.hint = hint_about_name(failure);
        }
        return {error.code(), std::move(failure)};
    }

    std::string hint_about_name(const ScriptFailure& failure) const
    {
        if (!contains(missing_name, failure.sqlstate) || failure.names.empty() ||
            m_report.files.size() >= m_script.files.size()) {
            return {};
        }
        std::string hint = created_later(m_script.files[m_report.files.size()], m_script.settings,
                                         m_variables, failure.statement, failure.names);
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
        if (m_script.settings.mode != TransactionMode::one) {
            return m_file;
        }
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

    pg::Connection& m_connection;
    const Script& m_script;
    const LoadOptions& m_options;
    BatchSender m_sender;
    Variables m_variables; // as the files before left them
    LoadReport m_report;
    LoadProgress m_progress;
    LoadProgress m_progress_of_file; // at its beginning
    std::set<std::string, std::less<>> m_known_settings;
    std::string m_file;              // as shown
    std::string m_search_path_place; // where the file set it
    ScriptReader* m_reader = nullptr;
    bool m_is_new_file = false;
    bool m_is_open = false;
    bool m_reading_has_changed = false;
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
