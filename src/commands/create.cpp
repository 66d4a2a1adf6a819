#include "commands/commands.hpp"
#include "commands/report.hpp"
#include "commands/target.hpp"
#include "database/name.hpp"
#include "plan/executor.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>

namespace crudctl::commands {

void add_create(CLI::App& command, Invocation& chosen)
{
    command.callback(
        [&chosen] { chosen.run = [](Context& context) { run_create(context, CreateOptions{}); }; });
}

void run_create(Context& context, const CreateOptions& /*options*/)
{
    const Target target = announced_target(context);
    const std::string database = target.info.database();
    database::check_own_name(database, target.profile.maintenance_database);
    Connector connector(context, target);
    const auto maintenance = connector.connect_to_maintenance();
    const database::Survey survey = database::take_survey(*maintenance, database);
    if (survey.exists) {
        report_no_change(context, target, fmt::format("database \"{}\" already exists", database));
        return;
    }
    database::require_primary(survey);
    database::require_creatable(survey);
    plan::Plan plan = plan_for(context, target, plan::Effect::adds);
    plan.steps = {plan::CreateDatabase{database}};
    if (context.options.dry_run) {
        print_plan(context, plan);
        return;
    }
    const database::Permit permit =
        plan::Guard(context.console).judge(plan, circumstances_of(context, target, survey));
    const plan::Outcome outcome =
        plan::execute(plan, permit, runtime_for(context, connector, *maintenance));
    report_change(context, target, outcome, fmt::format("database \"{}\" is there", database));
}

} // namespace crudctl::commands
