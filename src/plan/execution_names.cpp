#include "plan/execution.hpp"

#include "database/content.hpp"
#include "database/database.hpp"
#include "database/name.hpp"
#include "database/sessions.hpp"
#include "support/interrupt.hpp"
#include "support/text.hpp"

#include <optional>
#include <thread>

#include <fmt/format.h>

namespace crudctl::plan {

namespace {

using namespace std::chrono_literals;

// How long a server may take to notice that a session is gone, and to give up its lock.
constexpr auto patience_after_loss = 20s;

// Seconds. A copy takes a tenth of one and a log-in.
constexpr double worth_a_copy = 0.3;

std::string line_of(const std::optional<database::Marker>& marker)
{
    return marker ? database::to_line(*marker) : "";
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
    if (step.copy_of.empty()) {
        database::create_like(*m_maintenance, m_next, m_locked.creation);
        say("created", fmt::format("an empty database beside \"{}\"", step.target));
    } else {
        database::copy_database(m_permit, *m_maintenance, step.copy_of, m_next, m_locked.creation,
                                session_ender(step.copy_of));
        say("copied", fmt::format("\"{}\"", step.copy_of));
    }
    give_attributes();
}

void Execution::give_attributes()
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
    sql += database::oid_query(*m_maintenance, m_next);
    try {
        m_next_oid = m_maintenance->exec_script(sql).back().scalar().value_or("");
    } catch (const pg::ServerError& error) {
        if (error.sqlstate() == pg::sqlstate::insufficient_privilege) {
            throw Error(ExitCode::refused,
                        fmt::format("a new \"{}\" could not be given what the old one has: {}",
                                    m_plan.database, error.what()),
                        "a role with that right has to do this; the old one is as it was");
        }
        throw;
    }
}

void Execution::perform(const TakeName& step)
{
    if (m_connection) {
        m_outcome.tables = database::count_rows(working_connection());
        m_connection.reset(); // nobody may be connected to what is renamed
    }
    m_started = Clock::now();
    database::Swap swap = swap_of_target();
    const std::string oid = step.copy ? step.copy->oid : m_next_oid;
    swap.next = step.copy ? step.copy->name : m_next;
    swap.next_marker = completed(step.marker, oid);
    swap.then = m_put_off;
    change_names(swap, oid);
    m_next.clear();
    say("renamed", swap.expected_oid.empty()
                       ? fmt::format("it to \"{}\"", step.target)
                       : fmt::format("the new one to \"{}\"; the old one is \"{}\"", step.target,
                                     swap.previous));
}

void Execution::perform(const SetAside& /*step*/)
{
    const database::Swap swap = swap_of_target();
    change_names(swap, "");
    say("set aside", fmt::format("it is \"{}\" now", swap.previous));
}

void Execution::perform(const KeepAs& step)
{
    m_connection.reset();
    database::Swap swap;
    swap.target = step.name;
    swap.next = m_next;
    swap.next_marker = completed(step.marker, m_next_oid);
    change_names(swap, m_next_oid);
    m_next.clear();
    if (step.marker.stand_in->kind == database::StandInKind::previous) {
        m_outcome.set_aside = step.name;
    }
    say("kept", fmt::format("it as \"{}\"", step.name));
}

void Execution::perform(const KeepSchema& step)
{
    if (m_schema_seconds < worth_a_copy) {
        return;
    }
    const std::string copy = database::next_name(m_plan.database);
    try {
        keep_schema(step, copy);
        say("kept", "the schema for the next time");
    } catch (const pg::ServerError& error) { // this build can do without
        m_runtime.console.note(
            fmt::format("  note     the schema is not kept for the next time: {}", error.what()));
        database::drop_database(m_permit, *m_maintenance, copy);
    }
}

void Execution::keep_schema(const KeepSchema& step, const std::string& copy)
{
    database::Swap swap;
    swap.target = step.name;
    swap.next = copy;
    swap.next_marker = step.marker;
    swap.next_marker.stand_in->label += database::installed_versions(working_connection());
    m_connection.reset(); // nobody may be connected to what is copied
    database::copy_database(m_permit, *m_maintenance, m_next, copy, m_locked.creation,
                            session_ender(m_next));
    swap.next_marker = completed(swap.next_marker, database::oid_of(*m_maintenance, copy));
    database::swap_names(m_permit, *m_maintenance, swap, session_ender(copy));
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
    m_maintenance->exec_script(database::put_line_sql(
        *m_maintenance, step.database, database::to_line(completed(step.marker, step.marker.oid))));
}

database::Swap Execution::swap_of_target() const
{
    database::Swap swap;
    swap.target = m_plan.database;
    swap.expected_oid = m_locked.oid;
    if (m_locked.oid.empty()) {
        return swap;
    }
    swap.previous = database::previous_name(swap.target, m_plan.now);
    const auto& marker = m_locked.comment.marker;
    const bool is_its_own =
        marker && database::is_written_for(*marker, m_plan.server_identity, m_locked.oid);
    swap.previous_marker = completed(is_its_own ? *marker : database::Marker(), m_locked.oid);
    swap.previous_marker.stand_in = {database::StandInKind::previous,
                                     swap.target,
                                     "",
                                     m_plan.now,
                                     m_plan.command,
                                     m_plan.is_protected};
    return swap;
}

void Execution::change_names(const database::Swap& swap, const std::string& expected_oid)
{
    try {
        database::swap_names(m_permit, *m_maintenance, swap, session_ender(swap.target));
    } catch (const Error&) {
        if (!names_have_changed(swap, expected_oid)) {
            throw;
        }
        m_runtime.console.note("  note     the answer was lost, but the server says that the names "
                               "have changed");
    }
    if (!swap.previous.empty()) {
        m_outcome.set_aside = swap.previous;
    }
}

bool Execution::names_have_changed(const database::Swap& swap, const std::string& expected_oid)
{
    interrupt::forget(); // whoever interrupted wants to know, too
    try {
        if (m_maintenance->transaction_status() == pg::Connection::TransactionStatus::unknown) {
            reconnect(swap.target);
        }
        return database::oid_of(*m_maintenance, swap.target) == expected_oid;
    } catch (const Error& error) {
        throw Error(ExitCode::unknown,
                    fmt::format("the connection was lost while \"{}\" got its new name, and the "
                                "server does not say whether it did: {}",
                                swap.target, error.what()),
                    "crudctl status tells, when it answers again; nothing is lost either way");
    }
}

void Execution::reconnect(const std::string& target)
{
    const auto deadline = Clock::now() + patience_after_loss;
    for (;;) {
        try {
            m_new_maintenance = m_runtime.connect(m_maintenance->info().database());
            m_maintenance = m_new_maintenance.get();
            // Free only when the lost session is gone, and with it what it was about to do.
            database::lock_target(*m_maintenance, {target, "", "", patience_after_loss});
            return;
        } catch (const pg::ConnectError&) {
            if (Clock::now() > deadline) {
                throw;
            }
        }
        std::this_thread::sleep_for(250ms);
    }
}

std::function<void()> Execution::session_ender(const std::string& database)
{
    return [this, database] {
        if (!m_observer) {
            m_observer = m_runtime.connect(m_maintenance->info().database());
        }
        m_outcome.ended_sessions += database::end_sessions(*m_observer, database);
    };
}

database::Marker Execution::completed(database::Marker marker, const std::string& oid) const
{
    marker.server = m_plan.server_identity;
    marker.oid = oid;
    return marker;
}

} // namespace crudctl::plan
