#pragma once

#include "plan/plan.hpp"
#include "plan/run_state.hpp"
#include "plan/script_run.hpp"

#include <string>

namespace crudctl::plan {

/// Runs the project's programs on the working database: the target, or what is being built aside.
class ProgramRun {
public:
    /// Both have to outlive this.
    ProgramRun(RunState& state, ScriptRun& scripts) : m_state(state), m_scripts(scripts) {}

    /// Throws Error(external) where the program failed, left the database as it was, or made
    /// another one in its place; ServerError, ConnectError.
    void run(const RunProgram& step);

private:
    /// What a program may change.
    struct Traces {
        std::string oid; // of the database
        std::string objects;
        std::string rows; // of its tables

        bool operator==(const Traces&) const = default;
    };

    Traces look(ScriptKind kind);
    std::string state_of_target() const;

    RunState& m_state;
    ScriptRun& m_scripts;
};

} // namespace crudctl::plan
