#pragma once

#include "database/lock.hpp"
#include "database/removal.hpp"
#include "database/swap.hpp"
#include "plan/executor.hpp"
#include "script/load/loader.hpp"

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace crudctl::plan {

/// Runs a plan's steps; holds what one step leaves to the next.
class Execution {
public:
    Execution(const Plan& plan, const database::Permit& permit, const Runtime& runtime)
        : m_plan(plan), m_permit(permit), m_runtime(runtime), m_maintenance(&runtime.maintenance)
    {}

    Outcome run();

private:
    using Clock = std::chrono::steady_clock;

    void perform(const CreateDatabase& step);
    void perform(const DropDatabase& step);
    void perform(const LockTarget& step);
    void perform(const BuildAside& step);
    void perform(const LoadScripts& step);
    void perform(const RunPsql& step);
    void perform(const RunChecks& step);
    void perform(const CompareContent& step);
    void perform(const TakeName& step);
    void perform(const SetAside& step);
    void perform(const KeepAs& step);
    void perform(const CacheBuild& step);
    void perform(const DropCopies& step);
    void perform(const WriteMarker& step);
    void perform(const ServiceCall& step) { m_runtime.call_service(step); }
    void perform(const RunQuery& step)
    {
        m_runtime.run_query(step, tag(), require_no_hidden_reach_sql());
    }

    // Scripts and checks.
    script::LoadOptions load_options(const LoadScripts& step);
    std::string find_blockers(int backend_pid);
    void begin_progress(ScriptKind kind);
    std::string state_after_failure() const;
    void put_marker_back();
    database::Losses compare_with_old(const CompareContent& step);
    /// For the files' statements; none for what is built aside, which nobody misses.
    std::string tag() const;
    /// A statement that fails elsewhere than in the database that was judged, or built.
    std::string require_judged_sql() const;
    /// A statement that fails where the files' transaction reached into a database that they do not
    /// name.
    std::string require_no_hidden_reach_sql() const;
    /// The database that scripts and checks run in.
    const std::string& working_database() const;
    pg::Connection& working_connection();
    /// Nobody may be connected to what is renamed or copied.
    void close_working_connection();

    // Names.
    void add_cache_step(const CacheBuild& step);
    /// What hangs on the target's OID, for what is built aside.
    std::string attributes_sql() const;
    std::string owner_sql(const std::string& name) const;
    /// The comment and the marker that it has until then.
    std::string unfinished_marker_sql() const;
    /// The change of owner as a trial that is taken back: a missing right shows before the load.
    std::string trial_of_owner() const;
    /// As a statement of PL/pgSQL.
    std::string execute_sql(const std::string& sql) const;
    /// Throws a better error where a right to do that is missing.
    void explain_attributes(const pg::ServerError& error) const;
    /// The target as it is before this run, for a swap that sets it aside.
    database::Swap swap_of_target() const;
    /// Says the truth about a change of names whatever becomes of the connection. `expected_oid` is
    /// what the target's name stands for afterwards; empty: nothing.
    void change_names(const database::Swap& swap, const std::string& expected_oid);
    bool names_have_changed(const database::Swap& swap, const std::string& expected_oid);
    void reconnect(const std::string& target);
    /// Throws a better error where the server's would not say who is in the way.
    void explain(const Error& error, const std::string& database);
    /// For the sessions on a database, and on what is to have its name: there it can be a lost one
    /// of ours.
    std::function<void()> session_ender(const std::string& database, const std::string& next = {});
    database::Marker completed(database::Marker marker, const std::string& oid,
                               const std::string& name) const;
    database::Removal removal_of(const std::string& name, const std::string& oid,
                                 const database::Marker& marker) const;
    void clean_up(const std::vector<database::Copy>& left_overs);
    void print_removed(database::Removed removed, const std::string& verb, const std::string& what);
    void drop_made(const std::string& name, const std::string& oid);

    /// The interrupted or failed build must not stay behind; best effort, since the connection may
    /// be what failed: the next run then finds it.
    void drop_unfinished(const std::exception& error) noexcept;
    /// The copy that was set aside before files that failed: they were taken back, and nothing has
    /// changed. Empty where that isn't certain.
    std::string needless_copy(const std::exception& error) const;
    /// Once the names have changed a run has done what it was asked for, whatever becomes of the
    /// rest: it must not end as if it had failed.
    void print_left_undone(const std::exception& error);
    void say(std::string_view verb, const std::string& what);
    void say_took(std::string_view verb, const std::string& what, double seconds);

    const Plan& m_plan;
    const database::Permit& m_permit;
    const Runtime& m_runtime;
    Outcome m_outcome;
    database::Locked m_locked;
    int m_lock_holder = 0; // process id of the session that took the lock
    std::string m_planned_next;
    std::string m_next; // what is being built aside, from the moment on that it may be there
    std::string m_next_oid;
    bool m_has_changed_names = false;
    std::vector<std::string> m_skipped_files; // as shown
    std::string m_deferred;                   // SQL for when the new one has its name
    pg::Connection* m_maintenance;
    std::unique_ptr<pg::Connection> m_new_maintenance; // where the first one was lost
    std::unique_ptr<pg::Connection> m_connection;
    std::unique_ptr<pg::Connection> m_observer; // looks for what blocks another one, and ends it
    std::vector<int> m_closed_sessions;         // process ids
    std::string m_blockers;                     // as last said
    bool m_may_have_loaded = false;             // files changed something, or nobody can tell
    std::vector<database::TableRows> m_counted; // by a load
    bool m_has_counted = false;                 // and nothing came after it
    double m_unkept_seconds = 0;                // that loading took since the last start was kept
    std::string m_start_copy;                   // from the moment on that it may be there
    Clock::time_point m_started;
};

} // namespace crudctl::plan
