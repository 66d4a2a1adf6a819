#include "database/copies.hpp"
#include "operation/carry_out.hpp"
#include "operation/command_entry.hpp"
#include "operation/copy_choice.hpp"
#include "operation/marking.hpp"
#include "operation/rds_backup.hpp"
#include "operation/replacement_target.hpp"
#include "operation/report.hpp"
#include "plan/journal.hpp"
#include "support/text/text.hpp"
#include "support/text/time_text.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <fmt/format.h>

namespace crudctl::commands {

namespace {

struct UndoOptions {
    CopyName name;               // of a copy; not given: the newest that was set aside
    bool takes_snapshot = false; // of the RDS instance, first
};

[[noreturn]] void refuse_undoing(const std::string& message, const std::string& hint)
{
    throw Error(ExitCode::refused, message + "; nothing was changed", hint);
}

/// Where the database is gone, the newest copy may be one whose owner can't be told to be the right
/// one: an older one must not come back in its place unnoticed.
void require_newest(const Target& target, const database::Survey& survey,
                    const database::Copy& newest)
{
    const auto newer = std::ranges::find_if(survey.others, [&](const database::Copy& copy) {
        return !survey.exists && copy.claim == database::Claim::unproven && copy.is_only_owner &&
               copy.stand_in().at > newest.stand_in().at;
    });
    if (newer != survey.others.end()) {
        refuse_undoing(fmt::format("{} is newer than {}, and may be somebody's database: {}",
                                   database::describe(*newer), database::describe(newest),
                                   newer->doubt),
                       fmt::format("{0} {1}, or {0} {2}: the first one asks before",
                                   option_command_text(target, "undo"), newer->name, newest.name));
    }
}

/// By its name, or the newest that was set aside.
const database::Copy& choose_copy(const Target& target, const database::Survey& survey,
                                  const CopyName& name)
{
    if (name.is_given()) {
        return copy_named(target, survey, name.text());
    }
    const auto newest =
        std::find_if(survey.copies.rbegin(), survey.copies.rend(), [](const database::Copy& copy) {
            // Of what was being dropped only what was whole: an unfinished build is none.
            return copy.is(database::StandInKind::previous) ||
                   (copy.is(database::StandInKind::dropping) &&
                    copy.stand_in().label == database::kind_name(database::StandInKind::previous));
        });
    if (newest == survey.copies.rend()) {
        refuse_undoing(fmt::format("there is nothing to undo: no database was set aside for \"{}\"",
                                   survey.database),
                       command_text(target, "copies") +
                           (survey.others.empty()
                                ? " shows what was saved by name"
                                : " shows the others that say they are copies, and why "
                                  "undo leaves them alone"));
    }
    require_newest(target, survey, *newest);
    return *newest;
}

void require_usable(const database::Copy& copy, const database::Survey& survey)
{
    if (!copy.is_valid) {
        refuse_undoing(
            fmt::format("\"{}\" is what an interrupted DROP DATABASE left: it cannot be used",
                        copy.name),
            "crudctl copies --delete drops the rest of it");
    }
    if (!copy.is_owner) {
        refuse_undoing(fmt::format("role \"{}\" does not own \"{}\"", survey.role, copy.name),
                       "a role that owns it can bring it back");
    }
}

/// What is prod stays so, and what somebody said of the database that is there now holds on.
void take_over_word(database::Marker& marker, const ReplacementTarget& ground)
{
    const database::Survey& survey = ground.survey;
    const database::Marker current = marker_for_found(ground.target, survey);
    if (current.environment.empty()) {
        return;
    }
    if (survey.marker() != nullptr || current.environment != marker.environment) {
        marker.environment = current.environment;
        marker.said_by = current.said_by;
    }
    if (survey.marker() != nullptr) {
        marker.allows_plan_ids = current.allows_plan_ids;
        marker.used_ids.insert(marker.used_ids.end(), current.used_ids.begin(),
                               current.used_ids.end());
    }
}

/// A saved copy stays for the next time: what comes back is a copy of it. What was set aside comes
/// back itself.
plan::Plan undo_plan(const Context& context, const ReplacementTarget& ground,
                     const database::Copy& copy)
{
    const database::Survey& survey = ground.survey;
    plan::Plan plan = plan_for(context, ground.target, survey,
                               survey.exists ? plan::Effect::destroys : plan::Effect::adds);
    database::Marker marker = copy.marker;
    marker.stand_in.reset();
    take_over_word(marker, ground);
    const bool is_reached_unprotected = !ground.target.profile.protection.is_protected;
    if (copy.stand_in().is_protected && is_reached_unprotected &&
        marker.said_by != database::SaidBy::person) {
        marker.environment = "prod";
        marker.said_by = database::SaidBy::run;
    }
    if (const database::Marker* current = survey.marker(); current != nullptr) {
        marker.freeze = current->freeze; // a lock, and its end, are about the database of today
    }
    plan.unproven = unproven_of({copy});
    plan::LockTarget lock = lock_step(plan, survey, copy.oid);
    if (copy.is(database::StandInKind::saved)) {
        lock.attributes_of = copy.name;
        plan.steps = {lock, plan::BuildAside{survey.database, copy.name, copy.oid},
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

plan::Circumstances circumstances_of_undo(Context& context, ReplacementTarget& ground,
                                          const plan::Plan& plan, const database::Copy& copy)
{
    plan::Circumstances circumstances = circumstances_of(context, ground.target, ground.survey);
    if (!circumstances.protection) {
        circumstances.protection = protection_of(std::vector{copy});
    }
    circumstances.facts =
        live_facts(ground.connector, plan, ground.survey, circumstances.protection);
    circumstances.facts.push_back({"brings back", database::describe(copy)});
    add_commands_since(context, plan, copy, circumstances.facts);
    return circumstances;
}

void run_undo(Context& context, const UndoOptions& options)
{
    require_copy_name(context, "undo", options.name);
    ReplacementTarget ground(context);
    require_started(ground);
    const database::Survey& survey = ground.survey;
    require_replaceable(survey);
    const database::Copy& copy = choose_copy(ground.target, survey, options.name);
    require_usable(copy, survey);
    if (copy.is(database::StandInKind::saved)) {
        require_undistributed(ground);
    }
    Operation operation;
    operation.plan = undo_plan(context, ground, copy);
    operation.takes_snapshot = options.takes_snapshot;
    operation.circumstances = [&](const plan::Plan& plan) {
        return circumstances_of_undo(context, ground, plan, copy);
    };
    operation.sentence = [&](const plan::Outcome& outcome) {
        return fmt::format("{} is {} again, {}{}{}", survey.database, database::describe(copy),
                           duration_text(context.elapsed().count()), ended_text(outcome),
                           undo_hint(ground.target, outcome));
    };
    carry_out(context, ground.connector, ground.maintenance, std::move(operation));
}

void add_undo(CLI::App& command, Invocation& chosen)
{
    const auto options = std::make_shared<UndoOptions>();
    declare_copy_name(command, options->name,
                      "a copy made by save, or what was set aside; else the newest of the latter");
    declare_snapshot_option(command, options->takes_snapshot);
    runs(command, chosen, [options](Context& context) { run_undo(context, *options); });
}

} // namespace

extern const CommandEntry undo_command = {
    .name = "undo",
    .aliases = {},
    .group = "Safety",
    .command_class = CommandClass::destroys,
    .takes_profile = TakesProfile::no,
    .summary = "bring back what was set aside, or a saved copy",
    .example = "crudctl undo",
    .add = add_undo,
};

} // namespace crudctl::commands
