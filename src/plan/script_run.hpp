#pragma once

#include "database/content.hpp"
#include "database/database.hpp"
#include "pg/connection.hpp"
#include "plan/bare_watch.hpp"
#include "plan/comparison.hpp"
#include "plan/plan.hpp"
#include "plan/run_state.hpp"
#include "script/load/loader.hpp"

#include <memory>
#include <string>
#include <vector>

namespace crudctl::plan {

/// Runs files, checks and queries in the working database: the build, or the target where nothing
/// is being built.
class ScriptRun {
public:
    /// The state has to outlive this.
    explicit ScriptRun(RunState& state) : m_state(state) {}

    /// Loads files and prints what each brought. Throws as script::load().
    void load(const LoadScripts& step);
    /// Has psql run files. Throws as Runtime::run_psql, and ServerError.
    void run_psql(const RunPsql& step);
    /// Throws Error(failed) at the first check that is not true, and ServerError.
    void check(const RunChecks& step);
    /// Warns of each grant and each object that the target has and the build lacks. Throws
    /// Error(refused) where the step allows no lost grants.
    void compare(const CompareContent& step);
    /// Runs a query by Runtime::run_query, and throws as that.
    void run_query(const RunQuery& step);

    /// The working database's tables with their rows, as the last load counted them, or else
    /// counted now. Throws ServerError. Call it once: it gives the counts away.
    std::vector<database::TableRows> take_row_counts();

    /// A session on the working database. Connects where there is none, and throws
    /// pg::ConnectError.
    pg::Connection& connection();
    /// Closes that session: a database with sessions can't be renamed or copied.
    void close_connection();
    /// Process ids of the closed sessions, which the server may still show.
    const std::vector<int>& closed_sessions() const noexcept { return m_closed_sessions; }

    /// SQL that writes a marker once the files that it remembers are loaded.
    std::string marker_sql(const WriteMarker& step) const
    {
        return marker_sql(step, m_skipped_files);
    }
    /// Before files that have transactions of their own: other runs that load some wait, or end as
    /// busy. Throws Error(busy) where one has the lock.
    void hold_files_lock();
    /// False only where it is certain that no file has changed anything.
    bool may_have_loaded() const noexcept { return m_may_have_loaded; }

private:
    bool is_building() const noexcept { return !m_state.build.name.empty(); }
    const std::string& working_database() const noexcept;
    bool works_in_maintenance() const;
    std::string tag() const;
    std::string require_judged_sql() const;
    std::vector<std::string> statements_before_commit() const;
    std::string state_after_failure() const;
    void begin_progress(ScriptKind kind);

    script::LoadOptions load_options(const LoadScripts& step);
    std::vector<std::string> first_statements(const LoadScripts& step) const;
    /// Whether they go into a database that was found empty.
    bool fills_found(const LoadScripts& step) const;
    /// `may_take_others`: the files destroy, and a database that others may use was empty.
    void before_commit(const LoadScripts& step, bool may_take_others);
    void set_handlers(script::LoadOptions& options);
    bool empties_found(const LoadScripts& step) const;
    std::string find_blockers(int backend_pid);
    void add_counts(const pg::Result& row);
    script::LoadReport load_alone(const LoadScripts& step);
    void require_no_other_load(const std::string& sqlstate) const;
    void print_loaded(const script::FileReport& file);

    bool has_committed(const std::string& transaction);
    void put_marker_back();
    std::string marker_sql(const WriteMarker& step,
                           const std::vector<std::string>& skipped_files) const;

    RunState& m_state;
    std::unique_ptr<pg::Connection> m_connection;
    bool m_is_outdated = false; // a new session would begin with other settings
    std::vector<int> m_closed_sessions;
    std::string m_blockers; // as last printed
    bool m_may_have_loaded = false;
    bool m_may_have_moved_sequences = false;    // of a live database
    std::vector<std::string> m_skipped_files;   // CSV, whose tables had rows already; as shown
    std::vector<database::TableRows> m_counted; // by loads
    bool m_has_counted = false;                 // the last load did
    BareWatch m_bare_watch{m_state};
    Comparison m_comparison{m_state};
    std::unique_ptr<pg::Connection> m_files_lock; // the session that holds it
};

} // namespace crudctl::plan
