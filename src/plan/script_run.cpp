#include "plan/script_run.hpp"

#include "database/sessions.hpp"
#include "script/sql/sql_secrets.hpp"
#include "support/process/interrupt.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace crudctl::plan {

void ScriptRun::load(const LoadScripts& step)
{
    begin_progress(step.kind);
    m_may_have_moved_sequences =
        m_may_have_moved_sequences || (!is_building() && step.script->moves_sequences);
    m_may_have_loaded =
        m_may_have_loaded || step.script->settings.mode == script::TransactionMode::none;
    if (empties_found(step)) {
        m_comparison.note_holdings(connection());
    }
    const script::LoadReport report = load_alone(step);
    m_may_have_loaded = true;
    m_has_counted = report.has_run_behind;
    m_state.runtime.progress.end();
    if (m_state.runtime.print_rest_of_notices) {
        m_state.runtime.print_rest_of_notices();
    }
    // On a fresh machine each of them would be a run of psql: the seeds begin with what the schema
    // set for the database.
    m_is_outdated = is_building() && step.script->of_database().may_change_sessions;
    m_state.build.uncached_seconds += report.seconds;
    for (const std::string& statement : report.deferred) {
        m_state.build.deferred += statement + "\n;\n"; // it may end in a comment
    }
    for (const std::string& note : report.notes) {
        m_state.runtime.console.note(fmt::format("  note     {}", note));
    }
    for (const script::FileReport& file : report.files) {
        m_state.outcome.statements += file.statements;
        m_state.outcome.rows += file.rows;
        print_loaded(file);
    }
}

// Another run may have loaded the same files since the plan was made, or a killed one's COMMIT was
// still on its way.
script::LoadReport ScriptRun::load_alone(const LoadScripts& step)
{
    try {
        script::LoadReport report = script::load(connection(), *step.script, load_options(step));
        m_bare_watch.finish();
        return report;
    } catch (const Error& error) {
        m_bare_watch.finish(); // else the failure would say that nothing has changed
        if (const auto* failure = dynamic_cast<const script::ScriptError*>(&error)) {
            require_no_other_load(failure->failure().sqlstate);
        }
        throw;
    }
}

void ScriptRun::print_loaded(const script::FileReport& file)
{
    if (file.is_skipped) {
        m_skipped_files.push_back(file.file);
        m_state.log.print("skipped", fmt::format("{}: {}", file.file, file.csv), file.seconds);
        return;
    }
    const std::string what = file.csv.empty()
                                 ? counted(file.statements, "statement") +
                                       (file.rows == 0 ? "" : ", " + counted(file.rows, "row"))
                                 : file.csv;
    m_state.log.print("loaded", fmt::format("{}, {}", file.file, what), file.seconds);
}

script::LoadOptions ScriptRun::load_options(const LoadScripts& step)
{
    script::LoadOptions options;
    options.columns = m_state.runtime.console.terminal().columns;
    options.state_after_failure = state_after_failure();
    options.stand_in = m_state.build.name;
    options.tag = tag();
    options.marker_line = is_building() ? "" : m_state.plan.marker_line;
    options.lock_timeout = step.lock_timeout;
    options.csv_mode = step.csv_mode;
    options.csv_constraint = step.csv_constraint;
    options.jobs = step.jobs;
    options.ignores_unknown_settings = step.ignores_unknown_settings;
    options.has_no_transaction_option = step.script->settings.has_no_transaction_option;
    options.first = first_statements(step);
    options.last = statements_before_commit();
    options.bare = {
        [this](const std::string& place, bool has_commit) {
            m_bare_watch.before(place, has_commit, state_after_failure());
        },
        [this](const std::string& place) { m_bare_watch.after(place, state_after_failure()); }};
    const bool may_take_others =
        fills_found(step) && step.script->effect.worst() != script::Effect::adds;
    if (!step.checks.empty() || may_take_others || empties_found(step)) {
        options.before_commit = [&, may_take_others] { before_commit(step, may_take_others); };
    }
    if (step.marker) {
        options.at_commit = [this, &step](const script::LoadReport& report) {
            std::vector<std::string> skipped;
            for (const script::FileReport& file : report.files) {
                if (file.is_skipped) {
                    skipped.push_back(file.file);
                }
            }
            return std::vector<std::string>{marker_sql(*step.marker, skipped)};
        };
    }
    if (step.counts_rows) {
        options.behind = {database::counting_statements(),
                          [this](const pg::Result& row) { add_counts(row); }};
    }
    set_handlers(options);
    return options;
}

