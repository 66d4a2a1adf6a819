#pragma once

#include "pg/error.hpp"
#include "plan/plan.hpp"
#include "plan/run_state.hpp"
#include "plan/script_run.hpp"

#include <string>

namespace crudctl::plan {

/// Makes databases beside the target: the build, and the copy of it for the next run. Drops those
/// that stayed unfinished.
class DatabaseBuilder {
public:
    /// The state has to outlive this.
    explicit DatabaseBuilder(RunState& state) : m_state(state) {}

    /// Makes a database that is empty, or a copy; notes it in the state. Throws Error(refused)
    /// where this role may not give it all that the target has, Error(busy) where the copied one
    /// has sessions, ServerError.
    void create(const BuildAside& step);

    /// SQL that gives the finished build what the target has, its owner last; empty where there is
    /// no target. Until then nothing of the old one acts on what is loaded, and the build belongs
    /// to the role at hand, since an unfinished one is known by that.
    std::string finishing_sql() const;

    /// Copies the build for the next run where loading it took long enough. Closes the connection
    /// of `scripts`. Where the server refuses the copy, prints a note: the run can do without.
    /// Throws ConnectionLost and Error(busy).
    void cache(const CacheBuild& step, ScriptRun& scripts);

    /// Drops a database that this run made. An empty OID is asked for; an empty name does nothing.
    /// Throws ServerError, ConnectionLost.
    void drop(const std::string& name, const std::string& oid);
    /// Drops the build and the copy of it, where they are unfinished. Throws as drop().
    void drop_unfinished();

private:
    pg::Connection& maintenance() const noexcept { return m_state.sessions.maintenance(); }
    std::string create_database(const BuildAside& step);
    std::string unfinished_marker_sql() const;
    std::string finishing_block() const;
    std::string owner_sql(const std::string& name) const;
    std::string trial_of_finishing() const;
    std::string execute_sql(const std::string& sql) const;
    void explain_attributes(const pg::ServerError& error) const;
    void copy_to_cache(const CacheBuild& step, ScriptRun& scripts);

    RunState& m_state;
    std::string m_cache_copy; // from the moment on that it may exist, until it has its own name
};

} // namespace crudctl::plan
