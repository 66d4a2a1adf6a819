#include "plan/execution.hpp"

#include "database/name.hpp"
#include "database/sessions.hpp"
#include "support/process/interrupt.hpp"

#include <thread>

#include <fmt/format.h>

// How a run changes names, and finds out whether they have changed.
namespace crudctl::plan {

namespace {

using namespace std::chrono_literals;

// How long a server may take to notice that a session is gone, and to give up its lock.
constexpr auto timeout_after_loss = 20s;

} // namespace

database::Swap Execution::swap_of_target() const
{
    database::Swap swap;
    swap.target = m_plan.database;
    swap.expected_oid = m_locked.oid;
    if (m_locked.oid.empty()) {
        return swap;
    }
    swap.previous = database::previous_name(swap.target, m_plan.aside_at);
    const auto& marker = m_locked.comment.marker;
    const bool is_its_own =
        marker && database::is_written_for(*marker, m_plan.server_identity, m_locked.oid);
    swap.previous_marker = is_its_own ? *marker : database::Marker();
    if (m_locked.comment.says_prod) { // for whichever database: what comes back is as protected
        swap.previous_marker.environment = "prod";
    }
    swap.previous_marker.stand_in = {database::StandInKind::previous,
                                     swap.target,
                                     "",
                                     m_plan.aside_at,
                                     m_plan.command,
                                     m_plan.is_protected};
    swap.previous_marker = completed(swap.previous_marker, m_locked.oid, swap.previous);
    return swap;
}

void Execution::change_names(const database::Swap& swap, const std::string& expected_oid)
{
    try {
        database::swap_names(m_permit, *m_maintenance, swap, session_ender(swap.target, swap.next));
    } catch (const Error& error) {
        if (!names_have_changed(swap, expected_oid)) {
            explain(error, swap.target);
            throw;
        }
        m_runtime.console.note("  note     it was cut short, but the server says that the names "
                               "have changed");
    }
    m_has_changed_names = m_has_changed_names || swap.target == m_plan.database;
    if (!swap.previous.empty()) {
        m_outcome.set_aside = swap.previous;
        m_outcome.set_aside_oid = swap.expected_oid;
    }
}

bool Execution::names_have_changed(const database::Swap& swap, const std::string& expected_oid)
{
    for (int try_number = 1;; ++try_number) {
        interrupt::forget(); // whoever interrupted wants to know, too
        try {
            if (m_maintenance->transaction_status() != pg::Connection::TransactionStatus::idle) {
                reconnect(swap.target);
            }
            return database::oid_of(*m_maintenance, swap.target) == expected_oid;
        } catch (const Error& error) {
            if (try_number == 1 && interrupt::pending()) {
                continue; // twice, and both meant what was under way before
            }
            throw Error(
                ExitCode::unknown,
                fmt::format("the connection was lost while \"{}\" got its new name, and the "
                            "server does not say whether it did: {}",
                            swap.target, error.what()),
                "crudctl status tells, when it answers again; nothing is lost either way");
        }
    }
}

void Execution::reconnect(const std::string& target)
{
    const auto deadline = Clock::now() + timeout_after_loss;
    for (;;) {
        try {
            m_new_maintenance = m_runtime.connect(m_maintenance->info().database());
            m_maintenance = m_new_maintenance.get();
            // Free only when the lost session is gone, and with it what it was about to do.
            database::end_holder(*m_maintenance, target, m_lock_holder);
            database::lock_target(*m_maintenance,
                                  {target, m_plan.server_identity, "", "", timeout_after_loss});
            m_lock_holder = m_maintenance->backend_pid();
            return;
        } catch (const pg::ConnectError&) {
            if (Clock::now() > deadline) {
                throw;
            }
        } catch (const pg::ConnectionLost&) {
            if (Clock::now() > deadline) {
                throw;
            }
        }
        std::this_thread::sleep_for(250ms);
    }
}

void Execution::explain(const Error& error, const std::string& database)
{
    const auto* refusal = dynamic_cast<const pg::ServerError*>(&error);
    if (refusal == nullptr) {
        return;
    }
    if (refusal->sqlstate() == pg::sqlstate::duplicate_database) {
        throw Error(ExitCode::refused,
                    fmt::format("a name is taken by a database that crudctl did not put there: {}; "
                                "nothing was changed",
                                error.what()),
                    "rename that one, or choose another name");
    }
    if (refusal->sqlstate() == pg::sqlstate::missing_database) {
        throw Error(ExitCode::busy,
                    fmt::format("another database got the name \"{}\" meanwhile, or it is gone; "
                                "nothing was changed",
                                database),
                    "look at it with crudctl status, and try again");
    }
    if (refusal->sqlstate() == pg::sqlstate::object_in_use) {
        const std::string users = database::users_of(*m_maintenance, database);
        throw Error(ExitCode::busy,
                    fmt::format("{}{}; nothing was changed", error.what(),
                                users.empty() ? "" : ": " + users),
                    users.empty() ? "" : "this role may not end that session: ask who may");
    }
}

std::function<void()> Execution::session_ender(const std::string& database, const std::string& next)
{
    return [this, database, next] {
        if (!m_observer) {
            m_observer = m_runtime.connect(m_maintenance->info().database());
        }
        m_outcome.ended_sessions += database::end_sessions(m_permit, *m_observer, database, next);
    };
}

database::Marker Execution::completed(database::Marker marker, const std::string& oid,
                                      const std::string& name) const
{
    marker.server = m_plan.server_identity;
    marker.oid = oid;
    if (marker.stand_in) {
        marker.stand_in->name = name;
    }
    return marker;
}

} // namespace crudctl::plan
