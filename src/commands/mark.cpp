#include "operation/carry_out.hpp"
#include "operation/command_entry.hpp"
#include "operation/marking.hpp"
#include "operation/replacement_target.hpp"
#include "operation/report.hpp"
#include "support/text/text.hpp"
#include "support/text/time_text.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace crudctl::commands {

namespace {

struct MarkOptions {
    std::string environment;           // to mark it as; empty: as it is
    std::optional<std::string> reason; // to lock it for
    std::string until;                 // of the lock, as it was typed
    bool unlocks = false;
};

constexpr std::array environments = {"prod", "staging", "dev"};

void require_environment(const std::string& word)
{
    if (std::ranges::find(environments, word) == environments.end()) {
        throw Error(ExitCode::usage,
                    fmt::format("--as is prod, staging or dev, not \"{}\"", printable(word)));
    }
}

/// `--confirm plan` and `--confirm terminal` say here who may confirm from now on: no phrase is
/// like that.
bool says_who_confirms(const GlobalOptions& global)
{
    return global.confirm == "plan" || global.confirm == "terminal";
}

bool changes_something(const GlobalOptions& global, const MarkOptions& options)
{
    return !options.environment.empty() || options.reason || options.unlocks ||
           says_who_confirms(global);
}

/// The marker as it will be; what was written for another database is not taken over.
database::Marker changed_marker(const Context& context, const ReplacementTarget& ground,
                                const MarkOptions& options)
{
    const database::Survey& survey = ground.survey;
    database::Marker marker = marker_for_found(ground.target, survey);
    if (!options.environment.empty()) {
        marker.environment = options.environment;
        marker.said_by = database::SaidBy::person;
    }
    if (says_who_confirms(context.options)) {
        marker.allows_plan_ids = context.options.confirm == "plan";
    }
    if (options.unlocks) {
        marker.freeze.reset();
    }
    if (options.reason) {
        marker.freeze =
            database::Freeze{*options.reason, author_of(context), until_of(survey, options.until)};
    }
    return marker;
}

/// What the guard has to know. That the target is what a protected profile leads to is no reason to
/// refuse here, since this is where a person says that it isn't, but one to ask.
plan::Circumstances circumstances_of_mark(const Context& context, const ReplacementTarget& ground,
                                          const MarkOptions& options)
{
    const database::Survey& survey = ground.survey;
    plan::Circumstances circumstances = circumstances_of(context, ground.target, survey);
    const bool says_harmless = !options.environment.empty() && options.environment != "prod";
    if (says_harmless && !circumstances.same_database) {
        circumstances.same_database = circumstances.find_same_database();
    }
    const bool is_protected = circumstances.protection || circumstances.same_database;
    const bool touches_lock = circumstances.freeze && (options.unlocks || options.reason);
    const bool lets_scripts = context.options.confirm == "plan" &&
                              (survey.marker() == nullptr || !survey.marker()->allows_plan_ids);
    circumstances.needs_person = survey.comment.is_marker_broken ||
                                 (says_harmless && is_protected) || touches_lock || lets_scripts;
    if (!circumstances.is_profile_protected) {
        circumstances.profile_is_on_command_line = true; // it was not chosen to protect something
    }
    if (circumstances.needs_person && circumstances.same_database && !circumstances.protection) {
        circumstances.protection = circumstances.same_database;
    }
    circumstances.same_database.reset();
    if (says_who_confirms(context.options)) {
        circumstances.confirm.reset();
    }
    return circumstances;
}

std::string text_of(const database::Survey& survey)
{
    std::string text;
    const auto line = [&](std::string_view label, const std::string& value) {
        if (!value.empty()) {
            text += fmt::format("  {:<11} {}\n", label, printable(value));
        }
    };
    for (const auto& [label, value] : marker_facts(survey)) {
        line(label, value);
    }
    return text;
}

std::string mark_json(const database::Survey& survey)
{
    nlohmann::ordered_json document = {{"database", survey.database}};
    const database::Marker* marker = survey.marker();
    document["environment"] = marker ? marker->environment : "";
    document["said_by"] = marker ? database::speaker_name(marker->said_by) : "";
    document["confirm"] = marker && marker->allows_plan_ids ? "plan" : "terminal";
    document["fits"] = marker != nullptr;
    document["readable"] = !survey.comment.is_marker_broken;
    if (marker && marker->built) {
        document["built"] = {
            {"at", marker->built->at}, {"by", marker->built->by}, {"git", marker->built->git}};
    }
    if (marker && marker->freeze) {
        document["locked"] = {{"reason", marker->freeze->reason},
                              {"by", marker->freeze->by},
                              {"until", marker->freeze->until}};
    }
    return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

void show(Context& context, const database::Survey& survey)
{
    context.console.result(context.options.json ? mark_json(survey) : text_of(survey));
}

void require_markable(const database::Survey& survey)
{
    database::require_primary(survey);
    if (!survey.is_owner) {
        throw Error(
            ExitCode::refused,
            fmt::format("role \"{}\" may not comment on \"{}\", which \"{}\" owns; nothing "
                        "was changed",
                        survey.role, survey.database, survey.owner),
            fmt::format("as an administrator: GRANT \"{}\" TO \"{}\"", survey.owner, survey.role));
    }
}

void run_mark(Context& context, const MarkOptions& options)
{
    ReplacementTarget ground(context);
    require_started(ground);
    const database::Survey& survey = ground.survey;
    require_no_alias(ground);
    if (!survey.exists) {
        throw Error(ExitCode::connection,
                    fmt::format("there is no database \"{}\" to mark", survey.database));
    }
    if (!changes_something(context.options, options)) {
        show(context, survey);
        return;
    }
    require_markable(survey);
    const plan::Circumstances circumstances = circumstances_of_mark(context, ground, options);
    plan::Plan plan =
        plan_for(context, ground.target, survey,
                 circumstances.needs_person ? plan::Effect::disrupts : plan::Effect::adds);
    plan.takes_id = false;
    const database::Marker marker = changed_marker(context, ground, options);
    plan.steps = {lock_step(plan, survey),
                  plan::WriteMarker{survey.database, marker, {}, nullptr, marker.loading}};
    Operation operation;
    operation.plan = std::move(plan);
    operation.circumstances = [&](const plan::Plan& /*plan*/) { return circumstances; };
    operation.sentence = [&](const plan::Outcome& /*outcome*/) {
        return fmt::format("{} is marked {}{}{}", survey.database,
                           marker.environment.empty() ? "as nothing yet" : marker.environment,
                           marker.allows_plan_ids ? ", confirmed by a plan's id, too" : "",
                           marker.freeze ? ", locked " + database::describe(*marker.freeze) : "");
    };
    carry_out(context, ground.connector, ground.maintenance, std::move(operation));
}

void add_mark(CLI::App& command, Invocation& chosen)
{
    const auto options = std::make_shared<MarkOptions>();
    command
        .add_option_function<std::string>(
            "--as",
            [options](const std::string& word) {
                require_environment(word);
                options->environment = word;
            },
            "what the database is: prod, staging or dev")
        ->type_name("ENVIRONMENT");
    auto* locked =
        command
            .add_option_function<std::string>(
                "--locked", [options](const std::string& reason) { options->reason = reason; },
                "refuse what destroys, to everybody, for this reason")
            ->type_name("REASON");
    command
        .add_option("--until", options->until,
                    "when that ends: 18:00, 2h, 2026-11-30 (default: never)")
        ->type_name("TIME")
        ->needs(locked);
    command.add_flag("--unlocked", options->unlocks, "allow it again")->excludes(locked);
    command.callback([&chosen, options] {
        if (!changes_something(chosen.options, *options)) {
            chosen.action_class = CommandClass::reads;
        }
        chosen.run = [options](Context& context) { run_mark(context, *options); };
    });
}

} // namespace

extern const CommandEntry mark_command = {
    .name = "mark",
    .aliases = {},
    .group = "Safety",
    .command_class = CommandClass::disrupts,
    .takes_profile = TakesProfile::positional,
    .summary = "show or say what the database is: prod, staging, dev",
    .example = "crudctl mark prod --locked 'release'",
    .add = add_mark,
};

} // namespace crudctl::commands
