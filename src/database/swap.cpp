#include "database/swap.hpp"

#include "database/queries.hpp"

#include <chrono>
#include <exception>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace crudctl::database {

namespace {

using namespace std::chrono_literals;

// A rename with nobody in its way takes under 10 ms, and its answer as long as any other.
constexpr std::chrono::milliseconds before_ending_sessions = 50ms;

constexpr int has_strategies = 150000; // server version
// To log every page of a copy takes several times as long as to copy the files. That takes two
// checkpoints, though, which are felt where the disk is busy.
constexpr long long bytes_for_file_copy = 64LL * 1024 * 1024;

/// A session that is closed is still there for a moment. A rename that met one would look again
/// after a tenth of a second only, and nobody could log in meanwhile: so it is seen off before.
std::string wait_for_closed_sql(const pg::Connection& connection, const std::vector<int>& sessions)
{
    const std::string wait =
        fmt::format("begin for i in 1..250 loop perform pg_catalog.pg_stat_clear_snapshot(); "
                    "exit when not exists (select from pg_catalog.pg_stat_activity where pid in "
                    "({})); perform pg_catalog.pg_sleep(0.002); end loop; end",
                    fmt::join(sessions, ", "));
    return fmt::format("do language plpgsql {};\n", connection.literal(wait));
}

/// Moves the old one out of the way and makes sure that it was the one meant.
std::string set_aside_sql(const pg::Connection& connection, const Swap& swap)
{
    const std::string check =
        fmt::format("begin if (select oid from pg_catalog.pg_database where datname = {}) <> {} "
                    "then raise exception 'another run replaced the database meanwhile' "
                    "using errcode = '55006'; end if; end",
                    connection.literal(swap.previous), swap.expected_oid);
    return fmt::format("alter database {} rename to {};\ndo language plpgsql {};\n{}",
                       connection.quoted(swap.target), connection.quoted(swap.previous),
                       connection.literal(check),
                       put_line_sql(connection, swap.previous, to_line(swap.previous_marker)));
}

std::string take_name_sql(const pg::Connection& connection, const Swap& swap)
{
    return fmt::format("alter database {} rename to {};\n{}{}", connection.quoted(swap.next),
                       connection.quoted(swap.target), swap.then,
                       put_line_sql(connection, swap.target, to_line(swap.next_marker)));
}

bool copies_by_files(pg::Connection& maintenance, const std::string& from)
{
    return maintenance.server_version() >= has_strategies &&
           maintenance.exec("select pg_catalog.pg_database_size($1) as size", from)[0].number(
               "size") >= bytes_for_file_copy;
}

/// Waits for what was started, and calls `end_sessions` for as long as it seems to be held up.
std::vector<pg::Result> finish_against_sessions(pg::Connection& connection,
                                                const std::function<void()>& end_sessions)
{
    const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(
        before_ending_sessions + 2 * connection.fastest_answer());
    std::exception_ptr failure; // a signal, too
    try {
        while (!connection.script_is_done(patience)) {
            end_sessions();
        }
    } catch (const std::exception&) {
        failure = std::current_exception();
    }
    try {
        return connection.finish_script(); // which may have won all the same
    } catch (const std::exception&) {
        if (failure) {
            std::rethrow_exception(failure);
        }
        throw;
    }
}

} // namespace

void swap_names(const Permit& permit, pg::Connection& maintenance, const Swap& swap,
                const std::function<void()>& end_sessions)
{
    // Several statements in one query are one transaction: a failure leaves the old names.
    std::string sql =
        permit.tag() + "set local lock_timeout = '5s'; set local statement_timeout = '15s';\n";
    if (!swap.closed_sessions.empty()) {
        sql += wait_for_closed_sql(maintenance, swap.closed_sessions);
    }
    if (!swap.expected_oid.empty()) {
        sql += set_aside_sql(maintenance, swap);
    }
    if (!swap.next.empty()) {
        sql += take_name_sql(maintenance, swap);
    }
    maintenance.start_script(sql);
    finish_against_sessions(maintenance, end_sessions);
}

std::string copy_database(const Permit& permit, pg::Connection& maintenance,
                          const std::string& from, const Making& making,
                          const std::function<void()>& end_sessions)
{
    const std::string by_files = copies_by_files(maintenance, from) ? " strategy file_copy" : "";
    const std::string create = fmt::format("{}create database {} template {}{}{}", permit.tag(),
                                           maintenance.quoted(making.name),
                                           maintenance.quoted(from), making.creation, by_files);
    maintenance.start_sequence(statements_of(maintenance, create, making));
    return finish_against_sessions(maintenance, end_sessions).back().scalar().value_or("");
}

std::string oid_of(pg::Connection& maintenance, const std::string& name)
{
    return maintenance.exec(oid_query(maintenance, name)).scalar().value_or("");
}

std::string oid_query(const pg::Connection& connection, const std::string& name)
{
    return fmt::format("select (select oid from pg_catalog.pg_database where datname = {})",
                       connection.literal(name));
}

} // namespace crudctl::database
