#include "commands/commands.hpp"
#include "commands/groundwork.hpp"
#include "commands/marking.hpp"
#include "commands/report.hpp"
#include "commands/run_plan.hpp"
#include "support/text.hpp"
#include "support/time_text.hpp"

#include <algorithm>
#include <array>
#include <memory>

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace crudctl::commands {

namespace {

constexpr std::array environments = {"prod", "staging", "dev"};

void require_environment(const std::string& word)
{
    if (std::ranges::find(environments, word) == environments.end()) {
        throw Error(ExitCode::usage,
                    fmt::format("--as is prod, staging or dev, not \"{}\"", printable(word)));
    }
}

bool changes_something(const MarkOptions& options)
{
    return !options.environment.empty() || options.reason || options.unlocks;
}

/// The marker as it will be; what was written for another database is not taken over.
database::Marker changed_marker(const Context& context, const database::Survey& survey,
                                const MarkOptions& options)
{
    database::Marker marker = survey.marker() ? *survey.marker() : database::Marker();
    marker.oid = survey.oid;
    if (!options.environment.empty()) {
        marker.environment = options.environment;
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

/// Taking protection away is what somebody has to be asked for; giving it is not. A marker that
/// cannot be read may have given some.
plan::Effect effect_of(const database::Survey& survey, const MarkOptions& options)
{
    if (survey.comment.is_marker_broken) {
        return plan::Effect::disrupts;
    }
    const database::Marker* marker = survey.marker();
    if (marker == nullptr) {
        return plan::Effect::adds;
    }
    const bool lowers = marker->environment == "prod" && !options.environment.empty() &&
                        options.environment != "prod";
    const bool unlocks = options.unlocks && marker->freeze;
    return lowers || unlocks ? plan::Effect::disrupts : plan::Effect::adds;
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

std::string json_of(const database::Survey& survey)
{
    nlohmann::ordered_json document = {{"database", survey.database}};
    const database::Marker* marker = survey.marker();
    document["environment"] = marker ? marker->environment : "";
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
    context.console.result(context.options.json ? json_of(survey) : text_of(survey));
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

} // namespace

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
        chosen.run = [options](Context& context) { run_mark(context, *options); };
    });
}

void run_mark(Context& context, const MarkOptions& options)
{
    Groundwork ground(context);
    require_started(ground);
    const database::Survey& survey = ground.survey;
    if (!survey.exists) {
        throw Error(ExitCode::connection,
                    fmt::format("there is no database \"{}\" to mark", survey.database));
    }
    if (!changes_something(options)) {
        show(context, survey);
        return;
    }
    require_markable(survey);
    plan::Plan plan = plan_for(context, ground.target, survey, effect_of(survey, options));
    const database::Marker marker = changed_marker(context, survey, options);
    plan.steps = {lock_step(survey), plan::WriteMarker{survey.database, marker, {}, nullptr}};
    if (context.options.dry_run) {
        print_plan(context, plan);
        return;
    }
    const database::Permit permit =
        permit_for(context, plan, circumstances_of(context, ground.target, survey));
    const plan::Outcome outcome = run_plan(
        context, plan, permit, runtime_for(context, ground.connector, *ground.maintenance));
    report_change(
        context, ground.target, outcome,
        fmt::format("{} is marked {}{}", survey.database,
                    marker.environment.empty() ? "as nothing yet" : marker.environment,
                    marker.freeze ? ", locked " + database::describe(*marker.freeze) : ""));
}

} // namespace crudctl::commands
