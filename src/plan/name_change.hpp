#pragma once

#include "database/swap.hpp"
#include "pg/connection.hpp"
#include "plan/plan.hpp"
#include "plan/run_state.hpp"
#include "support/error.hpp"

#include <string>

namespace crudctl::plan {

/// Changes the names of databases, and finds out whether they have changed where the connection is
/// lost meanwhile.
class NameChange {
public:
    /// The state has to outlive this.
    explicit NameChange(RunState& state) : m_state(state) {}

    /// Locks the target for this run and notes its attributes in the state. Throws Error(busy)
    /// where another run has the lock for too long, and where it has changed the target.
    void lock(const LockTarget& step);

    /// The change that takes the target's name from the database which has it, as it was when it
    /// was locked. The caller adds the database that gets the name.
    database::Swap swap_of_target() const;

    /// Changes the names and notes the previous database in the outcome. Afterwards the target's
    /// name belongs to the database with `expected_oid`; empty: to none. A lost connection doesn't
    /// end it: the server is asked again. Throws Error(refused|busy) or ServerError, and nothing
    /// has changed then; Error(unknown) where the server can't be asked.
    void change(const database::Swap& swap, const std::string& expected_oid);

    /// Whether the target's name has been taken or given away: the run has succeeded then.
    bool has_changed_target() const noexcept { return m_has_changed_target; }

private:
    bool names_have_changed(const database::Swap& swap, const std::string& expected_oid);
    void reconnect(const std::string& target);
    void lock_again(const std::string& target);

    RunState& m_state;
    int m_lock_holder = 0; // process id of the session that has the lock
    bool m_has_changed_target = false;
};

/// Throws Error(refused|busy) where the server's own error would not say what is in the way of a
/// change of names or of a copy: which name is taken, or who is connected to `database`. Does
/// nothing about other errors.
void explain_refusal(pg::Connection& maintenance, const Error& error, const std::string& database);

} // namespace crudctl::plan
