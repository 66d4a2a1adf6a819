#include "commands/commands.hpp"
#include "commands/groundwork.hpp"
#include "commands/report.hpp"
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
    Groundwork ground(context);
    const std::string& database = ground.survey.database;
    if (!ground.survey.exists) {
        report_no_change(context, ground.target,
                         fmt::format("there is no database \"{}\"", database));
        return;
    }
    database::require_primary(ground.survey);
    database::require_droppable(ground.survey);
    plan::Plan plan = plan_for(context, ground.target, plan::Effect::destroys);
    plan.preparations = ground.preparations;
    plan.steps = {plan::DropDatabase{database}};
    plan.losses = {loss_text(ground.survey)};
    if (context.options.dry_run) {
        print_plan(context, plan);
        return;
    }
    plan::Circumstances circumstances = circumstances_of(context, ground.target, ground.survey);
    circumstances.facts = live_facts(ground.connector, ground.survey, circumstances.protection);
    const database::Permit permit = plan::Guard(context.console).judge(plan, circumstances);
    tell_loss(context, plan, circumstances.facts);
    const plan::Outcome outcome =
        plan::execute(plan, permit, runtime_for(context, ground.connector, *ground.maintenance));
    report_change(context, ground.target, outcome,
                  fmt::format("{} is gone", loss_text(ground.survey)));
}

} // namespace crudctl::commands
