#include "plan/execution.hpp"

#include "database/database.hpp"
#include "database/swap.hpp"
#include "script/reader/script_file.hpp"
#include "support/error.hpp"
#include "support/process/interrupt.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace crudctl::plan {

namespace {

// Whether a database that the plan counts as unfinished is so still, now that the target is locked.
bool is_still_unfinished(const database::Copy& planned, const std::vector<database::Copy>& copies)
{
    const auto now = std::ranges::find(copies, planned.oid, &database::Copy::oid);
    return now != copies.end() && now->name == planned.name &&
           (planned.is_unmarked ? now->is_unmarked && now->sessions == 0 : now->is_left_over());
}

std::string renamed_text(const TakeName& step, const database::Swap& swap)
{
    const std::string copy = step.copy ? "\"" + step.copy->name + "\"" : "";
    return swap.expected_oid.empty()
               ? fmt::format("{} to \"{}\"", step.copy ? copy : "it", step.target)
               : fmt::format("{} to \"{}\"; the old one is \"{}\"",
                             step.copy ? copy : "the new one", step.target, swap.previous);
}

} // namespace

Outcome Execution::run()
{
    try {
        for (const Step& step : m_state.plan.steps) {
            interrupt::throw_if_pending();
            m_state.log.restart();
            std::visit([this](const auto& s) { perform(s); }, step);
        }
    } catch (const std::exception& error) {
        if (!m_names.has_changed_target()) {
            drop_unfinished(error);
            throw;
        }
        print_left_undone(error);
    }
    return std::move(m_state.outcome);
}

void Execution::perform(const CreateDatabase& step)
{
    m_state.outcome.has_changed =
        database::create_database(maintenance(), step.name) == database::Change::made;
    if (m_state.outcome.has_changed) {
        put_marker(step.name,
                   completed(m_state.plan, step.marker, std::string(database::own_oid), step.name));
        m_state.log.print("created", fmt::format("database \"{}\"", step.name));
    }
}

void Execution::put_marker(const std::string& database, const database::Marker& marker)
{
    maintenance().exec_script(
        database::put_line_sql(maintenance(), database, database::to_line(marker)));
}

void Execution::perform(const DropDatabase& step)
{
    const database::Removed removed = database::remove_database(
        m_state.permit, maintenance(), removal_of(m_state.plan, step.name, step.oid, step.marker),
        session_ender(m_state, step.name));
    m_state.outcome.has_changed = removed != database::Removed::gone;
    print_removed(removed, "dropped", fmt::format("database \"{}\", for good", step.name));
}

void Execution::perform(const LockTarget& step)
{
    m_names.lock(step);
    clean_up(step.left_overs);
}

// Drops databases that killed runs left unfinished.
void Execution::clean_up(const std::vector<database::Copy>& left_overs)
{
    for (const database::Copy& copy : left_overs) {
        if (is_still_unfinished(copy, m_state.locked.copies)) {
            print_removed(database::remove_unused_database(
                              m_state.permit, maintenance(),
                              removal_of(m_state.plan, copy.name, copy.oid, copy.marker)),
                          "cleaned",
                          fmt::format("\"{}\", left behind by a run that was killed", copy.name));
        }
    }
}

void Execution::print_removed(database::Removed removed, const std::string& verb,
                              const std::string& what)
{
    m_state.outcome.deleted +=
        removed == database::Removed::bound || removed == database::Removed::not_bound ? 1 : 0;
    switch (removed) {
    case database::Removed::bound:
        m_state.log.print(verb, what);
        break;
    case database::Removed::not_bound:
        m_state.log.print(verb, what + " (by its name alone: this role may not rename databases)");
        break;
    case database::Removed::in_use:
        m_state.log.print("kept", what + ": it has sessions");
        break;
    case database::Removed::gone:
        break;
    }
}

void Execution::perform(const LoadScripts& step)
{
    m_scripts.load(step);
    if (step.counts_rows && m_state.build.name.empty()) { // no step behind it asks for them
        count_committed();
    }
}

// What is loaded stays, whether it can be counted or not.
void Execution::count_committed()
{
    try {
        m_state.outcome.tables = m_scripts.take_row_counts();
    } catch (const Error& error) {
        interrupt::forget();
        m_state.outcome.is_uncounted = true;
        m_state.runtime.console.warning(
            fmt::format("everything is loaded, but not counted: {}", error.what()));
    }
}

