#include "commands/commands.hpp"
#include "commands/report.hpp"
#include "commands/target.hpp"
#include "database/name.hpp"
#include "database/sessions.hpp"
#include "plan/executor.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>

namespace crudctl::commands {

void add_drop(CLI::App& command, Invocation& chosen)
{
    command.callback(
        [&chosen] { chosen.run = [](Context& context) { run_drop(context, DropOptions{}); }; });
}

void run_drop(Context& context, const DropOptions& /*options*/)
{
    const Target target = announced_target(context);
    const std::string database = target.info.database();
    database::check_own_name(database, target.profile.maintenance_database);
    Connector connector(context, target);
    const auto maintenance = connector.connect_to_maintenance();
    const database::Survey survey = database::take_survey(*maintenance, database);
    if (!survey.exists) {
        report_no_change(context, target, fmt::format("there is no database \"{}\"", database));
        return;
    }
    database::require_primary(survey);
    database::require_droppable(survey);
    plan::Plan plan = plan_for(context, target, plan::Effect::destroys);
    plan.steps = {plan::DropDatabase{database}};
    plan.losses = {loss_text(survey)};
    if (context.options.dry_run) {
        print_plan(context, plan);
        return;
    }
    plan::Circumstances circumstances = circumstances_of(context, target, survey);
    circumstances.facts = live_facts(connector, *maintenance, survey, circumstances.protection);
    const database::Permit permit = plan::Guard(context.console).judge(plan, circumstances);
    tell_loss(context, plan, circumstances.facts);
    const plan::Outcome outcome =
        plan::execute(plan, permit, runtime_for(context, connector, *maintenance));
    report_change(context, target, outcome, fmt::format("{} is gone", loss_text(survey)));
}

} // namespace crudctl::commands
