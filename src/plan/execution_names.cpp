#include "plan/execution.hpp"

#include "database/content.hpp"
#include "database/database.hpp"
#include "database/name.hpp"
#include "support/text.hpp"

#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace crudctl::plan {

namespace {

// Seconds. A copy takes a tenth of one and a log-in.
constexpr double worth_a_copy = 0.3;

std::string line_of(const std::optional<database::Marker>& marker)
{
    return marker ? database::to_line(*marker) : "";
}

std::string_view start_text(database::StandInKind kind)
{
    return kind == database::StandInKind::seeded ? "schema and seeds" : "the schema";
}

void require_unchanged(const LockTarget& step, const database::Locked& locked)
{
    if (locked.oid != step.expected_oid ||
        line_of(locked.comment.marker) != line_of(step.expected_marker)) {
        throw Error(ExitCode::busy,
                    fmt::format("another run changed database \"{}\" meanwhile", step.target),
                    "look at it with crudctl status, and try again; nothing was changed");
    }
}

} // namespace

void Execution::perform(const CreateDatabase& step)
{
    m_outcome.has_changed =
        database::create_database(*m_maintenance, step.name) == database::Change::made;
    if (m_outcome.has_changed) {
        const database::Marker marker =
            completed(step.marker, database::oid_of(*m_maintenance, step.name));
        m_maintenance->exec_script(
            database::put_line_sql(*m_maintenance, step.name, database::to_line(marker)));
        say("created", fmt::format("database \"{}\"", step.name));
    }
}

void Execution::perform(const DropDatabase& step)
{
    m_outcome.has_changed =
        database::drop_database(m_permit, *m_maintenance, step.name) == database::Change::made;
    if (m_outcome.has_changed) {
        say("dropped", fmt::format("database \"{}\", for good", step.name));
    }
}

void Execution::perform(const LockTarget& step)
{
    const std::string next = database::next_name(step.target);
    m_locked = database::lock_target(
        *m_maintenance, {step.target, next, step.attributes_of, m_runtime.lock_timeout});
    m_lock_holder = m_maintenance->backend_pid();
    require_unchanged(step, m_locked);
    m_planned_next = next;
    for (const std::string& name : m_locked.left_overs) {
        if (database::drop_database(m_permit, *m_maintenance, name) == database::Change::made) {
            say("cleaned", fmt::format("\"{}\", left behind by a run that was killed", name));
        }
    }
}

void Execution::perform(const BuildAside& step)
{
    m_next = m_planned_next; // from here on it may be there
    const database::Making making{m_next, m_locked.creation, attributes_sql()};
    try {
        m_next_oid = step.copy_of.empty()
                         ? database::create_like(*m_maintenance, making)
                         : database::copy_database(m_permit, *m_maintenance, step.copy_of, making,
                                                   session_ender(step.copy_of));
    } catch (const pg::ServerError& error) {
        if (error.failed_result() > 0) { // it is there
            explain_attributes(error);
        } else if (!step.copy_of.empty()) {
            explain(error, step.copy_of);
        }
        throw;
    }
    say(step.copy_of.empty() ? "created" : "copied",
        step.copy_of.empty() ? fmt::format("an empty database beside \"{}\"", step.target)
                             : fmt::format("\"{}\"", step.copy_of));
}

std::string Execution::attributes_sql() const
{
    database::Marker marker;
    marker.stand_in = {database::StandInKind::next, m_plan.database, "", m_plan.now, m_plan.command,
                       m_plan.is_protected};
    std::string sql = fmt::format("comment on database {} is {};\n", m_maintenance->quoted(m_next),
                                  m_maintenance->literal(m_locked.comment_for_next)) +
                      database::put_line_sql(*m_maintenance, m_next, database::to_line(marker));
    for (const std::string& statement : m_locked.attributes) {
        sql += statement + ";\n";
    }
    return sql;
}

void Execution::explain_attributes(const pg::ServerError& error) const
{
    if (error.sqlstate() == pg::sqlstate::insufficient_privilege) {
        throw Error(ExitCode::refused,
                    fmt::format("a new \"{}\" could not be given what the old one has: {}",
                                m_plan.database, error.what()),
                    "a role with that right has to do this; the old one is as it was");
    }
}

