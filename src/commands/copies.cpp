#include "database/copies.hpp"
#include "operation/carry_out.hpp"
#include "operation/command_entry.hpp"
#include "operation/copy_choice.hpp"
#include "operation/rds_backup.hpp"
#include "operation/replacement_target.hpp"
#include "operation/report.hpp"
#include "support/text/text.hpp"
#include "support/text/text_table.hpp"
#include "support/text/time_text.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace crudctl::commands {

namespace {

struct CopiesOptions {
    std::vector<std::string> deleted; // by name
    bool prunes = false;
    std::optional<std::chrono::seconds> older_than; // for pruning, instead of the newest three
};

void take_age(const std::string& text, CopiesOptions& options)
{
    options.older_than = parse_duration(text);
    if (!options.older_than || is_digit(text.back())) { // 3 may be meant as days
        throw Error(
            ExitCode::usage,
            fmt::format("--older-than needs a number and a unit, not \"{}\"", printable(text)),
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

/// Each that only says that it is a copy, with the reason why crudctl leaves it alone.
void print_others(Context& context, const database::Survey& survey)
{
    for (const database::Copy& copy : survey.others) {
        context.console.note(fmt::format("  left alone: \"{}\", owned by role \"{}\": {}",
                                         copy.name, copy.owner, copy.doubt));
    }
}

/// Ours, then the others.
std::string copies_json(const database::Survey& survey)
{
    std::vector<database::Copy> copies = survey.copies;
    copies.insert(copies.end(), survey.others.begin(), survey.others.end());
    nlohmann::ordered_json document = nlohmann::ordered_json::array();
    for (const database::Copy& copy : copies) {
        document.push_back(
            {{"is_ours", copy.claim == database::Claim::ours},
             {"left_alone_because", copy.doubt},
             {"owner", copy.owner},
             {"sessions", copy.sessions},
             {"name", name_of(copy)},
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

plan::Plan deletion_plan(const Context& context, const ReplacementTarget& ground,
                         const std::vector<database::Copy>& copies, bool prunes)
{
    plan::Plan plan = plan_for(context, ground.target, ground.survey, plan::Effect::past_undo);
    plan.steps = {lock_step(plan, ground.survey), plan::DropCopies{copies, !prunes}};
    plan.unproven = unproven_of(copies);
    for (const database::Copy& copy : copies) {
        plan.losses.push_back(database::describe(copy));
    }
    return plan;
}

void delete_copies(Context& context, ReplacementTarget& ground, const CopiesOptions& options)
{
    const std::vector<database::Copy> copies = chosen_copies(ground.target, ground.survey, options);
    if (copies.empty()) {
        report_no_change(context, ground.target, "no copy is to be deleted");
        return;
    }
    Operation operation;
    operation.plan = deletion_plan(context, ground, copies, options.prunes);
    operation.tells_loss = false; // each is said as it goes
    operation.circumstances = [&](const plan::Plan& /*plan*/) {
        plan::Circumstances circumstances = circumstances_of(context, ground.target, ground.survey);
        if (!circumstances.protection) {
            circumstances.protection = protection_of(copies);
        }
        circumstances.facts = backup_facts(context, ground.target, std::nullopt);
        return circumstances;
    };
    const auto outcome =
        carry_out(context, ground.connector, ground.maintenance, std::move(operation));
    if (!outcome) {
        return;
    }
    const std::string deleted = counted(outcome->deleted, "copy", "copies") + " deleted for good";
    if (outcome->deleted == 0) {
        report_no_change(context, ground.target, deleted);
    } else {
        report_change(context, ground.target, *outcome, deleted);
    }
}

void run_copies(Context& context, const CopiesOptions& options)
{
    ReplacementTarget ground(context);
    require_started(ground);
    if (options.prunes || !options.deleted.empty()) {
        database::require_primary(ground.survey);
        database::require_own_session(ground.survey);
        delete_copies(context, ground, options);
        return;
    }
    if (context.options.json) {
        context.console.result(copies_json(ground.survey));
    } else if (ground.survey.copies.empty()) {
        context.console.note(
            fmt::format("no database stands in for \"{}\"", ground.survey.database));
    } else {
        context.console.result(table_of(context, ground.survey.copies));
    }
    if (!context.options.json) {
        print_others(context, ground.survey);
    }
}

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
        if (!options->prunes && options->deleted.empty()) {
            chosen.action_class = CommandClass::reads;
        }
        chosen.run = [options](Context& context) { run_copies(context, *options); };
    });
}

} // namespace

extern const CommandEntry copies_command = {
    .name = "copies",
    .aliases = {},
    .group = "Safety",
    .command_class = CommandClass::destroys,
    .takes_profile = TakesProfile::positional,
    .summary = "show what was set aside or saved, or delete it",
    .example = "crudctl copies --prune --older-than 7d",
    .add = add_copies,
};

} // namespace crudctl::commands
