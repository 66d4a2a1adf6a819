#include "commands/commands.hpp"
#include "commands/groundwork.hpp"
#include "commands/instance_backup.hpp"
#include "commands/report.hpp"
#include "commands/run_plan.hpp"
#include "database/sessions.hpp"

#include <memory>

#include <CLI/App.hpp>
#include <fmt/format.h>

namespace crudctl::commands {

namespace {

/// What a broken DROP DATABASE left behind can only be dropped: nothing of it can be read.
plan::Plan drop_plan(const Context& context, const Groundwork& ground, const DropOptions& options)
{
    const database::Survey& survey = ground.survey;
    const bool is_for_good = options.purges || !survey.is_valid;
    plan::Plan plan = plan_for(context, ground.target, survey,
                               options.purges ? plan::Effect::past_undo : plan::Effect::destroys);
    plan.preparations = ground.preparations;
    plan.losses = {loss_text(survey)};
    plan.undo_reaches = !is_for_good;
    plan.steps = {lock_step(survey)};
    if (is_for_good) {
        plan.steps.emplace_back(plan::DropDatabase{survey.database});
    } else {
        plan.steps.emplace_back(plan::SetAside{survey.database});
        prune_after(plan, survey);
    }
    if (options.takes_snapshot) {
        snapshot_first(plan, context, ground.target);
    }
    return plan;
}

} // namespace

void add_drop(CLI::App& command, Invocation& chosen)
{
    const auto options = std::make_shared<DropOptions>();
    command.add_flag("--purge", options->purges, "drop it for good: no undo brings it back");
    declare_snapshot_option(command, options->takes_snapshot);
    command.callback([&chosen, options] {
        chosen.run = [options](Context& context) { run_drop(context, *options); };
    });
}

void run_drop(Context& context, const DropOptions& options)
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
    plan::Plan plan = drop_plan(context, ground, options);
    if (context.options.dry_run) {
        print_plan(context, plan);
        return;
    }
    plan::Circumstances circumstances = circumstances_of(context, ground.target, ground.survey);
    circumstances.facts =
        live_facts(ground.connector, plan, ground.survey, circumstances.protection);
    const database::Permit permit = permit_for(context, plan, circumstances);
    tell_loss(context, plan, circumstances.facts);
    const plan::Outcome outcome = run_plan(
        context, plan, permit, runtime_for(context, ground.connector, *ground.maintenance));
    report_change(
        context, ground.target, outcome,
        fmt::format("{} is gone{}", loss_text(ground.survey), undo_hint(ground.target, outcome)));
}

} // namespace crudctl::commands
