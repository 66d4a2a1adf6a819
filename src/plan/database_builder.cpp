#include "plan/database_builder.hpp"

#include "database/content.hpp"
#include "database/database.hpp"
#include "database/name.hpp"
#include "database/removal.hpp"
#include "database/swap.hpp"
#include "plan/name_change.hpp"

#include <string_view>

#include <fmt/format.h>

namespace crudctl::plan {

namespace {

// Seconds. A copy takes a tenth of one and a log-in.
constexpr double worth_a_copy = 0.3;

std::string_view content_text(database::StandInKind kind)
{
    return kind == database::StandInKind::seeded ? "schema and seeds" : "the schema";
}

} // namespace

void DatabaseBuilder::create(const BuildAside& step)
{
    m_state.build.name = m_state.build.planned_name; // it may exist from here on
    m_state.runtime.note_build(m_state.plan.server_identity, m_state.build.name);
    try {
        m_state.build.oid = create_database(step);
    } catch (const pg::ServerError& error) {
        if (error.failed_result() > 0) { // the database was made
            explain_attributes(error);
        } else if (!step.copy_of.empty()) {
            explain_refusal(maintenance(), error, step.copy_of);
        }
        throw;
    }
    m_state.log.print(step.copy_of.empty() ? "created" : "copied",
                      step.copy_of.empty()
                          ? fmt::format("an empty database beside \"{}\"", step.target)
                          : fmt::format("\"{}\"", step.copy_of));
}

std::string DatabaseBuilder::create_database(const BuildAside& step)
{
    const std::string& source = m_state.locked.oid_for_next;
    const std::string start = step.copied_oid == source ? "" : step.copied_oid; // of the cache
    const database::Making making{
        m_state.build.name, m_state.locked.creation,
        unfinished_marker_sql() +
            database::carry_over_sql(maintenance(), start, m_state.build.name) +
            trial_of_finishing()};
    return step.copy_of.empty() ? database::create_like(maintenance(), making)
                                : database::copy_database(m_state.permit, maintenance(),
                                                          {step.copy_of, step.copied_oid}, making,
                                                          session_ender(m_state, step.copy_of));
}

// The comment and the marker that the build has until it is finished.
std::string DatabaseBuilder::unfinished_marker_sql() const
{
    const Plan& plan = m_state.plan;
    const std::string& name = m_state.build.name;
    database::Marker marker;
    marker.stand_in = {database::StandInKind::next,
                       plan.database,
                       "",
                       plan.now,
                       plan.command,
                       plan.is_protected,
                       name,
                       std::string(database::own_session)};
    marker = completed(plan, marker, std::string(database::own_oid), name);
    return execute_sql(fmt::format("comment on database {} is {};\n", maintenance().quoted(name),
                                   maintenance().literal(m_state.locked.comment_for_next)) +
                       database::put_line_sql(maintenance(), name, database::to_line(marker)));
}

std::string DatabaseBuilder::finishing_sql() const
{
    const std::string block = finishing_block();
    return block.empty() ? "" : database::block_sql(maintenance(), block) + "\n";
}

std::string DatabaseBuilder::finishing_block() const
{
    const std::string& name = m_state.build.name;
    return database::carry_over_sql(maintenance(), m_state.locked.oid_for_next, name) +
           execute_sql(owner_sql(name));
}

std::string DatabaseBuilder::owner_sql(const std::string& name) const
{
    const std::string& owner = m_state.locked.owner;
    return owner.empty() ? ""
                         : fmt::format("alter database {} owner to {};\n",
                                       maintenance().quoted(name), maintenance().quoted(owner));
}

// Does it and takes it back: a missing right shows before the load, not after it.
std::string DatabaseBuilder::trial_of_finishing() const
{
    return fmt::format("begin {} raise exception using errcode = '{}'; "
                       "exception when sqlstate '{}' then null; end;\n",
                       finishing_block(), pg::sqlstate::end_of_trial, pg::sqlstate::end_of_trial);
}

// As a statement of PL/pgSQL.
std::string DatabaseBuilder::execute_sql(const std::string& sql) const
{
    return sql.empty() ? "" : fmt::format("execute {};\n", maintenance().literal(sql));
}

void DatabaseBuilder::explain_attributes(const pg::ServerError& error) const
{
    if (error.sqlstate() == pg::sqlstate::insufficient_privilege) {
        throw Error(ExitCode::refused,
                    fmt::format("a new \"{}\" could not be given what the old one has: {}",
                                m_state.plan.database, error.what()),
                    "a role with that right has to do this; the old one is as it was");
    }
}

void DatabaseBuilder::cache(const CacheBuild& step, ScriptRun& scripts)
{
    if (m_state.build.uncached_seconds < worth_a_copy) {
        return;
    }
    const std::string_view what = content_text(step.marker.stand_in->kind);
    m_cache_copy = database::next_name(m_state.plan.database);
    m_state.runtime.note_build(m_state.plan.server_identity, m_cache_copy);
    try {
        copy_to_cache(step, scripts);
        m_state.build.uncached_seconds = 0;
        m_state.log.print("kept", fmt::format("{} for the next time", what));
    } catch (const pg::ServerError& error) {
        m_state.runtime.console.note(
            fmt::format("  note     {} not kept for the next time: {}", what, error.what()));
        drop(m_cache_copy, "");
    }
    m_cache_copy.clear();
}

void DatabaseBuilder::copy_to_cache(const CacheBuild& step, ScriptRun& scripts)
{
    const Build& build = m_state.build;
    database::Swap swap;
    swap.target = step.name;
    swap.next = m_cache_copy;
    swap.next_marker = step.marker;
    swap.next_marker.stand_in->label += database::installed_versions(scripts.connection());
    scripts.close_connection();
    swap.next_oid = database::copy_database(m_state.permit, maintenance(), {build.name, build.oid},
                                            {m_cache_copy, m_state.locked.creation, ""},
                                            session_ender(m_state, build.name));
    swap.next_marker = completed(m_state.plan, swap.next_marker, swap.next_oid, step.name);
    swap.before =
        database::block_sql(maintenance(),
                            database::carry_over_sql(maintenance(), build.oid, m_cache_copy) +
                                execute_sql(owner_sql(m_cache_copy))) +
        "\n";
    database::swap_names(m_state.permit, maintenance(), swap, session_ender(m_state, m_cache_copy));
}

void DatabaseBuilder::drop(const std::string& name, const std::string& oid)
{
    if (name.empty()) {
        return;
    }
    // Where the answer to CREATE DATABASE was lost, the name proves that it is ours: no other run
    // knows it.
    const std::string judged = oid.empty() ? database::oid_of(maintenance(), name) : oid;
    if (!judged.empty()) {
        database::remove_database(m_state.permit, maintenance(),
                                  removal_of(m_state.plan, name, judged, {}),
                                  session_ender(m_state, name));
    }
}

void DatabaseBuilder::drop_unfinished()
{
    drop(m_state.build.name, m_state.build.oid);
    drop(m_cache_copy, "");
}

} // namespace crudctl::plan