void Execution::perform(const TakeName& step)
{
    if (step.counts_rows) {
        m_state.outcome.tables = m_scripts.take_row_counts();
    }
    m_scripts.close_connection();
    m_state.log.restart();
    Build& build = m_state.build;
    database::Swap swap = m_names.swap_of_target();
    swap.next = step.copy ? step.copy->name : build.name;
    swap.next_oid = step.copy ? step.copy->oid : build.oid;
    swap.next_marker = completed(m_state.plan, step.marker, swap.next_oid, step.target);
    swap.before = step.copy ? "" : m_builder.finishing_sql();
    swap.then = build.deferred;
    swap.closed_sessions = m_scripts.closed_sessions();
    m_names.change(swap, swap.next_oid);
    build.name.clear();
    m_state.log.print("renamed", renamed_text(step, swap));
}

void Execution::perform(const SetAside& /*step*/)
{
    const database::Swap swap = m_names.swap_of_target();
    m_names.change(swap, "");
    m_state.log.print("set aside", fmt::format("it is \"{}\" now", swap.previous));
}

void Execution::perform(const KeepAs& step)
{
    m_scripts.close_connection();
    Build& build = m_state.build;
    database::Swap swap;
    swap.target = step.name;
    swap.next = build.name;
    swap.next_oid = build.oid;
    swap.closed_sessions = m_scripts.closed_sessions();
    swap.next_marker = completed(m_state.plan, step.marker, build.oid, step.name);
    swap.before = m_builder.finishing_sql();
    m_names.change(swap, build.oid);
    build.name.clear();
    if (step.marker.stand_in->kind == database::StandInKind::previous) {
        m_state.outcome.set_aside = step.name;
        m_state.outcome.set_aside_oid = build.oid;
    }
    m_state.log.print("kept", fmt::format("it as \"{}\"", step.name));
}

void Execution::perform(const DropCopies& step)
{
    for (const database::Copy& copy : step.copies) {
        const database::Removal removal =
            removal_of(m_state.plan, copy.name, copy.oid, copy.marker);
        print_removed(
            step.ends_sessions
                ? database::remove_database(m_state.permit, maintenance(), removal,
                                            session_ender(m_state, copy.name))
                : database::remove_unused_database(m_state.permit, maintenance(), removal),
            "dropped", database::describe(copy));
    }
}

void Execution::perform(const WriteMarker& step)
{
    if (step.begins_to_load()) {
        m_scripts.hold_files_lock();
    }
    maintenance().exec_script(m_scripts.marker_sql(step));
    m_loading = step.begins_to_load() ? std::optional(step) : std::nullopt;
}

// The files that the marker says are being loaded have changed nothing.
void Execution::take_loading_back()
{
    if (m_loading && !m_scripts.may_have_loaded()) {
        m_loading->marker.loading = m_loading->former_loading;
        maintenance().exec_script(m_scripts.marker_sql(*m_loading));
    }
}

// A run whose names have changed has done what it was asked for, and must not end as a failure.
void Execution::print_left_undone(const std::exception& error)
{
    interrupt::forget();
    m_state.runtime.progress.end();
    m_state.runtime.console.warning(fmt::format(
        "everything is done but the clearing up, which the next run does: {}", error.what()));
}

// Best effort: where the connection is what failed, the next run drops the build.
void Execution::drop_unfinished(const std::exception& error) noexcept
{
    try {
        m_state.runtime.progress.end();
        m_scripts.close_connection();
        interrupt::forget();
        m_builder.drop_unfinished();
        m_builder.drop(needless_copy(error), m_state.outcome.set_aside_oid);
        take_loading_back();
    } catch (const std::exception&) {
        // The failure that brought us here is the one to report.
    }
}

// The copy that was made before files failed; empty where their changes may have been kept.
std::string Execution::needless_copy(const std::exception& error) const
{
    const auto* failure = dynamic_cast<const Error*>(&error);
    const bool is_certain = failure != nullptr && failure->code() != ExitCode::unknown;
    return is_certain && !m_scripts.may_have_loaded() ? m_state.outcome.set_aside : "";
}

} // namespace crudctl::plan
