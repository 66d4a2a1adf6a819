#include "plan/execution.hpp"

#include "database/content.hpp"
#include "database/database.hpp"
#include "database/name.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace crudctl::plan {

namespace {

// No SQLSTATE of the server's: class CR.
constexpr std::string_view end_of_trial = "CR001";

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
            completed(step.marker, std::string(database::own_oid), step.name);
        m_maintenance->exec_script(
            database::put_line_sql(*m_maintenance, step.name, database::to_line(marker)));
        say("created", fmt::format("database \"{}\"", step.name));
    }
}

void Execution::perform(const DropDatabase& step)
{
    const database::Removed removed = database::remove_database(
        m_permit, *m_maintenance, removal_of(step.name, step.oid, step.marker),
        session_ender(step.name));
    m_outcome.has_changed = removed != database::Removed::gone;
    print_removed(removed, "dropped", fmt::format("database \"{}\", for good", step.name));
}

void Execution::perform(const LockTarget& step)
{
    const std::string next = database::next_name(step.target);
    m_locked = database::lock_target(*m_maintenance, {step.target, m_plan.server_identity, next,
                                                      step.attributes_of, m_runtime.lock_timeout});
    m_lock_holder = m_maintenance->backend_pid();
    require_unchanged(step, m_locked);
    m_planned_next = next;
    clean_up(step.left_overs);
}

/// What the plan names, where it still is what was judged now that the lock is ours.
void Execution::clean_up(const std::vector<database::Copy>& left_overs)
{
    for (const database::Copy& planned : left_overs) {
        const auto now = std::ranges::find(m_locked.copies, planned.oid, &database::Copy::oid);
        const bool is_same =
            now != m_locked.copies.end() && now->name == planned.name &&
            (planned.is_unmarked ? now->is_unmarked && now->sessions == 0 : now->is_left_over());
        if (is_same) {
            print_removed(
                database::remove_unused_database(
                    m_permit, *m_maintenance,
                    removal_of(planned.name, planned.oid, planned.marker)),
                "cleaned",
                fmt::format("\"{}\", left behind by a run that was killed", planned.name));
        }
    }
}

void Execution::print_removed(database::Removed removed, const std::string& verb,
                              const std::string& what)
{
    m_outcome.deleted +=
        removed == database::Removed::bound || removed == database::Removed::not_bound ? 1 : 0;
    switch (removed) {
    case database::Removed::bound:
        say(verb, what);
        break;
    case database::Removed::not_bound:
        say(verb, what + " (by its name alone: this role may not rename databases)");
        break;
    case database::Removed::in_use:
        say("kept", what + ": it has sessions");
        break;
    case database::Removed::gone:
        break;
    }
}

database::Removal Execution::removal_of(const std::string& name, const std::string& oid,
                                        const database::Marker& marker) const
{
    return {name, oid,
            completed(database::doomed_marker(marker, m_plan.database, m_plan.now, m_plan.command),
                      oid, name)};
}

