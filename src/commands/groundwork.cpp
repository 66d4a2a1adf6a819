#include "commands/groundwork.hpp"

#include "commands/twin.hpp"
#include "database/name.hpp"

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

} // namespace

Groundwork::Groundwork(Context& context)
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
    survey = database::take_survey(*maintenance, database);
    survey.room = room_of(context, target);
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

void require_started(const Groundwork& ground)
{
    if (!ground.maintenance) {
        throw Error(ExitCode::connection,
                    "the project's own server does not run, and --dry-run does not start it",
                    "crudctl server start");
    }
}

} // namespace crudctl::commands
