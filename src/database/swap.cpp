#include "database/database.hpp"

#include "database/name.hpp"
#include "database/queries.hpp"
#include "support/interrupt.hpp"

#include <thread>

#include <fmt/format.h>

namespace crudctl::database {

namespace {

using namespace std::chrono_literals;

// A rename with nobody in its way takes under 10 ms, and its answer as long as any other.
constexpr std::chrono::milliseconds before_ending_sessions = 50ms;
constexpr auto between_lock_tries = 200ms;

/// The same for everybody who means the same database on this server.
std::string lock_name(const std::string& target)
{
    return "crudctl " + target;
}

std::string holder_of(pg::Connection& maintenance, const std::string& target)
{
    const pg::Result result = maintenance.exec(queries::lock_holder, lock_name(target));
    return result.empty() ? "somebody"
                          : fmt::format("{} as {} (pid {})", result[0].text("application"),
                                        result[0].text("role"), result[0].text("pid"));
}

/// Moves the old one out of the way, if there is one, and makes sure that it was the one meant.
std::string move_away_sql(pg::Connection& connection, const std::string& target,
                          const std::string& previous, const std::string& expected_oid)
{
    return fmt::format(
        "alter database {0} rename to {1};\n"
        "do $$ begin if (select oid from pg_catalog.pg_database where datname = {2}) <> {3} then\n"
        "raise exception 'another run replaced the database meanwhile' using errcode = '55006';\n"
        "end if; end $$;\n"
        "comment on database {1} is {4};\n",
        connection.quoted(target), connection.quoted(previous), connection.literal(previous),
        expected_oid, connection.literal(stand_in_comment(target)));
}

std::vector<std::string> names_in(const pg::Result& result)
{
    std::vector<std::string> names;
    for (std::size_t i = 0; i < result.size(); ++i) {
        if (result[i]["name"]) {
            names.push_back(result[i].text("name"));
        }
    }
    return names;
}

} // namespace

std::vector<std::string> lock_target(pg::Connection& maintenance, const std::string& target,
                                     std::chrono::seconds patience)
{
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (;;) {
        const pg::Result result =
            maintenance.exec(queries::lock, lock_name(target), stand_in_comment(target));
        if (result[0].is_true("is_ours")) {
            return names_in(result);
        }
        if (std::chrono::steady_clock::now() > deadline) {
            throw Error(ExitCode::busy,
                        fmt::format("database \"{}\" is being replaced by {}", target,
                                    holder_of(maintenance, target)),
                        "try again when that has ended; nothing was changed");
        }
        std::this_thread::sleep_for(between_lock_tries);
        interrupt::throw_if_pending();
    }
}

std::string swap_in(const Permit& permit, pg::Connection& maintenance, const Swap& swap,
                    const std::function<void()>& end_sessions)
{
    const bool has_old = !swap.expected_oid.empty();
    const std::string previous = has_old ? stand_in_name(swap.target, "prev") : "";
    // Several statements in one query are one transaction: a failure leaves the old names.
    const std::string sql = fmt::format(
        "{0}set local lock_timeout = '5s'; set local statement_timeout = '15s';\n"
        "{1}alter database {2} rename to {3}; comment on database {3} is null;\n{4}",
        permit.tag(),
        has_old ? move_away_sql(maintenance, swap.target, previous, swap.expected_oid) : "",
        maintenance.quoted(swap.next), maintenance.quoted(swap.target), swap.then);
    maintenance.start_script(sql);
    // The rename takes its lock first and waits for sessions then: whoever reconnects meanwhile
    // blocks, so ending the sessions from here on is a race that the rename wins.
    const auto patience = before_ending_sessions + 2 * maintenance.fastest_answer();
    while (!maintenance.script_is_done(
        std::chrono::duration_cast<std::chrono::milliseconds>(patience))) {
        end_sessions();
    }
    maintenance.finish_script();
    return previous;
}

} // namespace crudctl::database
