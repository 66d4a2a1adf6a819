#include "database/copies.hpp"
#include "commands/commands.hpp"
#include "commands/copy_choice.hpp"
#include "commands/groundwork.hpp"
#include "commands/instance_backup.hpp"
#include "commands/report.hpp"
#include "commands/run_plan.hpp"
#include "support/text.hpp"
#include "support/text_table.hpp"
#include "support/time_text.hpp"

#include <algorithm>
#include <iterator>
#include <memory>

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace crudctl::commands {

namespace {

void take_age(const std::string& text, CopiesOptions& options)
{
    options.older_than = parse_duration(text);
    if (!options.older_than) {
        throw Error(ExitCode::usage, fmt::format("--older-than \"{}\" is no age", printable(text)),
                    "write 12h, or 7d");
    }
}

/// What `undo` takes for it.
const std::string& name_of(const database::Copy& copy)
{
    return copy.is(database::StandInKind::saved) ? copy.stand_in().label : copy.name;
}

std::string built_text(const database::Copy& copy)
{
    if (copy.is(database::StandInKind::schema)) {
        return "the schema alone";
    }
    if (copy.is(database::StandInKind::seeded)) {
        return "schema and seeds";
    }
    if (!copy.marker.built) {
        return "not by crudctl";
    }
    return copy.marker.built->git.empty() ? "the project's files" : copy.marker.built->git;
}

std::string table_of(const Context& context, const std::vector<database::Copy>& copies)
{
    using Align = TextTable::Align;
    TextTable table({{"NAME"}, // whole: it is what `undo` and `--delete` take
                     {"KIND"},
                     {"SIZE", Align::right},
                     {"SINCE"},
                     {"BY", Align::left, true},
                     {"MARKED", Align::left, true},
                     {"BUILT FROM", Align::left, true}});
    for (const database::Copy& copy : copies) {
        table.add({name_of(copy), std::string(database::kind_name(copy.stand_in().kind)),
                   copy.size ? size_text(*copy.size) : "", local_time_text(copy.stand_in().at),
                   copy.stand_in().by, copy.marker.environment, built_text(copy)});
    }
    const Terminal& terminal = context.console.terminal();
    return table.to_text(terminal.output ? terminal.columns : 0);
}

std::string json_of(const std::vector<database::Copy>& copies)
{
    nlohmann::ordered_json document = nlohmann::ordered_json::array();
    for (const database::Copy& copy : copies) {
        document.push_back(
            {{"name", name_of(copy)},
             {"database", copy.name},
             {"kind", database::kind_name(copy.stand_in().kind)},
             {"bytes", copy.size ? nlohmann::ordered_json(*copy.size) : nlohmann::ordered_json()},
             {"since", copy.stand_in().at},
             {"by", copy.stand_in().by},
             {"environment", copy.marker.environment},
             {"built_by_crudctl", copy.marker.built.has_value()}});
    }
    return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// Both ways as markers have times.
std::string time_before(const std::string& now, std::chrono::seconds age)
{
    const auto time = parse_utc(now);
    return time ? utc_text(*time - age) : "";
}

/// Those that the options mean.
std::vector<database::Copy> chosen_copies(const Target& target, const database::Survey& survey,
                                          const CopiesOptions& options)
{
    if (options.prunes) {
        return options.older_than ? database::set_aside_before(
                                        survey.copies, time_before(survey.now, *options.older_than))
                                  : database::surplus(survey.copies, database::kept_copies);
    }
    std::vector<database::Copy> copies;
    std::ranges::transform(
        options.deleted, std::back_inserter(copies),
        [&](const std::string& name) { return copy_named(target, survey, name); });
    return copies;
}

plan::Plan deletion_plan(const Context& context, const Groundwork& ground,
                         const std::vector<database::Copy>& copies)
{
    plan::Plan plan = plan_for(context, ground.target, ground.survey, plan::Effect::past_undo);
    plan.steps = {lock_step(ground.survey), plan::DropCopies{copies}};
    for (const database::Copy& copy : copies) {
        plan.losses.push_back(database::describe(copy));
    }
    return plan;
}

void delete_copies(Context& context, Groundwork& ground, const CopiesOptions& options)
{
    const std::vector<database::Copy> copies = chosen_copies(ground.target, ground.survey, options);
    if (copies.empty()) {
        report_no_change(context, ground.target, "no copy is to be deleted");
        return;
    }
    const plan::Plan plan = deletion_plan(context, ground, copies);
    if (context.options.dry_run) {
        print_plan(context, plan);
        return;
    }
    plan::Circumstances circumstances = circumstances_of(context, ground.target, ground.survey);
    circumstances.facts = backup_facts(context, ground.target, std::nullopt);
    const database::Permit permit = permit_for(context, plan, circumstances);
    const plan::Outcome outcome = run_plan(
        context, plan, permit, runtime_for(context, ground.connector, *ground.maintenance));
    report_change(context, ground.target, outcome,
                  counted(copies.size(), "copy", "copies") + " deleted for good");
}

} // namespace

void add_copies(CLI::App& command, Invocation& chosen)
{
    const auto options = std::make_shared<CopiesOptions>();
    auto* deleted =
        command.add_option("--delete", options->deleted, "drop this copy for good (repeatable)")
            ->type_name("NAME")
            ->allow_extra_args(false);
    auto* prune = command.add_flag(
        "--prune", options->prunes,
        "drop what was set aside but the newest three; never what crudctl did not build");
    prune->excludes(deleted);
    command
        .add_option_function<std::string>(
            "--older-than", [options](const std::string& text) { take_age(text, *options); },
            "with --prune: whatever was set aside longer ago, e.g. 12h or 7d")
        ->type_name("AGE")
        ->needs(prune);
    command.callback([&chosen, options] {
        chosen.run = [options](Context& context) { run_copies(context, *options); };
    });
}

void run_copies(Context& context, const CopiesOptions& options)
{
    Groundwork ground(context);
    require_started(ground);
    if (options.prunes || !options.deleted.empty()) {
        database::require_primary(ground.survey);
        database::require_own_session(ground.survey);
        delete_copies(context, ground, options);
        return;
    }
    if (context.options.json) {
        context.console.result(json_of(ground.survey.copies));
    } else if (ground.survey.copies.empty()) {
        context.console.note(
            fmt::format("no database stands in for \"{}\"", ground.survey.database));
    } else {
        context.console.result(table_of(context, ground.survey.copies));
    }
}

} // namespace crudctl::commands
