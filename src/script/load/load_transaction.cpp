#include "script/load/load_transaction.hpp"

#include "script/load/failure.hpp"
#include "script/queries.hpp"
#include "support/process/interrupt.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace crudctl::script {

namespace {

// RESET ALL takes back what a dump sets for the rest of its session: search_path = '',
// statement_timeout, client_encoding. It does not take back SET ROLE, hence the first one.
constexpr std::string_view cleaning =
    "RESET SESSION AUTHORIZATION; RESET ALL; DEALLOCATE ALL; DISCARD TEMP;\n";
constexpr std::size_t cleaning_statements = 4;

// The SQLSTATEs of a server that goes away: whether it had committed is not said.
constexpr std::array<std::string_view, 4> shutdown_states = {"57P01", "57P02", "57P03", "57P05"};
constexpr std::string_view division_by_zero = "22012";

[[noreturn]] void throw_ended()
{
    throw Error(ExitCode::failed,
                "the files ended the transaction they were loaded in: what they did before stays "
                "done",
                "--no-transaction loads files that have transactions of their own");
}

[[noreturn]] void throw_unknown(const std::string& files, const Error& error)
{
    throw Error(ExitCode::unknown,
                fmt::format("the commit of {} was under way, and may or may not have happened: {}",
                            files, error.what()),
                "look at the database before you load again: it holds all of it or nothing");
}

} // namespace

Prefix LoadTransaction::begin_file()
{
    // The server reads a batch as the settings before it say: they have to be back by then.
    if (m_reading_has_changed) {
        begin_now();
        return {};
    }
    return prefix();
}

void LoadTransaction::settle_reading()
{
    if (m_reading_has_changed) {
        begin_now();
    }
}

std::vector<pg::Result> LoadTransaction::begin_with(const std::string& query)
{
    auto results = m_connection.exec_script(prefix().text + query);
    if (!std::exchange(m_is_open, true)) {
        m_sender.set_transaction_id(results.at(1).scalar().value_or(""));
    }
    m_reading_has_changed = false;
    return results;
}

void LoadTransaction::clean_session()
{
    m_connection.exec_script(std::string(cleaning));
    m_reading_has_changed = false;
}

Prefix LoadTransaction::prefix() const
{
    Prefix prefix;
    if (!m_is_open) {
        prefix = {"BEGIN; SELECT pg_catalog.pg_current_xact_id();\n", 2};
    }
    prefix.text += cleaning;
    prefix.statements += cleaning_statements;
    if (m_lock_timeout.count() > 0) {
        prefix.text += fmt::format("SET lock_timeout = {};\n", m_lock_timeout.count());
        prefix.statements += 1;
    }
    if (!m_is_open && !m_first.empty()) {
        prefix.text += m_first + "\n";
        prefix.statements += 1;
    }
    return prefix;
}

Prefix LoadTransaction::closing() const
{
    Prefix closing = closing_test(m_last);
    closing.text += "COMMIT;\n" + std::string(cleaning);
    closing.statements += 1 + cleaning_statements;
    return closing;
}

Prefix closing_test(const std::vector<std::string>& statements)
{
    Prefix test;
    for (const std::string& statement : statements) {
        test.text += statement + ";\n";
        ++test.statements;
    }
    return test;
}

void LoadTransaction::note_committed()
{
    m_is_open = false;
    m_reading_has_changed = false;
}

void LoadTransaction::commit(const std::string& files)
{
    if (!m_is_open) {
        return;
    }
    if (m_connection.transaction_status() != pg::Connection::TransactionStatus::in_transaction) {
        throw_ended();
    }
    interrupt::throw_if_pending(); // from here on nobody can tell what an error means
    note_committed();
    const Prefix marker = marker_kept();
    const Prefix last = closing_test(m_last);
    const std::size_t commit = 1 + last.statements + marker.statements;
    try {
        m_connection.exec_script(same_transaction_test() + last.text + marker.text + "COMMIT;\n" +
                                 std::string(cleaning));
    } catch (const pg::ServerError& error) {
        if (error.failed_result() > commit) {
            return; // committed; only the cleaning up behind it failed
        }
        if (error.failed_result() == 0 && error.sqlstate() == division_by_zero) {
            throw_ended();
        }
        if (std::find(shutdown_states.begin(), shutdown_states.end(), error.sqlstate()) !=
            shutdown_states.end()) {
            throw_unknown(files, error);
        }
        throw failure_of_commit(files, error, m_sender.failure_context());
    } catch (const Error& error) {
        throw_unknown(files, error);
    }
}

void LoadTransaction::commit_aside(const std::string& files)
{
    note_committed();
    try {
        m_connection.exec_script(closing().text);
    } catch (const pg::ServerError& error) {
        throw failure_of_commit(files, error, m_sender.failure_context());
    }
}

void LoadTransaction::put_marker_back()
{
    if (const std::string sql = marker_kept().text; !sql.empty()) {
        m_connection.exec_script(sql);
    }
}

Prefix LoadTransaction::marker_kept() const
{
    if (m_marker_line.empty()) {
        return {};
    }
    return {fmt::format("SELECT pg_catalog.set_config('crudctl.marker', {}, true);\n{};\n",
                        m_connection.literal(m_marker_line), queries::marker_missing),
            2};
}

/// A file may have ended our transaction and begun one of its own where no word of it says so. It
/// travels with the commit, and fails before it.
std::string LoadTransaction::same_transaction_test() const
{
    return fmt::format("SELECT 1 OPERATOR(pg_catalog./) "
                       "(pg_catalog.pg_current_xact_id()::pg_catalog.text "
                       "OPERATOR(pg_catalog.=) '{}')::int;\n",
                       m_sender.transaction_id());
}

void LoadTransaction::roll_back() noexcept
{
    note_committed();
    try {
        if (m_connection.transaction_status() != pg::Connection::TransactionStatus::idle) {
            m_connection.exec_script("ROLLBACK;\n" + std::string(cleaning));
        }
    } catch (const std::exception&) {
        return; // whoever loses the session here has its changes undone all the same
    }
}

} // namespace crudctl::script
