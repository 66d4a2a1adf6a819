#include "plan/name_change.hpp"

#include "database/name.hpp"
#include "database/sessions.hpp"
#include "support/process/interrupt.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

#include <fmt/format.h>

namespace crudctl::plan {

namespace {

using namespace std::chrono_literals;

// How long a server may take to notice that a session is gone, and to give up its lock.
constexpr auto timeout_after_loss = 20s;

std::string line_of(const std::optional<database::Marker>& marker)
{
    return marker ? database::to_line(*marker) : "";
}

void require_unchanged(const LockTarget& step, const database::Locked& locked)
{
    if (locked.oid != step.expected_oid ||
        line_of(locked.comment.marker) != line_of(step.expected_marker)) {
        throw Error(ExitCode::busy,
                    fmt::format("another run changed database \"{}\" meanwhile", step.target),
                    "look at it with crudctl status, and try again; nothing was changed");
    }
}

database::Marker previous_marker(const Plan& plan, const database::Locked& locked)
{
    const auto& marker = locked.comment.marker;
    const bool is_its_own =
        marker && database::is_written_for(*marker, plan.server_identity, locked.oid);
    database::Marker previous = is_its_own ? *marker : database::Marker();
    if (locked.comment.says_prod) { // of any database: undo must bring it back as protected
        previous.environment = "prod";
    }
    previous.stand_in = {database::StandInKind::previous,
                         plan.database,
                         "",
                         plan.aside_at,
                         plan.command,
                         plan.is_protected};
    return previous;
}

} // namespace

void NameChange::lock(const LockTarget& step)
{
    pg::Connection& maintenance = m_state.sessions.maintenance();
    m_state.locked =
        database::lock_target(maintenance, {step.target, m_state.plan.server_identity,
                                            step.attributes_of, m_state.runtime.lock_timeout});
    m_lock_holder = maintenance.backend_pid();
    require_unchanged(step, m_state.locked);
    m_state.build.planned_name = database::next_name(step.target);
}

database::Swap NameChange::swap_of_target() const
{
    const Plan& plan = m_state.plan;
    const database::Locked& locked = m_state.locked;
    database::Swap swap;
    swap.target = plan.database;
    swap.expected_oid = locked.oid;
    if (!locked.oid.empty()) {
        do { // several a second differ in four digits
            swap.previous = database::previous_name(swap.target, plan.aside_at);
        } while (std::ranges::find(locked.copies, swap.previous, &database::Copy::name) !=
                 locked.copies.end());
        swap.previous_marker =
            completed(plan, previous_marker(plan, locked), locked.oid, swap.previous);
    }
    return swap;
}

void NameChange::change(const database::Swap& swap, const std::string& expected_oid)
{
    try {
        database::swap_names(m_state.permit, m_state.sessions.maintenance(), swap,
                             session_ender(m_state, swap.target, swap.next));
    } catch (const Error& error) {
        if (!names_have_changed(swap, expected_oid)) {
            explain_refusal(m_state.sessions.maintenance(), error, swap.target);
            throw;
        }
        m_state.runtime.console.note("  note     it was cut short, but the server says that the "
                                     "names have changed");
    }
    m_has_changed_target = m_has_changed_target || swap.target == m_state.plan.database;
    if (!swap.previous.empty()) {
        m_state.outcome.set_aside = swap.previous;
        m_state.outcome.set_aside_oid = swap.expected_oid;
    }
}

bool NameChange::names_have_changed(const database::Swap& swap, const std::string& expected_oid)
{
    for (int try_number = 1;; ++try_number) {
        interrupt::forget(); // even an interrupted run has to say whether the names have changed
        try {
            if (m_state.sessions.maintenance().transaction_status() !=
                pg::Connection::TransactionStatus::idle) {
                reconnect(swap.target);
            }
            return database::oid_of(m_state.sessions.maintenance(), swap.target) == expected_oid;
        } catch (const Error& error) {
            if (try_number == 1 && interrupt::pending()) {
                continue; // a second signal, which was meant for the change of names as well
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

void NameChange::reconnect(const std::string& target)
{
    const auto deadline = std::chrono::steady_clock::now() + timeout_after_loss;
    for (;;) {
        try {
            lock_again(target);
            return;
        } catch (const pg::ConnectError&) {
            if (std::chrono::steady_clock::now() > deadline) {
                throw;
            }
        } catch (const pg::ConnectionLost&) {
            if (std::chrono::steady_clock::now() > deadline) {
                throw;
            }
        }
        std::this_thread::sleep_for(250ms);
    }
}

// The lock is free only when the lost session is gone, and its transaction with it.
void NameChange::lock_again(const std::string& target)
{
    m_state.sessions.reconnect();
    pg::Connection& maintenance = m_state.sessions.maintenance();
    database::end_holder(maintenance, target, m_lock_holder);
    database::lock_target(maintenance,
                          {target, m_state.plan.server_identity, "", timeout_after_loss});
    m_lock_holder = maintenance.backend_pid();
}

void explain_refusal(pg::Connection& maintenance, const Error& error, const std::string& database)
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
        const std::string users = database::users_of(maintenance, database);
        throw Error(ExitCode::busy,
                    fmt::format("{}{}; nothing was changed", error.what(),
                                users.empty() ? "" : ": " + users),
                    users.empty() ? "" : "this role may not end that session: ask who may");
    }
}

} // namespace crudctl::plan