void Execution::perform(const TakeName& step)
{
    if (step.counts_rows) {
        m_outcome.tables =
            m_has_counted ? std::move(m_counted) : database::count_rows(working_connection());
    }
    close_working_connection();
    m_started = Clock::now();
    database::Swap swap = swap_of_target();
    const std::string oid = step.copy ? step.copy->oid : m_next_oid;
    swap.next = step.copy ? step.copy->name : m_next;
    swap.next_marker = completed(step.marker, oid);
    swap.then = m_put_off;
    swap.closed_sessions = m_closed_sessions;
    change_names(swap, oid);
    m_next.clear();
    const std::string what = step.copy ? "\"" + step.copy->name + "\"" : "the new one";
    say("renamed",
        swap.expected_oid.empty()
            ? fmt::format("{} to \"{}\"", step.copy ? what : "it", step.target)
            : fmt::format("{} to \"{}\"; the old one is \"{}\"", what, step.target, swap.previous));
}

void Execution::perform(const SetAside& /*step*/)
{
    const database::Swap swap = swap_of_target();
    change_names(swap, "");
    say("set aside", fmt::format("it is \"{}\" now", swap.previous));
}

void Execution::perform(const KeepAs& step)
{
    close_working_connection();
    database::Swap swap;
    swap.target = step.name;
    swap.next = m_next;
    swap.closed_sessions = m_closed_sessions;
    swap.next_marker = completed(step.marker, m_next_oid);
    change_names(swap, m_next_oid);
    m_next.clear();
    if (step.marker.stand_in->kind == database::StandInKind::previous) {
        m_outcome.set_aside = step.name;
    }
    say("kept", fmt::format("it as \"{}\"", step.name));
}

void Execution::perform(const KeepStart& step)
{
    if (m_unkept_seconds < worth_a_copy) {
        return;
    }
    const std::string_view what = start_text(step.marker.stand_in->kind);
    m_start_copy = database::next_name(m_plan.database);
    try {
        keep_start(step);
        m_unkept_seconds = 0;
        say("kept", fmt::format("{} for the next time", what));
    } catch (const pg::ServerError& error) { // this build can do without
        m_runtime.console.note(
            fmt::format("  note     {} not kept for the next time: {}", what, error.what()));
        database::drop_database(m_permit, *m_maintenance, m_start_copy);
    }
    m_start_copy.clear();
}

void Execution::keep_start(const KeepStart& step)
{
    database::Swap swap;
    swap.target = step.name;
    swap.next = m_start_copy;
    swap.next_marker = step.marker;
    swap.next_marker.stand_in->label += database::installed_versions(working_connection());
    close_working_connection();
    const std::string oid =
        database::copy_database(m_permit, *m_maintenance, m_next,
                                {m_start_copy, m_locked.creation, ""}, session_ender(m_next));
    swap.next_marker = completed(swap.next_marker, oid);
    database::swap_names(m_permit, *m_maintenance, swap, session_ender(m_start_copy));
}

void Execution::perform(const DropCopies& step)
{
    for (const database::Copy& copy : step.copies) {
        if (database::drop_database(m_permit, *m_maintenance, copy.name) ==
            database::Change::made) {
            say("dropped", database::describe(copy));
        }
    }
}

void Execution::perform(const WriteMarker& step)
{
    database::Marker marker = completed(step.marker, step.marker.oid);
    if (step.seeds) {
        for (const script::FileOutline& file : step.seeds->files) {
            marker.seeds[file.source->shown()] = file.digest.hex();
        }
    }
    for (const std::string& file : m_skipped_files) {
        const auto former = step.former_seeds.find(file);
        if (former == step.former_seeds.end()) {
            marker.seeds.erase(file);
        } else {
            marker.seeds[file] = former->second;
        }
    }
    m_maintenance->exec_script(
        database::put_line_sql(*m_maintenance, step.database, database::to_line(marker)));
}

} // namespace crudctl::plan
