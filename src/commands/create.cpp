#include "commands/commands.hpp"
#include "commands/groundwork.hpp"
#include "commands/marking.hpp"
#include "commands/report.hpp"
#include "commands/run_plan.hpp"

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
    Groundwork ground(context);
    const std::string& database = ground.survey.database;
    if (ground.survey.exists && ground.maintenance) {
        report_no_change(context, ground.target,
                         fmt::format("database \"{}\" already exists", database));
        return;
    }
    database::require_primary(ground.survey);
    database::require_creatable(ground.survey);
    plan::Plan plan = plan_for(context, ground.target, ground.survey, plan::Effect::adds);
    plan.preparations = ground.preparations;
    plan.steps = {plan::CreateDatabase{database, marker_for_new(ground.target, ground.survey)}};
    if (context.options.dry_run) {
        print_plan(context, plan);
        return;
    }
    const database::Permit permit =
        permit_for(context, plan, circumstances_of(context, ground.target, ground.survey));
    const plan::Outcome outcome = run_plan(
        context, plan, permit, runtime_for(context, ground.connector, *ground.maintenance));
    report_change(context, ground.target, outcome,
                  fmt::format("database \"{}\" is there", database));
}

} // namespace crudctl::commands
