#include "commands/commands.hpp"
#include "commands/copy_choice.hpp"
#include "commands/groundwork.hpp"
#include "commands/instance_backup.hpp"
#include "commands/report.hpp"
#include "commands/run_plan.hpp"
#include "database/copies.hpp"
#include "plan/journal.hpp"
#include "support/text.hpp"
#include "support/time_text.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <fmt/format.h>

namespace crudctl::commands {

namespace {

[[noreturn]] void refuse(const std::string& message, const std::string& hint)
{
    throw Error(ExitCode::refused, message + "; nothing was changed", hint);
}

/// By its name, or the newest that was set aside.
const database::Copy& choose_copy(const Target& target, const database::Survey& survey,
                                  const std::string& name)
{
    if (!name.empty()) {
        return copy_named(target, survey, name);
    }
    const auto newest =
        std::find_if(survey.copies.rbegin(), survey.copies.rend(), [](const database::Copy& copy) {
            return copy.is(database::StandInKind::previous);
        });
    if (newest == survey.copies.rend()) {
        refuse(fmt::format("there is nothing to undo: no database was set aside for \"{}\"",
                           survey.database),
               command_text(target, "copies") + " shows what was saved by name");
    }
    return *newest;
}

void require_usable(const database::Copy& copy, const database::Survey& survey)
{
    if (!copy.is_valid) {
        refuse(fmt::format("\"{}\" is what an interrupted DROP DATABASE left: it cannot be used",
                           copy.name),
               "crudctl copies --delete drops the rest of it");
    }
    if (!copy.is_owner) {
        refuse(fmt::format("role \"{}\" does not own \"{}\"", survey.role, copy.name),
               "a role that owns it can bring it back");
    }
}

/// A saved copy stays for the next time: what comes back is a copy of it. What was set aside comes
/// back itself.
plan::Plan undo_plan(const Context& context, const Groundwork& ground, const database::Copy& copy)
{
    const database::Survey& survey = ground.survey;
    plan::Plan plan = plan_for(context, ground.target, survey,
                               survey.exists ? plan::Effect::destroys : plan::Effect::adds);
    database::Marker marker = copy.marker;
    marker.stand_in.reset();
    if (const database::Marker* current = survey.marker();
        current != nullptr && !current->environment.empty()) {
        marker.environment = current->environment; // what is prod stays so
    }
    plan::LockTarget lock = lock_step(survey);
    if (copy.is(database::StandInKind::saved)) {
        lock.attributes_of = copy.name;
        plan.steps = {lock, plan::BuildAside{survey.database, copy.name},
                      plan::TakeName{survey.database, {}, marker}};
    } else {
        plan.steps = {lock, plan::TakeName{survey.database, copy, marker}};
    }
    if (survey.exists) {
        plan.losses = {loss_text(survey)};
        plan.undo_reaches = true;
    }
    return plan;
}

/// "setup at 2026-11-24 09:15:00, seed at …": what this journal knows to have been done to the
/// target since the copy was set aside, and which undo therefore takes back. Empty where nothing
/// was.
std::string commands_since(const Context& context, const plan::Plan& plan,
                           const database::Copy& copy)
{
    constexpr std::size_t most = 5;
    const std::string project = plan::project_text(context.settings.root());
    const auto entries = plan::Journal::of_user(context.settings.environment())
                             .last(most, [&](const plan::JournalEntry& entry) {
                                 return entry.project == project &&
                                        entry.database == plan.database &&
                                        entry.profile == plan.profile && entry.exit_code == 0 &&
                                        entry.time >= copy.stand_in().at;
                             });
    std::string text;
    for (const plan::JournalEntry& entry : entries) {
        text += fmt::format("{}{} at {}", text.empty() ? "" : ", ", entry.command,
                            local_time_text(entry.time));
    }
    return text;
}

/// A journal that cannot be read keeps nobody from undoing.
void add_commands_since(const Context& context, const plan::Plan& plan, const database::Copy& copy,
                        std::vector<plan::Fact>& facts)
{
    try {
        const std::string since = commands_since(context, plan, copy);
        if (!since.empty()) {
            facts.push_back({undone_label, since});
        }
    } catch (const Error& error) {
        context.console.warning(error.what());
    }
}

} // namespace

void add_undo(CLI::App& command, Invocation& chosen)
{
    const auto options = std::make_shared<UndoOptions>();
    command
        .add_option("NAME", options->name,
                    "a copy made by save, or what was set aside; else the newest of the latter")
        ->type_name("");
    declare_snapshot_option(command, options->takes_snapshot);
    command.callback([&chosen, options] {
        chosen.run = [options](Context& context) { run_undo(context, *options); };
    });
}

void run_undo(Context& context, const UndoOptions& options)
{
    Groundwork ground(context);
    require_started(ground);
    const database::Survey& survey = ground.survey;
    require_replaceable(survey);
    const database::Copy& copy = choose_copy(ground.target, survey, options.name);
    require_usable(copy, survey);
    plan::Plan plan = undo_plan(context, ground, copy);
    if (options.takes_snapshot) {
        snapshot_first(plan, context, ground.target);
    }
    if (context.options.dry_run) {
        print_plan(context, plan);
        return;
    }
    plan::Circumstances circumstances = circumstances_of(context, ground.target, survey);
    circumstances.facts = live_facts(ground.connector, plan, survey, circumstances.protection);
    circumstances.facts.push_back({"brings back", database::describe(copy)});
    add_commands_since(context, plan, copy, circumstances.facts);
    const database::Permit permit = permit_for(context, plan, circumstances);
    tell_loss(context, plan, circumstances.facts);
    const plan::Outcome outcome = run_plan(
        context, plan, permit, runtime_for(context, ground.connector, *ground.maintenance));
    report_change(context, ground.target, outcome,
                  fmt::format("{} is {} again, {}{}{}", survey.database, database::describe(copy),
                              duration_text(context.elapsed().count()), ended_text(outcome),
                              undo_hint(ground.target, outcome)));
}

} // namespace crudctl::commands
