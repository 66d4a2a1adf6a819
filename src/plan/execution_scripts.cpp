#include "plan/execution.hpp"

#include "database/content.hpp"
#include "database/database.hpp"
#include "database/sessions.hpp"
#include "script/sql/sql_secrets.hpp"
#include "support/process/interrupt.hpp"
#include "support/text/text.hpp"

#include <fmt/format.h>

namespace crudctl::plan {

void Execution::perform(const LoadScripts& step)
{
    begin_progress(step.kind);
    m_may_have_loaded =
        m_may_have_loaded || step.script->settings.mode == script::TransactionMode::none;
    const script::LoadReport report =
        script::load(working_connection(), *step.script, load_options(step));
    m_may_have_loaded = true;
    m_has_counted = report.has_run_behind;
    m_runtime.progress.end();
    m_unkept_seconds += report.seconds;
    for (const std::string& statement : report.deferred) {
        m_deferred += statement + ";\n";
    }
    for (const std::string& note : report.notes) {
        m_runtime.console.note(fmt::format("  note     {}", note));
    }
    for (const script::FileReport& file : report.files) {
        m_outcome.statements += file.statements;
        m_outcome.rows += file.rows;
        if (file.is_skipped) {
            m_skipped_files.push_back(file.file);
            say_took("skipped", fmt::format("{}: {}", file.file, file.csv), file.seconds);
            continue;
        }
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
    options.tag = tag();
    options.marker_line = m_next.empty() ? m_plan.marker_line : "";
    options.lock_timeout = step.lock_timeout;
    options.csv_mode = step.csv_mode;
    options.csv_constraint = step.csv_constraint;
    options.jobs = step.jobs;
    options.ignores_unknown_settings = step.ignores_unknown_settings;
    const bool has_new_session = working_database() != m_maintenance->info().database();
    options.first = has_new_session ? require_judged_sql() : "";
    if (step.after == LoadedAfter::emptying && m_next.empty()) {
        options.first += m_permit.tag() + database::emptying_sql();
    } else if (step.after == LoadedAfter::found_empty && m_next.empty()) {
        options.first += database::require_empty_sql();
    }
    options.last = require_no_hidden_reach_sql();
    if (!step.checks.empty()) {
        options.before_commit = [&] { perform(RunChecks{step.checks}); };
    }
    if (step.counts_rows) {
        options.behind = {database::counting_sql(), [&](const pg::Result& row) {
                              const auto counted = database::table_rows_in(row);
                              m_counted.insert(m_counted.end(), counted.begin(), counted.end());
                          }};
    }
    options.on_progress = [&](const script::LoadProgress& progress) {
        m_runtime.progress.set_share(progress.bytes, progress.total_bytes,
                                     {{progress.statements, "statement"}, {progress.rows, "row"}});
    };
    options.on_notice = m_runtime.print_notice;
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
        m_observer = m_runtime.connect(m_maintenance->info().database());
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
    close_working_connection();
    begin_progress(step.kind);
    m_may_have_loaded = true; // how far it came, only psql knows
    m_runtime.run_psql(working_database(), step,
                       {require_judged_sql() + tag(), require_no_hidden_reach_sql()});
    put_marker_back();
    m_runtime.progress.end();
    m_outcome.psql_files += step.files.size();
    for (const script::ScriptFile& file : step.files) {
        say("loaded", file.shown + " by psql");
    }
}

/// psql runs the files as they are, COMMENT ON DATABASE too.
void Execution::put_marker_back()
{
    if (m_plan.marker_line.empty()) {
        return;
    }
    const auto found = database::other_databases(*m_maintenance, {m_plan.database});
    if (!found.empty() && found.front().comment.find(m_plan.marker_line) == std::string::npos) {
        m_maintenance->exec_script(
            database::put_line_sql(*m_maintenance, m_plan.database, m_plan.marker_line));
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
        const pg::Result result = working_connection().exec_read_only(query, {});
        if (result.size() != 1 || result.scalar() != "t") {
            throw Error(
                ExitCode::failed,
                fmt::format("the check \"{}\" is not true", script::masked_sql(trimmed(query))),
                state_after_failure());
        }
    }
    say("checked", counted(step.queries.size(), "check") + " passed");
}

database::Losses Execution::compare_with_old(const CompareContent& step)
{
    try {
        const auto old_one = m_runtime.connect(m_plan.database);
        m_closed_sessions.push_back(old_one->backend_pid());
        return database::compare(*old_one, working_connection());
    } catch (const Error& error) {
        if (step.lost_grants != CompareContent::LostGrants::told || interrupt::pending()) {
            throw;
        }
        m_runtime.console.warning(fmt::format(
            "whether the new one lacks what the old one grants is not known: {}", error.what()));
    }
    return {};
}

void Execution::perform(const CompareContent& step)
{
    m_outcome.losses = compare_with_old(step);
    const database::Losses& losses = m_outcome.losses;
    for (const std::string& part : losses.parts) {
        m_runtime.console.warning(fmt::format("the new one lacks what the old one has: {}", part));
    }
    if (losses.grants.empty()) {
        return;
    }
    for (const std::string& grant : losses.grants) {
        m_runtime.console.warning(fmt::format("{} in the old one, but not in the new one", grant));
    }
    if (step.lost_grants == CompareContent::LostGrants::refused) {
        throw Error(
            ExitCode::refused,
            fmt::format("{} would be lost, first: {}; {}", counted(losses.grants.size(), "grant"),
                        losses.grants.front(), state_after_failure()),
            m_runtime.console.can_ask()
                ? "add them to the schema file; --accept-lost-grants goes without, and asks "
                  "before"
                : "add them to the schema file");
    }
}

/// A log-in may lead elsewhere than the one before it: a tunnel that was opened anew, a balancer.
std::string Execution::require_judged_sql() const
{
    if (!m_next
             .empty()) { // a name that no other server has; pg_stat_activity shows 1 kB of a batch
        return database::require_database_sql(*m_maintenance, m_next, m_next_oid);
    }
    return m_plan.oid.empty() ? ""
                              : database::require_database_sql(*m_maintenance, m_plan.database,
                                                               m_plan.oid, m_plan.server_identity);
}

/// What the files name is judged and told before they run.
std::string Execution::require_no_hidden_reach_sql() const
{
    std::vector<std::string> named = {m_plan.database};
    for (const script::OutsideStatement& statement : outside_statements(m_plan)) {
        named.insert(named.end(), statement.databases.begin(), statement.databases.end());
    }
    return database::require_no_hidden_reach_sql(*m_maintenance, named);
}

std::string Execution::tag() const
{
    return m_next.empty() ? m_permit.tag() : "";
}

const std::string& Execution::working_database() const
{
    return m_next.empty() ? m_plan.database : m_next;
}

void Execution::close_working_connection()
{
    if (m_connection) {
        m_closed_sessions.push_back(m_connection->backend_pid());
        m_connection.reset();
    }
}

pg::Connection& Execution::working_connection()
{
    if (working_database() == m_maintenance->info().database()) {
        return *m_maintenance; // a command that works in the target as it stands
    }
    if (!m_connection) {
        m_connection = m_runtime.connect(working_database());
    }
    return *m_connection;
}

} // namespace crudctl::plan
