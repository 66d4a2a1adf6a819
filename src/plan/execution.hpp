#pragma once

#include "database/copies.hpp"
#include "database/marker.hpp"
#include "database/permit.hpp"
#include "database/removal.hpp"
#include "pg/connection.hpp"
#include "plan/database_builder.hpp"
#include "plan/executor.hpp"
#include "plan/name_change.hpp"
#include "plan/plan.hpp"
#include "plan/program_run.hpp"
#include "plan/run_state.hpp"
#include "plan/script_run.hpp"

#include <exception>
#include <optional>
#include <string>
#include <vector>

namespace crudctl::plan {

/// Runs a plan's steps in their order, each by the part of the run that can do it.
class Execution {
public:
    /// All three have to outlive this.
    Execution(const Plan& plan, const database::Permit& permit, const Runtime& runtime)
        : m_state(plan, permit, runtime)
    {}
    ~Execution() = default;
    Execution(const Execution&) = delete; // its parts refer to m_state
    Execution& operator=(const Execution&) = delete;

    /// As execute(), once.
    Outcome run();

private:
    void perform(const CreateDatabase& step);
    void perform(const DropDatabase& step);
    void perform(const LockTarget& step);
    void perform(const BuildAside& step) { m_builder.create(step); }
    void perform(const LoadScripts& step);
    void perform(const RunPsql& step) { m_scripts.run_psql(step); }
    void perform(const RunProgram& step) { m_programs.run(step); }
    void perform(const RunChecks& step) { m_scripts.check(step); }
    void perform(const CompareContent& step) { m_scripts.compare(step); }
    void perform(const TakeName& step);
    void perform(const SetAside& step);
    void perform(const KeepAs& step);
    void perform(const CacheBuild& step) { m_builder.cache(step, m_scripts); }
    void perform(const DropCopies& step);
    void perform(const WriteMarker& step);
    void perform(const ServiceCall& step) { m_state.runtime.call_service(step); }
    void perform(const RunQuery& step) { m_scripts.run_query(step); }

    pg::Connection& maintenance() const noexcept { return m_state.sessions.maintenance(); }
    void put_marker(const std::string& database, const database::Marker& marker);
    void take_loading_back();
    void count_committed();
    void clean_up(const std::vector<database::Copy>& left_overs);
    void print_removed(database::Removed removed, const std::string& verb, const std::string& what);
    void drop_unfinished(const std::exception& error) noexcept;
    std::string needless_copy(const std::exception& error) const;
    void print_left_undone(const std::exception& error);

    RunState m_state;
    std::optional<WriteMarker> m_loading; // that was written before files without a transaction
    NameChange m_names{m_state};
    ScriptRun m_scripts{m_state};
    ProgramRun m_programs{m_state, m_scripts};
    DatabaseBuilder m_builder{m_state};
};

} // namespace crudctl::plan