std::vector<std::string> ScriptRun::first_statements(const LoadScripts& step) const
{
    std::vector<std::string> statements;
    if (const std::string judged = works_in_maintenance() ? "" : require_judged_sql();
        !judged.empty()) {
        statements.push_back(judged);
    }
    if (step.marker) {
        statements.push_back(database::require_seeds_sql(
            m_state.sessions.maintenance(), m_state.plan.oid, m_state.plan.marker_line));
    }
    if (empties_found(step)) {
        statements.push_back(m_state.permit.tag() + database::emptying_sql());
    }
    if (fills_found(step)) {
        statements.push_back(database::require_empty_sql());
    }
    return statements;
}

bool ScriptRun::empties_found(const LoadScripts& step) const
{
    return step.after == LoadedAfter::emptying && !is_building();
}

bool ScriptRun::fills_found(const LoadScripts& step) const
{
    return step.after == LoadedAfter::found_empty && !is_building();
}

void ScriptRun::before_commit(const LoadScripts& step, bool may_take_others)
{
    if (!step.checks.empty()) {
        check(RunChecks{step.checks});
    }
    if (empties_found(step)) {
        m_comparison.require_remade(step, connection(), state_after_failure());
    }
    // What others committed since the first test may be what the files dropped. Another session
    // sees it still, and nothing yet of what the files made.
    if (may_take_others && database::has_content(*m_state.runtime.connect(m_state.plan.database))) {
        throw Error(ExitCode::busy, "the database is not empty any more: another session filled it",
                    state_after_failure());
    }
}

void ScriptRun::set_handlers(script::LoadOptions& options)
{
    const Runtime& runtime = m_state.runtime;
    options.on_progress = [&runtime](const script::LoadProgress& progress) {
        runtime.progress.set_share(progress.bytes, progress.total_bytes,
                                   {{progress.statements, "statement"}, {progress.rows, "row"}});
    };
    options.on_notice = runtime.print_notice;
    options.on_batch = [&runtime](const std::string& batch, double seconds) {
        runtime.console.detail(fmt::format("  batch    {}  {}", batch, duration_text(seconds)));
    };
    options.on_message = [&runtime](const std::string& message) { runtime.console.note(message); };
    if (!is_building()) { // a build has no other sessions that could block this one
        options.find_blockers = [this](int backend_pid) { return find_blockers(backend_pid); };
    }
}

std::string ScriptRun::find_blockers(int backend_pid)
{
    const std::string blockers = database::blockers_of(m_state.sessions.observer(), backend_pid);
    if (!blockers.empty() && blockers != m_blockers) {
        m_state.runtime.console.note("  waiting  for a lock that is held by " + blockers);
    }
    m_blockers = blockers;
    return blockers;
}

void ScriptRun::add_counts(const pg::Result& row)
{
    const auto counts = database::table_rows_in(row);
    m_counted.insert(m_counted.end(), counts.begin(), counts.end());
}

std::vector<database::TableRows> ScriptRun::take_row_counts()
{
    return m_has_counted ? std::move(m_counted) : database::count_rows(connection());
}

void ScriptRun::hold_files_lock()
{
    const Plan& plan = m_state.plan;
    if (is_building() || plan.oid.empty()) {
        return;
    }
    if (!works_in_maintenance()) {
        m_files_lock = m_state.runtime.connect(plan.database);
    }
    pg::Connection& holder = m_files_lock ? *m_files_lock : m_state.sessions.maintenance();
    if (!database::try_files_lock(holder, plan.oid)) {
        throw Error(ExitCode::busy,
                    fmt::format("another run is loading files into \"{}\"; nothing was changed",
                                printable(plan.database)),
                    "try again when that has ended");
    }
    try { // which may have ended between this run's look and the lock
        holder.exec_script(database::require_seeds_sql(holder, plan.oid, plan.marker_line));
    } catch (const pg::ServerError& error) {
        require_no_other_load(error.sqlstate());
        throw;
    }
}

void ScriptRun::require_no_other_load(const std::string& sqlstate) const
{
    if (sqlstate == pg::sqlstate::other_load) {
        throw Error(
            ExitCode::busy,
            fmt::format("another run loaded files into \"{}\" meanwhile; nothing was changed",
                        printable(m_state.plan.database)),
            "run it again: it loads what is missing");
    }
}

void ScriptRun::run_psql(const RunPsql& step)
{
    close_connection();
    begin_progress(step.kind);
    m_may_have_loaded = true; // until the server says that it has not
    m_state.runtime.run_psql(
        working_database(), step,
        {require_judged_sql() + tag(), statements_before_commit(),
         [this](const std::string& transaction) { return has_committed(transaction); }});
    put_marker_back();
    m_state.runtime.progress.end();
    m_state.outcome.psql_files += step.files.size();
    for (const script::ScriptFile& file : step.files) {
        m_state.log.print("loaded", file.shown + " by psql");
    }
}

bool ScriptRun::has_committed(const std::string& transaction)
{
    if (transaction.empty()) {
        m_may_have_loaded = false;
        return false;
    }
    const pg::Result status = m_state.sessions.maintenance().look(
        "select pg_catalog.pg_xact_status($1::pg_catalog.xid8)", transaction);
    m_may_have_loaded = status.scalar() != "aborted";
    return status.scalar() == "committed";
}

