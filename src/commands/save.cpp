#include "commands/commands.hpp"
#include "commands/copy_choice.hpp"
#include "commands/groundwork.hpp"
#include "commands/report.hpp"
#include "commands/run_plan.hpp"
#include "database/name.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <memory>

#include <CLI/App.hpp>
#include <fmt/format.h>

namespace crudctl::commands {

namespace {

[[noreturn]] void refuse(const std::string& message, const std::string& hint)
{
    throw Error(ExitCode::refused, message + "; nothing was changed", hint);
}

/// It becomes part of a database's name, and is typed in a shell.
void require_good_label(const std::string& label)
{
    constexpr std::size_t longest = 20;
    const bool is_good =
        !label.empty() && label.size() <= longest && std::ranges::all_of(label, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   c == '_' || c == '-' || c == '.';
        });
    if (!is_good || label.front() == '-') {
        throw Error(ExitCode::usage,
                    fmt::format("\"{}\" cannot be the name of a copy", printable(label)),
                    fmt::format("letters, digits, '_', '-' and '.', at most {} of them", longest));
    }
}

void require_savable(const Target& target, const database::Survey& survey,
                     const plan::Circumstances& circumstances, const std::string& label)
{
    if (!survey.exists) {
        throw Error(ExitCode::connection,
                    fmt::format("there is no database \"{}\" to save", survey.database),
                    command_text(target, "setup") + " makes it");
    }
    if (circumstances.protection) {
        refuse(fmt::format("profile \"{}\" is protected ({}): nobody could use the database while "
                           "it is copied",
                           target.profile.name, *circumstances.protection),
               "take a snapshot of the server at its provider, or pg_dump the database");
    }
    if (find_copy(survey, label) != nullptr) {
        refuse(fmt::format("there is a copy \"{}\" of \"{}\" already", label, survey.database),
               "choose another name, or " +
                   option_command_text(target, "copies --delete " + label));
    }
    require_replaceable(survey);
    database::require_room(survey);
}

plan::Plan save_plan(const Context& context, const Groundwork& ground, const std::string& label)
{
    const database::Survey& survey = ground.survey;
    plan::Plan plan = plan_for(context, ground.target, survey, plan::Effect::disrupts);
    database::Marker marker = survey.marker() ? *survey.marker() : database::Marker();
    marker.stand_in = {
        database::StandInKind::saved, survey.database, label, survey.now, context.command, false};
    plan.steps = {lock_step(survey), plan::BuildAside{survey.database, survey.database},
                  plan::KeepAs{database::saved_name(survey.database, label), marker}};
    return plan;
}

} // namespace

void add_save(CLI::App& command, Invocation& chosen)
{
    const auto options = std::make_shared<SaveOptions>();
    command.add_option("NAME", options->name, "what `undo NAME` will bring back")
        ->type_name("")
        ->required();
    command.callback([&chosen, options] {
        chosen.run = [options](Context& context) { run_save(context, *options); };
    });
}

void run_save(Context& context, const SaveOptions& options)
{
    require_good_label(options.name);
    Groundwork ground(context);
    require_started(ground);
    const database::Survey& survey = ground.survey;
    plan::Circumstances circumstances = circumstances_of(context, ground.target, survey);
    require_savable(ground.target, survey, circumstances, options.name);
    const plan::Plan plan = save_plan(context, ground, options.name);
    if (context.options.dry_run) {
        print_plan(context, plan);
        return;
    }
    circumstances.facts = live_facts(ground.connector, plan, survey, circumstances.protection);
    const database::Permit permit = permit_for(context, plan, circumstances);
    tell_loss(context, plan, circumstances.facts);
    const plan::Outcome outcome = run_plan(
        context, plan, permit, runtime_for(context, ground.connector, *ground.maintenance));
    report_change(context, ground.target, outcome,
                  fmt::format("{} is saved as \"{}\", {}{} · back with: {} {}", loss_text(survey),
                              options.name, duration_text(context.elapsed().count()),
                              ended_text(outcome), option_command_text(ground.target, "undo"),
                              options.name));
}

} // namespace crudctl::commands
