#include "plan/executor.hpp"

#include "database/sessions.hpp"
#include "script/loader.hpp"
#include "support/interrupt.hpp"
#include "support/text.hpp"

#include <chrono>
#include <optional>

#include <fmt/format.h>

namespace crudctl::plan {

namespace {

/// Runs a plan's steps; holds what one step leaves to the next.
class Execution {
public:
    Execution(const Plan& plan, const database::Permit& permit, const Runtime& runtime)
        : m_plan(plan), m_permit(permit), m_runtime(runtime)
    {}

    Outcome run()
    {
        try {
            for (const Step& step : m_plan.steps) {
                interrupt::throw_if_pending();
                m_started = Clock::now();
                std::visit([this](const auto& s) { perform(s); }, step);
            }
        } catch (...) {
            drop_unfinished();
            throw;
        }
        return std::move(m_outcome);
    }

private:
    using Clock = std::chrono::steady_clock;

    void perform(const CreateDatabase& step);
    void perform(const DropDatabase& step);
    void perform(const BuildAside& step);
    void perform(const LoadScripts& step);
    void perform(const RunPsql& step);
    void perform(const RunChecks& step);
    void perform(const TakeName& step);
    void perform(const DropReplaced& step);

    script::LoadOptions load_options(const LoadScripts& step);
    std::string find_blockers(int backend_pid);
    void begin_progress(ScriptKind kind);
    std::string state_after_failure() const;
    /// The database that scripts and checks run in.
    const std::string& working_database() const;
    pg::Connection& working_connection();
    /// The interrupted or failed build must not stay behind; best effort, since the connection may
    /// be what failed: the next run then finds it by its comment.
    void drop_unfinished() noexcept;
    void say(std::string_view verb, const std::string& what);
    void say_took(std::string_view verb, const std::string& what, double seconds);

