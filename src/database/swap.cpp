#include "database/swap.hpp"

#include "database/database.hpp"
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
    return block_sql(
               connection,
               fmt::format("for i in 1..250 loop perform pg_catalog.pg_stat_clear_snapshot(); "
                           "exit when not exists (select from pg_catalog.pg_stat_activity "
                           "where pid in ({})); "
                           "perform pg_catalog.pg_sleep(0.002); end loop;",
                           fmt::join(sessions, ", "))) +
           "\n";
}

/// Moves the old one out of the way, if it is the one meant.
std::string set_aside_sql(const pg::Connection& connection, const Swap& swap)
{
    return block_sql(connection, rename_checked_sql(connection, swap.target, swap.expected_oid,
                                                    swap.previous)) +
           "\n" + put_line_sql(connection, swap.previous, to_line(swap.previous_marker));
}

std::string take_name_sql(const pg::Connection& connection, const Swap& swap)
{
    return swap.before +
           block_sql(connection,
                     rename_checked_sql(connection, swap.next, swap.next_oid, swap.target)) +
           "\n" + swap.then + put_line_sql(connection, swap.target, to_line(swap.next_marker));
}

bool copies_by_files(pg::Connection& maintenance, const std::string& from)
{
    return maintenance.server_version() >= has_strategies &&
           maintenance
                   .look("select pg_catalog.pg_database_size($1::pg_catalog.name) as size", from)[0]
                   .number("size") >= bytes_for_file_copy;
}

/// Of somebody else's database, which took the name of the one that was meant.
[[noreturn]] void drop_copy_of_another(const Permit& permit, pg::Connection& maintenance,
                                       const std::string& name, const std::string& oid,
                                       const std::string& meant)
{
    if (oid_of(maintenance, name) == oid) {
        maintenance.exec(
            fmt::format("{}drop database {} with (force)", permit.tag(), maintenance.quoted(name)));
    }
    throw Error(
        ExitCode::busy,
        fmt::format("another database got the name \"{}\" meanwhile; nothing was changed", meant),
        "look at it with crudctl status, and try again");
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

std::vector<pg::Result> finish_against_sessions(pg::Connection& connection,
                                                const std::function<void()>& end_sessions)
{
    const auto timeout = std::chrono::duration_cast<std::chrono::milliseconds>(
        before_ending_sessions + 2 * connection.fastest_answer());
    std::exception_ptr failure; // a signal, too
    try {
        while (!connection.script_is_done(timeout)) {
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

std::string rename_checked_sql(const pg::Connection& connection, const std::string& name,
                               const std::string& oid, const std::string& new_name)
{
    const auto check = [&](const std::string& checked) {
        return fmt::format("if not exists (select from pg_catalog.pg_database "
                           "where datname = {} and oid = {}) then "
                           "raise exception 'another database has the name by now' "
                           "using errcode = '{}'; end if;\n",
                           connection.literal(checked), oid, pg::sqlstate::missing_database);
    };
    const std::string rename = fmt::format("alter database {} rename to {}",
                                           connection.quoted(name), connection.quoted(new_name));
    // Once more behind it: what it waited for may have changed the names.
    return check(name) + fmt::format("execute {};\n", connection.literal(rename)) + check(new_name);
}

std::string copy_database(const Permit& permit, pg::Connection& maintenance, const CopySource& from,
                          const Making& making, const std::function<void()>& end_sessions)
{
    const std::string by_files =
        copies_by_files(maintenance, from.name) ? " strategy file_copy" : "";
    const std::string create = fmt::format(
        "{}create database {} template {}{}{}", permit.tag(), maintenance.quoted(making.name),
        maintenance.quoted(from.name), making.creation, by_files);
    std::vector<std::string> statements = statements_of(maintenance, create, making);
    statements.push_back(oid_query(maintenance, from.name));
    maintenance.start_sequence(statements);
    const std::vector<pg::Result> results = finish_against_sessions(maintenance, end_sessions);
    const std::string oid = results.at(results.size() - 2).scalar().value_or("");
    if (results.back().scalar() != from.oid) {
        drop_copy_of_another(permit, maintenance, making.name, oid, from.name);
    }
    return oid;
}

std::string oid_of(pg::Connection& maintenance, const std::string& name)
{
    return maintenance.look(oid_query(maintenance, name)).scalar().value_or("");
}

std::string oid_query(const pg::Connection& connection, const std::string& name)
{
    return fmt::format("select (select oid from pg_catalog.pg_database "
                       "where datname operator(pg_catalog.=) {})",
                       connection.literal(name));
}

} // namespace crudctl::database