// psql runs the files as they are, and a COMMENT ON DATABASE in them replaces the marker.
void ScriptRun::put_marker_back()
{
    const Plan& plan = m_state.plan;
    if (plan.marker_line.empty()) {
        return;
    }
    pg::Connection& maintenance = m_state.sessions.maintenance();
    const auto found = database::other_databases(maintenance, {plan.database});
    if (!found.empty() && found.front().comment.find(plan.marker_line) == std::string::npos) {
        maintenance.exec_script(
            database::put_line_sql(maintenance, plan.database, plan.marker_line));
    }
}

void ScriptRun::begin_progress(ScriptKind kind)
{
    m_state.runtime.progress.begin(kind == ScriptKind::schema ? "loading the schema"
                                                              : "loading the seeds");
}

std::string ScriptRun::state_after_failure() const
{
    return fmt::format("{} is exactly as it was{}", printable(m_state.plan.database),
                       m_may_have_moved_sequences ? ", but for numbers that sequences gave" : "");
}

void ScriptRun::check(const RunChecks& step)
{
    for (const std::string& query : step.queries) {
        const pg::Result result = connection().exec_read_only(query, {});
        if (result.size() != 1 || result.scalar() != "t") {
            throw Error(
                ExitCode::failed,
                fmt::format("the check \"{}\" is not true", script::masked_sql(trimmed(query))),
                state_after_failure());
        }
    }
    m_state.log.print("checked", counted(step.queries.size(), "check") + " passed");
}

void ScriptRun::run_query(const RunQuery& step)
{
    m_state.runtime.run_query(step, tag(), statements_before_commit());
}

void ScriptRun::compare(const CompareContent& step)
{
    if (const int opened = m_comparison.compare(step, connection(), state_after_failure())) {
        m_closed_sessions.push_back(opened);
    }
}

std::string ScriptRun::marker_sql(const WriteMarker& step,
                                  const std::vector<std::string>& skipped_files) const
{
    database::Marker marker = completed(m_state.plan, step.marker, step.marker.oid, step.database);
    if (step.seeds) {
        for (const script::FileOutline& file : step.seeds->files) {
            if (!file.source->is_stream()) {
                marker.seeds[file.source->shown()] = file.digest.hex();
            }
        }
    }
    for (const std::string& file : skipped_files) {
        const auto former = step.former_seeds.find(file);
        if (former == step.former_seeds.end()) {
            marker.seeds.erase(file);
        } else {
            marker.seeds[file] = former->second;
        }
    }
    return database::put_line_sql(m_state.sessions.maintenance(), step.database,
                                  database::to_line(marker));
}

// SQL that fails in any other database than the one that was judged or built: the next log-in may
// lead elsewhere, by a tunnel that was opened anew or by a balancer.
std::string ScriptRun::require_judged_sql() const
{
    const Plan& plan = m_state.plan;
    pg::Connection& maintenance = m_state.sessions.maintenance();
    if (is_building()) { // no other server has a database of that name
        return database::require_database_sql(maintenance, m_state.build.name, m_state.build.oid);
    }
    return plan.oid.empty() ? ""
                            : database::require_database_sql(maintenance, plan.database, plan.oid,
                                                             plan.server_identity);
}

// SQL of which the last one fails where the transaction reached into a database that its files do
// not name: those that they name were judged before.
std::vector<std::string> ScriptRun::statements_before_commit() const
{
    std::vector<std::string> oids = m_state.plan.outside_oids;
    if (!m_state.plan.oid.empty() && !is_building()) { // else it is the old one, which is in use
        oids.push_back(m_state.plan.oid);
    }
    return database::statements_before_commit(m_state.sessions.maintenance(), oids);
}

// Only statements on a live database carry the permit's comment.
std::string ScriptRun::tag() const
{
    return is_building() ? "" : m_state.permit.tag();
}

const std::string& ScriptRun::working_database() const noexcept
{
    return is_building() ? m_state.build.name : m_state.plan.database;
}

bool ScriptRun::works_in_maintenance() const
{
    return working_database() == m_state.sessions.maintenance().info().database();
}

void ScriptRun::close_connection()
{
    if (m_connection) {
        m_closed_sessions.push_back(m_connection->backend_pid());
        m_connection.reset();
    }
}

pg::Connection& ScriptRun::connection()
{
    if (works_in_maintenance()) {
        return m_state.sessions.maintenance();
    }
    if (std::exchange(m_is_outdated, false)) {
        close_connection();
    }
    if (!m_connection) {
        m_connection = m_state.runtime.connect(working_database());
    }
    return *m_connection;
}

} // namespace crudctl::plan
