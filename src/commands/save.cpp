#include "database/name.hpp"
#include "operation/carry_out.hpp"
#include "operation/command_entry.hpp"
#include "operation/copy_choice.hpp"
#include "operation/replacement_target.hpp"
#include "operation/report.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <CLI/App.hpp>
#include <fmt/format.h>

namespace crudctl::commands {

namespace {

struct SaveOptions {
    CopyName name;
};

[[noreturn]] void refuse_saving(const std::string& message, const std::string& hint)
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
    if (circumstances.protection && !circumstances.same_database) { // of that the guard tells more
        refuse_saving(
            fmt::format(
                "profile \"{}\" is protected ({}), and while a database is copied it can't be "
                "used",
                target.profile.name, *circumstances.protection),
            "take a snapshot of the server at its provider, or pg_dump the database");
    }
    if (find_copy(survey, label) != nullptr) {
        refuse_saving(
            fmt::format("there is a copy \"{}\" of \"{}\" already", label, survey.database),
            "choose another name, or " + option_command_text(target, "copies --delete " + label));
    }
    require_replaceable(survey);
    database::require_room(survey);
}

plan::Plan save_plan(const Context& context, const ReplacementTarget& ground,
                     const std::string& label)
{
    const database::Survey& survey = ground.survey;
    plan::Plan plan = plan_for(context, ground.target, survey, plan::Effect::disrupts);
    database::Marker marker = survey.marker() ? *survey.marker() : database::Marker();
    marker.stand_in = {
        database::StandInKind::saved, survey.database, label, survey.now, context.command, false};
    plan.steps = {lock_step(plan, survey),
                  plan::BuildAside{survey.database, survey.database, survey.oid},
                  plan::KeepAs{database::saved_name(survey.database, label), marker}};
    return plan;
}

void run_save(Context& context, const SaveOptions& options)
{
    require_copy_name(context, "save", options.name);
    const std::string& label = options.name.text();
    require_good_label(label);
    ReplacementTarget ground(context);
    require_started(ground);
    const database::Survey& survey = ground.survey;
    require_no_alias(ground);
    plan::Circumstances circumstances = circumstances_of(context, ground.target, survey);
    require_savable(ground.target, survey, circumstances, label);
    require_undistributed(ground);
    Operation operation;
    operation.plan = save_plan(context, ground, label);
    operation.circumstances = [&](const plan::Plan& plan) {
        circumstances.facts = live_facts(ground.connector, plan, survey, circumstances.protection);
        return circumstances;
    };
    operation.sentence = [&](const plan::Outcome& outcome) {
        return fmt::format("{} is saved as \"{}\", {}{} · back with: {} {}", loss_text(survey),
                           label, duration_text(context.elapsed().count()), ended_text(outcome),
                           option_command_text(ground.target, "undo"), label);
    };
    carry_out(context, ground.connector, ground.maintenance, std::move(operation));
}

void add_save(CLI::App& command, Invocation& chosen)
{
    const auto options = std::make_shared<SaveOptions>();
    declare_copy_name(command, options->name, "what `undo NAME` will bring back");
    command.callback([&chosen, options] {
        if (!options->name.is_given()) {
            throw Error(ExitCode::usage, "save needs a name", "crudctl save before-demo");
        }
        chosen.run = [options](Context& context) { run_save(context, *options); };
    });
}

} // namespace

extern const CommandEntry save_command = {
    .name = "save",
    .aliases = {},
    .group = "Safety",
    .command_class = CommandClass::disrupts,
    .takes_profile = TakesProfile::no,
    .summary = "keep a copy of the database under a name",
    .example = "crudctl save before-demo",
    .add = add_save,
};

} // namespace crudctl::commands
