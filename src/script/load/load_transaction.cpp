#include "script/load/load_transaction.hpp"

#include "script/load/failure.hpp"
#include "script/queries.hpp"
#include "support/process/interrupt.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace crudctl::script {

namespace {

// RESET ALL takes back what a dump sets for the rest of its session: search_path = '',
// statement_timeout, client_encoding. It does not take back SET ROLE, hence the first one.
constexpr std::array<const char*, 4> cleaning = {"RESET SESSION AUTHORIZATION", "RESET ALL",
                                                 "DEALLOCATE ALL", "DISCARD TEMP"};

// The SQLSTATEs of a server that goes away: whether it had committed is not said.
constexpr std::array<std::string_view, 4> shutdown_states = {"57P01", "57P02", "57P03", "57P05"};
constexpr std::string_view division_by_zero = "22012";

template <typename Range>
void append(std::vector<std::string>& statements, const Range& more)
{
    statements.insert(statements.end(), std::begin(more), std::end(more));
}

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

std::vector<std::string> LoadTransaction::begin_file()
{
    // The sender makes sure before each batch that it was read as the server's settings say.
    if (m_reading_has_changed) {
        begin_now();
        return {};
    }
    return beginning();
}

void LoadTransaction::settle_reading()
{
    if (m_reading_has_changed) {
        begin_now();
    }
}

std::vector<pg::Result> LoadTransaction::begin_with(const std::vector<std::string>& queries)
{
    std::vector<std::string> statements = beginning();
    append(statements, queries);
    auto results = m_connection.exec_each(statements);
    if (!std::exchange(m_is_open, true)) {
        m_sender.set_transaction_id(results.at(1).scalar().value_or(""));
    }
    m_reading_has_changed = false;
    return results;
}

void LoadTransaction::clean_session()
{
    m_connection.exec_each(cleaning);
    m_reading_has_changed = false;
}

std::vector<std::string> LoadTransaction::beginning() const
{
    std::vector<std::string> statements;
    if (!m_is_open) {
        statements = {"BEGIN", "SELECT pg_catalog.pg_current_xact_id()"};
    }
    append(statements, cleaning);
    if (m_lock_timeout.count() > 0) {
        statements.push_back(fmt::format("SET lock_timeout = {}", m_lock_timeout.count()));
    }
    if (!m_is_open) {
        append(statements, m_options.first);
    }
    return statements;
}

std::vector<std::string> LoadTransaction::closing() const
{
    std::vector<std::string> statements = m_options.last;
    statements.emplace_back("COMMIT");
    append(statements, cleaning);
    return statements;
}

void LoadTransaction::note_committed()
{
    m_is_open = false;
    m_reading_has_changed = false;
}

void LoadTransaction::commit(const std::string& files, const std::vector<std::string>& own)
{
    if (!m_is_open) {
        return;
    }
    if (m_connection.transaction_status() != pg::Connection::TransactionStatus::in_transaction) {
        throw_ended();
    }
    interrupt::throw_if_pending(); // from here on nobody can tell what an error means
    note_committed();
    std::vector<std::string> statements = ending(own);
    const std::size_t commit = statements.size();
    statements.emplace_back("COMMIT");
    append(statements, cleaning);
    try {
        m_connection.exec_each(statements);
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

std::vector<std::string> LoadTransaction::ending(const std::vector<std::string>& own) const
{
    std::vector<std::string> statements = {same_transaction_test()};
    append(statements, m_options.last);
    if (own.empty()) {
        append(statements, marker_kept());
    } else {
        append(statements, cleaning);
        append(statements, own);
    }
    return statements;
}

void LoadTransaction::commit_aside(const std::string& files)
{
    note_committed();
    try {
        m_connection.exec_each(closing());
    } catch (const pg::ServerError& error) {
        throw failure_of_commit(files, error, m_sender.failure_context());
    }
}

void LoadTransaction::put_marker_back()
{
    m_connection.exec_each(marker_kept());
}

std::vector<std::string> LoadTransaction::marker_kept() const
{
    if (m_options.marker_line.empty()) {
        return {};
    }
    return {fmt::format("SELECT pg_catalog.set_config('crudctl.marker', {}, true)",
                        m_connection.literal(m_options.marker_line)),
            queries::marker_missing};
}

/// A file may have ended our transaction and begun one of its own where no word of it says so. It
/// travels with the commit, and fails before it.
std::string LoadTransaction::same_transaction_test() const
{
    return fmt::format("SELECT 1 OPERATOR(pg_catalog./) "
                       "(pg_catalog.pg_current_xact_id()::pg_catalog.text "
                       "OPERATOR(pg_catalog.=) '{}')::int",
                       m_sender.transaction_id());
}

void LoadTransaction::roll_back() noexcept
{
    note_committed();
    try {
        if (m_connection.transaction_status() != pg::Connection::TransactionStatus::idle) {
            std::vector<std::string> statements = {"ROLLBACK"};
            append(statements, cleaning);
            m_connection.exec_each(statements);
        }
    } catch (const std::exception&) {
        return; // whoever loses the session here has its changes undone all the same
    }
}

} // namespace crudctl::script
