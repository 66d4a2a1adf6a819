#include "plan/program_run.hpp"

#include "database/content.hpp"
#include "support/error.hpp"
#include "support/text/text.hpp"

#include <chrono>

#include <fmt/format.h>

namespace crudctl::plan {

void ProgramRun::run(const RunProgram& step)
{
    using Clock = std::chrono::steady_clock;
    const std::string& database =
        m_state.build.name.empty() ? m_state.plan.database : m_state.build.name;
    const Traces before = look(step.kind);
    const auto began = Clock::now();
    const int exit_code = m_state.runtime.run_program(database, step);
    if (exit_code != 0) {
        throw Error(ExitCode::external,
                    fmt::format("{} ended with {}; {}", printable(command_of(step)), exit_code,
                                state_of_target()));
    }
    const std::chrono::duration<double> took = Clock::now() - began;
    const Traces after = look(step.kind);
    if (after.oid != before.oid) {
        throw Error(
            ExitCode::external,
            fmt::format("{} dropped the database that it was given and made another one; {}",
                        command_of(step), state_of_target()),
            "have it load into the database that DATABASE_URL names");
    }
    if (after == before) {
        throw Error(ExitCode::external,
                    fmt::format("{} ended well and left the database as it was: it may have used "
                                "its own settings; {}",
                                printable(command_of(step)), state_of_target()),
                    "have the project's settings read DATABASE_URL");
    }
    m_state.build.uncached_seconds += took.count();
    ++m_state.outcome.programs;
    m_state.log.print("ran", printable(command_of(step)));
}

// The session is closed again: some programs want to be alone.
ProgramRun::Traces ProgramRun::look(ScriptKind kind)
{
    pg::Connection& connection = m_scripts.connection();
    const database::Fingerprint found = database::fingerprint_of(connection);
    Traces traces{found.oid, found.objects, {}};
    if (kind == ScriptKind::seeds) {
        traces.rows = database::rows_digest(connection);
    }
    m_scripts.close_connection();
    return traces;
}

std::string ProgramRun::state_of_target() const
{
    return m_state.build.name.empty()
               ? "what else it did is not known"
               : fmt::format("{} is exactly as it was", printable(m_state.plan.database));
}

} // namespace crudctl::plan
