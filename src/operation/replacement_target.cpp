#include "operation/replacement_target.hpp"

#include "database/content.hpp"
#include "database/database.hpp"
#include "database/name.hpp"
#include "operation/protection.hpp"
#include "plan/build_log.hpp"
#include "plan/journal.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace crudctl::commands {

namespace {

database::Survey survey_of_unstarted(const std::string& database, server::Pending pending)
{
    database::Survey survey;
    survey.database = database;
    survey.may_create = true;
    survey.exists = pending == server::Pending::start;
    survey.is_owner = survey.exists;
    survey.may_make_for_owner = survey.exists;
    survey.oid = survey.exists ? "unknown" : "";
    return survey;
}

std::string preparation(server::Pending pending)
{
    return pending == server::Pending::make
               ? "make the project's own Postgres server, and start it"
               : "start the project's own Postgres server, whose databases nobody could look at";
}

/// Whether an unfinished build that nobody marked is ours beyond doubt: this machine noted its name
/// before it was made, or there is nothing in it.
bool is_own_build(Context& context, Connector& connector, const database::Survey& survey,
                  const database::Copy& copy)
{
    if (!copy.is_unmarked || !copy.is_mine || copy.sessions > 0) {
        return false;
    }
    const auto log = plan::BuildLog::of_user(context.settings.environment());
    if (log && log->has(survey.identity, copy.name)) {
        return true;
    }
    return copy.is_valid && database::is_untouched(*connector.connect(copy.name));
}

/// Where the target is gone, nobody owns it any more: this machine may know who did.
bool is_known_set_aside(const Context& context, const database::Survey& survey,
                        const database::Copy& copy)
{
    return !survey.exists && copy.is_only_owner &&
           plan::Journal::of_user(context.settings.environment())
               .knows_set_aside(survey.identity, copy.oid, copy.owner);
}

/// Moves to the copies what the catalogs alone could not tell to be one.
void accept_known_copies(Context& context, Connector& connector, database::Survey& survey)
{
    const auto is_known = [&](const database::Copy& copy) {
        try {
            return copy.claim == database::Claim::unproven &&
                   (is_own_build(context, connector, survey, copy) ||
                    is_known_set_aside(context, survey, copy));
        } catch (const Error& error) {
            context.console.detail(
                fmt::format("  copy     \"{}\" is left alone: {}", copy.name, error.what()));
            return false;
        }
    };
    for (database::Copy& copy : survey.others) {
        if (is_known(copy)) {
            copy.claim = database::Claim::ours;
            copy.doubt.clear();
            survey.copies.push_back(copy);
        }
    }
    std::erase_if(survey.others,
                  [](const database::Copy& copy) { return copy.claim == database::Claim::ours; });
    database::sort_by_age(survey.copies);
}

} // namespace

ReplacementTarget::ReplacementTarget(Context& context,
                                     const std::optional<std::set<std::string>>& role_names)
    : target(announced_target(context)), connector(context, target)
{
    const std::string database = target.info.database();
    database::check_own_name(database, target.profile.maintenance_database);
    if (context.options.dry_run && target.is_own_server) {
        const server::Pending pending = own_server(context).pending();
        if (pending != server::Pending::nothing) {
            survey = survey_of_unstarted(database, pending);
            preparations = {preparation(pending)};
            return;
        }
    }
    maintenance = connector.connect_to_maintenance();
    survey = database::take_survey(*maintenance, database, role_names);
    survey.room = room_of(context, target);
    accept_known_copies(context, connector, survey);
    remember_protected(context, target, survey);
}

void require_replaceable(const database::Survey& survey)
{
    database::require_primary(survey);
    database::require_own_session(survey);
    database::require_creatable(survey);
    database::require_valid(survey);
    database::require_droppable(survey);
}

void require_no_alias(ReplacementTarget& ground)
{
    if (!ground.maintenance || ground.survey.exists || !ground.survey.is_behind_pooler) {
        return;
    }
    try {
        const auto connection = ground.connector.connect();
        database::require_same_name(
            database::take_short_survey(*connection, ground.survey.database));
    } catch (const pg::ConnectError&) {
        return; // it leads nowhere
    }
}

namespace {

/// A database that refuses connections is taken to hold its own rows where the server has no such
/// engine.
std::string reason_not_to_copy(ReplacementTarget& ground)
{
    try {
        return database::distribution_of(*ground.connector.connect());
    } catch (const pg::ConnectError&) {
        if (ground.survey.has_citus) {
            throw;
        }
    }
    return "";
}

} // namespace

void require_undistributed(ReplacementTarget& ground)
{
    const database::Survey& survey = ground.survey;
    const bool was_built_here = survey.marker() != nullptr && survey.marker()->built.has_value();
    if (!ground.maintenance || !survey.exists || !survey.is_valid ||
        (was_built_here && !survey.has_citus)) {
        return;
    }
    const std::string reason = reason_not_to_copy(ground);
    if (!reason.empty()) {
        throw Error(ExitCode::refused,
                    fmt::format("\"{}\" can't be copied or replaced as a whole: {}; nothing was "
                                "changed",
                                survey.database, reason),
                    command_text(ground.target, "setup --in-place") +
                        " rebuilds it on all nodes, without undo, and asks before");
    }
}

void require_started(const ReplacementTarget& ground)
{
    if (!ground.maintenance) {
        throw Error(ExitCode::connection,
                    "the project's own server does not run, and --dry-run does not start it",
                    "crudctl server start");
    }
}

} // namespace crudctl::commands