    const Plan& m_plan;
    const database::Permit& m_permit;
    const Runtime& m_runtime;
    Outcome m_outcome;
    std::string m_next;     // what is being built aside
    std::string m_previous; // what stood there before
    std::string m_put_off;  // SQL for when the new one has its name
    std::unique_ptr<pg::Connection> m_connection;
    std::unique_ptr<pg::Connection> m_observer; // who looks for what blocks the other one
    std::string m_blockers;                     // as last said
    Clock::time_point m_started;
};

void Execution::perform(const CreateDatabase& step)
{
    m_outcome.has_changed =
        database::create_database(m_runtime.maintenance, step.name) == database::Change::made;
    if (m_outcome.has_changed) {
        say("created", fmt::format("database \"{}\"", step.name));
    }
}

void Execution::perform(const DropDatabase& step)
{
    m_outcome.has_changed = database::drop_database(m_permit, m_runtime.maintenance, step.name) ==
                            database::Change::made;
    if (m_outcome.has_changed) {
        say("dropped", fmt::format("database \"{}\"", step.name));
    }
}

void Execution::perform(const BuildAside& step)
{
    const auto left_overs =
        database::lock_target(m_runtime.maintenance, step.target, m_runtime.lock_timeout);
    for (const std::string& name : left_overs) {
        if (database::drop_database(m_permit, m_runtime.maintenance, name) ==
            database::Change::made) {
            say("cleaned", fmt::format("\"{}\", left behind by a run that was killed", name));
        }
    }
    m_next = database::create_next(m_runtime.maintenance, step.target, step.owner);
    say("created", fmt::format("an empty database beside \"{}\"", step.target));
}

void Execution::perform(const LoadScripts& step)
{
    begin_progress(step.kind);
    const script::LoadReport report =
        script::load(working_connection(), *step.script, load_options(step));
    m_runtime.progress.end();
    for (const std::string& statement : report.put_off) {
        m_put_off += statement + ";\n";
    }
    for (const std::string& note : report.notes) {
        m_runtime.console.note(fmt::format("  note     {}", note));
    }
    for (const script::FileReport& file : report.files) {
        m_outcome.statements += file.statements;
        m_outcome.rows += file.rows;
        const std::string what = file.csv.empty()
                                     ? counted(file.statements, "statement") +
                                           (file.rows == 0 ? "" : ", " + counted(file.rows, "row"))
                                     : file.csv;
        say_took("loaded", fmt::format("{}, {}", file.file, what), file.seconds);
    }
}

script::LoadOptions Execution::load_options(const LoadScripts& step)
{
    script::LoadOptions options;
    options.columns = m_runtime.console.terminal().columns;
    options.state_after_failure = state_after_failure();
    options.stand_in = m_next;
    options.lock_timeout = step.lock_timeout;
    options.csv_mode = step.csv_mode;
    options.csv_constraint = step.csv_constraint;
    options.ignores_unknown_settings = step.ignores_unknown_settings;
    options.on_progress = [&](const script::LoadProgress& progress) {
        m_runtime.progress.set_share(progress.bytes, progress.total_bytes,
                                     {{progress.statements, "statement"}, {progress.rows, "row"}});
    };
    options.on_notice = m_runtime.tell_notice;
    options.on_batch = [&](const std::string& batch, double seconds) {
        m_runtime.console.detail(fmt::format("  batch    {}  {}", batch, duration_text(seconds)));
    };
    options.on_message = [&](const std::string& message) { m_runtime.console.note(message); };
    if (m_next.empty()) { // nobody is in the way of what is built aside
        options.find_blockers = [&](int backend_pid) { return find_blockers(backend_pid); };
    }
    return options;
}

std::string Execution::find_blockers(int backend_pid)
{
    if (!m_observer) {
        m_observer = m_runtime.connect(m_runtime.maintenance.info().database());
    }
    const std::string blockers = database::blockers_of(*m_observer, backend_pid);
    if (!blockers.empty() && blockers != m_blockers) {
        m_runtime.console.note("  waiting  for a lock that is held by " + blockers);
    }
    m_blockers = blockers;
    return blockers;
}

void Execution::perform(const RunPsql& step)
{
    begin_progress(step.kind);
    m_runtime.run_psql(working_database(), step);
    m_runtime.progress.end();
    for (const script::ScriptFile& file : step.files) {
        say("loaded", file.shown + " by psql");
    }
}

void Execution::begin_progress(ScriptKind kind)
{
    m_runtime.progress.begin(kind == ScriptKind::schema ? "loading the schema"
                                                        : "loading the seeds");
}

std::string Execution::state_after_failure() const
{
    return fmt::format("{} is exactly as it was", printable(m_plan.database));
}

void Execution::perform(const RunChecks& step)
{
    for (const std::string& query : step.queries) {
        const pg::Result result = working_connection().exec(query);
        if (result.size() != 1 || result.scalar() != "t") {
            throw Error(ExitCode::failed,
                        fmt::format("the check \"{}\" is not true", trimmed(query)),
                        state_after_failure());
        }
    }
    say("checked", counted(step.queries.size(), "check") + " passed");
}

void Execution::perform(const TakeName& step)
{
    m_outcome.tables = database::count_rows(working_connection());
    m_connection.reset(); // nobody may be connected to what is renamed
    m_started = Clock::now();
    std::unique_ptr<pg::Connection> helper;
    m_previous = database::swap_in(
        m_permit, m_runtime.maintenance, {step.target, m_next, step.expected_oid, m_put_off}, [&] {
            if (!helper) {
                helper = m_runtime.connect(m_runtime.maintenance.info().database());
            }
            m_outcome.ended_sessions += database::end_sessions(*helper, step.target);
        });
    m_next.clear();
    say("renamed", step.expected_oid.empty()
                       ? fmt::format("it to \"{}\"", step.target)
                       : fmt::format("the new one to \"{}\", in the old one's place", step.target));
}

void Execution::perform(const DropReplaced& step)
{
    database::drop_database(m_permit, m_runtime.maintenance, m_previous);
    say("dropped", fmt::format("the old \"{}\"", step.target));
}

const std::string& Execution::working_database() const
{
    return m_next.empty() ? m_plan.database : m_next;
}

pg::Connection& Execution::working_connection()
{
    if (working_database() == m_runtime.maintenance.info().database()) {
        return m_runtime.maintenance; // a command that works in the target as it stands
    }
    if (!m_connection) {
        m_connection = m_runtime.connect(working_database());
    }
    return *m_connection;
}

void Execution::drop_unfinished() noexcept
{
    try {
        m_runtime.progress.end();
        m_connection.reset();
        if (!m_next.empty()) {
            interrupt::forget();
            database::drop_database(m_permit, m_runtime.maintenance, m_next);
        }
    } catch (const std::exception&) {
        // The failure that brought us here is the one to report.
    }
}

void Execution::say(std::string_view verb, const std::string& what)
{
    const std::chrono::duration<double> took = Clock::now() - m_started;
    m_started = Clock::now();
    say_took(verb, what, took.count());
}

void Execution::say_took(std::string_view verb, const std::string& what, double seconds)
{
    m_runtime.console.note({{Style::dim, fmt::format("  {:<8} ", verb)},
                            {Style::plain, what},
                            {Style::dim, fmt::format("  {}", duration_text(seconds))}});
}

} // namespace

Outcome execute(const Plan& plan, const database::Permit& permit, const Runtime& runtime)
{
    return Execution(plan, permit, runtime).run();
}

} // namespace crudctl::plan