void Execution::perform(const BuildAside& step)
{
    m_next = m_planned_next; // from here on it may be there
    m_runtime.note_build(m_plan.server_identity, m_next);
    const database::Making making{m_next, m_locked.creation,
                                  unfinished_marker_sql() + execute_sql(attributes_sql()) +
                                      trial_of_owner()};
    try {
        m_next_oid =
            step.copy_of.empty()
                ? database::create_like(*m_maintenance, making)
                : database::copy_database(m_permit, *m_maintenance, {step.copy_of, step.copied_oid},
                                          making, session_ender(step.copy_of));
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

std::string Execution::unfinished_marker_sql() const
{
    database::Marker marker;
    marker.stand_in = {database::StandInKind::next,
                       m_plan.database,
                       "",
                       m_plan.now,
                       m_plan.command,
                       m_plan.is_protected,
                       m_next,
                       std::string(database::own_session)};
    return execute_sql(
        fmt::format("comment on database {} is {};\n", m_maintenance->quoted(m_next),
                    m_maintenance->literal(m_locked.comment_for_next)) +
        database::put_line_sql(
            *m_maintenance, m_next,
            database::to_line(completed(marker, std::string(database::own_oid), m_next))));
}

std::string Execution::attributes_sql() const
{
    std::string sql;
    for (const std::string& statement : m_locked.attributes) {
        sql += statement + ";\n";
    }
    return sql;
}

/// Until it gets its name it belongs to the role at hand: an unfinished build is known by that.
std::string Execution::owner_sql(const std::string& name) const
{
    return m_locked.owner.empty()
               ? ""
               : fmt::format("alter database {} owner to {};\n", m_maintenance->quoted(name),
                             m_maintenance->quoted(m_locked.owner));
}

std::string Execution::trial_of_owner() const
{
    return fmt::format("begin {} raise exception using errcode = '{}'; "
                       "exception when sqlstate '{}' then null; end;\n",
                       execute_sql(owner_sql(m_next)), end_of_trial, end_of_trial);
}

std::string Execution::execute_sql(const std::string& sql) const
{
    return sql.empty() ? "" : fmt::format("execute {};\n", m_maintenance->literal(sql));
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
    swap.next_oid = oid;
    swap.next_marker = completed(step.marker, oid, step.target);
    swap.before = step.copy ? "" : owner_sql(m_next);
    swap.then = m_deferred;
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
    swap.next_oid = m_next_oid;
    swap.closed_sessions = m_closed_sessions;
    swap.next_marker = completed(step.marker, m_next_oid, step.name);
    swap.before = owner_sql(m_next);
    change_names(swap, m_next_oid);
    m_next.clear();
    if (step.marker.stand_in->kind == database::StandInKind::previous) {
        m_outcome.set_aside = step.name;
        m_outcome.set_aside_oid = m_next_oid;
    }
    say("kept", fmt::format("it as \"{}\"", step.name));
}

void Execution::perform(const CacheBuild& step)
{
    if (m_unkept_seconds < worth_a_copy) {
        return;
    }
    const std::string_view what = start_text(step.marker.stand_in->kind);
    m_start_copy = database::next_name(m_plan.database);
    m_runtime.note_build(m_plan.server_identity, m_start_copy);
    try {
        add_cache_step(step);
        m_unkept_seconds = 0;
        say("kept", fmt::format("{} for the next time", what));
    } catch (const pg::ServerError& error) { // this build can do without
        m_runtime.console.note(
            fmt::format("  note     {} not kept for the next time: {}", what, error.what()));
        drop_made(m_start_copy, "");
    }
    m_start_copy.clear();
}

void Execution::add_cache_step(const CacheBuild& step)
{
    database::Swap swap;
    swap.target = step.name;
    swap.next = m_start_copy;
    swap.next_marker = step.marker;
    swap.next_marker.stand_in->label += database::installed_versions(working_connection());
    close_working_connection();
    swap.next_oid =
        database::copy_database(m_permit, *m_maintenance, {m_next, m_next_oid},
                                {m_start_copy, m_locked.creation, ""}, session_ender(m_next));
    swap.next_marker = completed(swap.next_marker, swap.next_oid, step.name);
    swap.before = owner_sql(m_start_copy);
    database::swap_names(m_permit, *m_maintenance, swap, session_ender(m_start_copy));
}

void Execution::perform(const DropCopies& step)
{
    for (const database::Copy& copy : step.copies) {
        const database::Removal removal = removal_of(copy.name, copy.oid, copy.marker);
        print_removed(step.ends_sessions
                          ? database::remove_database(m_permit, *m_maintenance, removal,
                                                      session_ender(copy.name))
                          : database::remove_unused_database(m_permit, *m_maintenance, removal),
                      "dropped", database::describe(copy));
    }
}

void Execution::perform(const WriteMarker& step)
{
    database::Marker marker = completed(step.marker, step.marker.oid, step.database);
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
