#include "database/copies.hpp"
#include "database/sessions.hpp"
#include "operation/carry_out.hpp"
#include "operation/command_entry.hpp"
#include "operation/rds_backup.hpp"
#include "operation/replacement_target.hpp"
#include "operation/report.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <fmt/format.h>

namespace crudctl::commands {

namespace {

struct DropOptions {
    bool purges = false;         // drops for good instead of setting aside
    bool takes_snapshot = false; // of the RDS instance, first
};

/// What a broken DROP DATABASE left behind can only be dropped: nothing of it can be read.
plan::Plan drop_plan(const Context& context, const ReplacementTarget& ground,
                     const DropOptions& options)
{
    const database::Survey& survey = ground.survey;
    const bool is_for_good = options.purges || !survey.is_valid;
    plan::Plan plan = plan_for(context, ground.target, survey,
                               options.purges ? plan::Effect::past_undo : plan::Effect::destroys);
    plan.preparations = ground.preparations;
    plan.losses = {loss_text(survey)};
    plan.undo_reaches = !is_for_good;
    plan.steps = {lock_step(plan, survey)};
    if (is_for_good) {
        plan.steps.emplace_back(
            plan::DropDatabase{survey.database, survey.oid,
                               survey.marker() != nullptr ? *survey.marker() : database::Marker()});
    } else {
        plan.steps.emplace_back(plan::SetAside{survey.database});
        prune_after(plan, survey);
    }
    return plan;
}

/// Where a drop for good was cut short: the lock clears up what is half dropped.
plan::Plan finishing_plan(const Context& context, const ReplacementTarget& ground,
                          const std::vector<database::Copy>& rests)
{
    plan::Plan plan = plan_for(context, ground.target, ground.survey, plan::Effect::past_undo);
    for (const database::Copy& rest : rests) {
        plan.losses.push_back(database::describe(rest));
    }
    plan.undo_reaches = false;
    plan.steps = {lock_step(plan, ground.survey)};
    return plan;
}

void finish_drop(Context& context, ReplacementTarget& ground, const DropOptions& options)
{
    auto rests = database::of_kind(ground.survey.copies, database::StandInKind::dropping);
    std::erase_if(rests, [](const database::Copy& copy) { return !copy.is_left_over(); });
    const std::string absence = fmt::format("there is no database \"{}\"", ground.survey.database);
    if (!options.purges || rests.empty()) {
        report_no_change(context, ground.target, absence);
        return;
    }
    Operation operation;
    operation.plan = finishing_plan(context, ground, rests);
    operation.circumstances = [&](const plan::Plan& /*plan*/) {
        return circumstances_of(context, ground.target, ground.survey);
    };
    operation.sentence = [&](const plan::Outcome& /*outcome*/) {
        return absence + ", and what was half dropped is gone";
    };
    carry_out(context, ground.connector, ground.maintenance, std::move(operation));
}

void run_drop(Context& context, const DropOptions& options)
{
    ReplacementTarget ground(context);
    require_no_alias(ground);
    if (!ground.survey.exists) {
        finish_drop(context, ground, options);
        return;
    }
    database::require_primary(ground.survey);
    database::require_droppable(ground.survey);
    if (!options.purges && ground.survey.is_valid) {
        database::require_renamable(ground.survey);
    }
    Operation operation;
    operation.plan = drop_plan(context, ground, options);
    operation.takes_snapshot = options.takes_snapshot;
    operation.circumstances = [&](const plan::Plan& plan) {
        return circumstances_with_facts(ground.connector, plan, ground.survey);
    };
    operation.sentence = [&](const plan::Outcome& outcome) {
        return fmt::format("{} is gone{}", loss_text(ground.survey),
                           undo_hint(ground.target, outcome));
    };
    carry_out(context, ground.connector, ground.maintenance, std::move(operation));
}

void add_drop(CLI::App& command, Invocation& chosen)
{
    const auto options = std::make_shared<DropOptions>();
    command.add_flag("--purge", options->purges, "drop it for good: no undo brings it back");
    declare_snapshot_option(command, options->takes_snapshot);
    runs(command, chosen, [options](Context& context) { run_drop(context, *options); });
}

} // namespace

extern const CommandEntry drop_command = {
    .name = "drop",
    .aliases = {"db-drop"},
    .group = "Database",
    .command_class = CommandClass::destroys,
    .takes_profile = TakesProfile::positional,
    .summary = "end the sessions on the database and set it aside",
    .example = "crudctl drop -d scratch",
    .add = add_drop,
};

} // namespace crudctl::commands
