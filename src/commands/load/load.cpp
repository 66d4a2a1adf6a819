#include "commands/load/load.hpp"

#include "database/content.hpp"
#include "database/database.hpp"
#include "database/name.hpp"
#include "operation/carry_out.hpp"
#include "operation/marking.hpp"
#include "operation/protection.hpp"
#include "operation/rds_backup.hpp"
#include "operation/replacement_target.hpp"
#include "operation/report.hpp"
#include "operation/target.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace crudctl::commands {

namespace {

// A larger database is not copied unasked: it takes its time, and its room on the server.
constexpr std::size_t largest_copy_unasked = 1UL << 30U;

/// The first file whose rows an upsert may change; the end where there is none.
auto first_upsert(const plan::LoadScripts& load)
{
    const auto& files = load.script->files;
    return load.csv_mode != script::CsvMode::upsert
               ? files.end()
               : std::ranges::find_if(
                     files, [](const script::FileOutline& file) { return file.csv.has_value(); });
}

/// Whether the files do more than add. What psql runs is not looked into, and an upsert may change
/// what is there.
plan::Effect worst_effect_of(const plan::Step& step, bool is_protected)
{
    const auto* load = std::get_if<plan::LoadScripts>(&step);
    const bool only_adds = load != nullptr &&
                           load->script->effect.first_destroying(is_protected) == nullptr &&
                           first_upsert(*load) == load->script->files.end();
    return only_adds ? plan::Effect::adds : plan::Effect::destroys;
}

/// What the files destroy at worst, for people, where they may.
std::string loss_by(const plan::Step& step, const database::Survey& survey, bool is_protected)
{
    if (const auto* psql = std::get_if<plan::RunPsql>(&step)) {
        return fmt::format("whatever {} drops or changes in {}: psql runs it, unread",
                           psql->files.front().shown, loss_text(survey));
    }
    const auto& load = std::get<plan::LoadScripts>(step);
    if (const auto* first = load.script->effect.first_destroying(is_protected)) {
        return fmt::format("what the files drop or change in {}, first at {}:{}: {}",
                           loss_text(survey), first->file, first->place.line, first->text);
    }
    return fmt::format("the rows of {} that {} updates", loss_text(survey),
                       first_upsert(load)->source->shown());
}

/// "4 statements, 7 rows loaded"; of CSV files alone "7 rows loaded".
std::string loaded_text(const plan::Outcome& outcome)
{
    if (outcome.psql_files > 0) {
        return counted(outcome.psql_files, "file") + " loaded by psql";
    }
    std::string text =
        outcome.statements == 0 ? std::string() : counted(outcome.statements, "statement");
    if (outcome.rows > 0) {
        text += (text.empty() ? "" : ", ") + counted(outcome.rows, "row");
    }
    return (text.empty() ? "nothing" : text) + " loaded";
}

/// Where nothing is there, nothing can be lost; on a protected target somebody is asked instead.
bool needs_copy(pg::Connection& connection, const plan::Plan& plan, const ScriptOptions& options)
{
    return plan.effect == plan::Effect::destroys && !plan.is_protected &&
           options.copy_first != CopyFirst::no && database::has_content(connection);
}

void require_copyable(pg::Connection& connection, const database::Survey& survey,
                      const ScriptOptions& options)
{
    const auto refuse = [&](const std::string& reason, const std::string& hint = {}) {
        throw Error(ExitCode::refused,
                    fmt::format("a copy of {} has to be set aside before the files destroy "
                                "something, and {}; nothing was changed",
                                loss_text(survey), reason),
                    hint);
    };
    if (options.copy_first == CopyFirst::automatic &&
        survey.size.value_or(0) > largest_copy_unasked) {
        refuse("that is large: --copy makes it all the same");
    }
    if (const std::string reason = database::distribution_of(connection); !reason.empty()) {
        refuse(reason,
               "--no-copy loads without one, and undo then does not bring back what the files "
               "destroy");
    }
    try {
        require_replaceable(survey);
        database::require_room(survey);
    } catch (const Error& error) {
        refuse(error.what(), error.hint());
    }
}

/// Before the files run, the database is copied, so that undo brings it back.
void copy_first(plan::Plan& plan, const database::Survey& survey)
{
    database::Marker marker = survey.marker() ? *survey.marker() : database::Marker();
    marker.stand_in = {
        database::StandInKind::previous, survey.database, "", plan.aside_at, plan.command, false};
    const std::vector<plan::Step> steps = {
        lock_step(plan, survey), plan::BuildAside{survey.database, survey.database, survey.oid},
        plan::KeepAs{database::previous_name(survey.database, plan.aside_at), marker}};
    plan.steps.insert(plan.steps.begin(), steps.begin(), steps.end());
    plan.undo_reaches = true;
    prune_after(plan, survey);
}

using SeedDigests = std::map<std::string, std::string>;

/// As it stands. Only where the name is there, its digest is waited for.
bool is_remembered(const script::FileOutline& file, const SeedDigests& seeds)
{
    const auto found = seeds.find(file.source->shown());
    return !file.source->is_stream() && found != seeds.end() && found->second == file.digest.hex();
}

bool are_remembered(const script::Script& script, const SeedDigests& seeds)
{
    const auto has_name = [&](const script::FileOutline& file) {
        return seeds.contains(file.source->shown());
    };
    return std::ranges::all_of(script.files, has_name) &&
           std::ranges::all_of(script.files, [&](const script::FileOutline& file) {
               return is_remembered(file, seeds);
           });
}

std::string skipped_text(const std::string& file)
{
    return fmt::format("  skipped  {}: it was loaded before and has not changed; --again loads it",
                       file);
}

bool leave_out_loaded(Context& context, plan::RunPsql& psql, const SeedDigests& seeds)
{
    plan::RunPsql left = psql;
    left.files.clear();
    left.digests.clear();
    left.seeds.clear();
    for (std::size_t i = 0; i < psql.files.size(); ++i) {
        const auto found = seeds.find(psql.files[i].shown);
        if (found != seeds.end() && found->second == psql.seeds[i]) {
            context.console.note(skipped_text(psql.files[i].shown));
            continue;
        }
        left.files.push_back(psql.files[i]);
        left.digests.push_back(psql.digests[i]);
        left.seeds.push_back(psql.seeds[i]);
    }
    psql = std::move(left);
    return psql.files.empty();
}

/// Takes out of the step what the marker says is there as it stands in the files; true where
/// nothing is left. Rows that are there may be what --upsert and --if-empty are for: those look
/// themselves.
bool leave_out_loaded(Context& context, const ScriptRequest& request, plan::Step& step,
                      const database::ShortSurvey& survey)
{
    const database::Marker* marker = survey.marker();
    auto* load = std::get_if<plan::LoadScripts>(&step);
    if (request.kind != plan::ScriptKind::seeds || request.again || marker == nullptr) {
        return false;
    }
    if (auto* psql = std::get_if<plan::RunPsql>(&step)) {
        return leave_out_loaded(context, *psql, marker->seeds);
    }
    if (load->csv_mode != script::CsvMode::insert) {
        return false;
    }
    script::Script left;
    for (const script::FileOutline& file : load->script->files) {
        if (!is_remembered(file, marker->seeds)) {
            left.files.push_back(file);
            continue;
        }
        context.console.note(skipped_text(file.source->shown()));
    }
    if (left.files.size() < load->script->files.size()) { // judged anew, without the others
        load->script = std::make_shared<const script::Script>(
            script::read_again(left, load->script->settings));
    }
    return load->script->files.empty();
}

/// Of "seed.sql (2 statements), users.csv (1 kB)" each file with what is known of it, by its name.
std::map<std::string, std::string> files_in(const std::string& list)
{
    const std::string between = ", ";
    std::map<std::string, std::string> files;
    std::size_t begin = 0;
    while (begin < list.size()) {
        const std::size_t end = std::min(list.find(between, begin), list.size());
        const std::string item = list.substr(begin, end - begin);
        files.emplace(item.substr(0, item.rfind(" (")), item);
        begin = end + between.size();
    }
    return files;
}

/// The files of one list that are not in another one.
std::string without(const std::string& list, const std::string& others)
{
    const auto left_out = files_in(others);
    std::string text;
    for (const auto& [name, item] : files_in(list)) {
        text += left_out.contains(name) ? "" : (text.empty() ? "" : ", ") + item;
    }
    return text;
}

/// Whether a step loads one of the files that a marker lists.
bool loads_one_of(const plan::Step& step, const std::string& listed)
{
    return without(listed, plan::files_text(step)) != without(listed, "");
}

/// Where a load without a transaction of ours did not end well, crudctl can't tell how far it came.
void require_known_end(Context& context, pg::Connection& connection, const Target& target,
                       const ScriptRequest& request, const plan::Step& step,
                       const database::ShortSurvey& survey)
{
    if (survey.marker() == nullptr || survey.marker()->loading.empty()) {
        return;
    }
    if (database::is_being_loaded(connection, survey.oid)) {
        throw Error(ExitCode::busy,
                    fmt::format("another run is loading {} into \"{}\"; nothing was changed",
                                printable(survey.marker()->loading), survey.database),
                    "try again when that has ended");
    }
    const std::string message =
        fmt::format("an earlier run did not finish loading {}: how much of that is in the database "
                    "is not known",
                    printable(survey.marker()->loading));
    if (request.kind != plan::ScriptKind::seeds || request.again ||
        !loads_one_of(step, survey.marker()->loading)) {
        context.console.warning(message);
        return;
    }
    throw Error(ExitCode::refused, message + "; nothing was changed",
                "look at what is there; " + command_text(target, "seed --again") +
                    " loads the seeds once more");
}

/// In the transaction of the files. Where they have none of ours, the marker tells before that they
/// are being loaded: killed then, a run leaves it so.
void put_marker_step(plan::Plan& plan, plan::WriteMarker marker, const std::string& before_loading)
{
    const auto step = std::ranges::find_if(
        plan.steps, [](const plan::Step& one) { return !plan::files_text(one).empty(); });
    auto* load = std::get_if<plan::LoadScripts>(&*step);
    if (load != nullptr && load->script->settings.mode == script::TransactionMode::one) {
        load->marker = std::move(marker);
        return;
    }
    plan::WriteMarker before = marker;
    before.seeds = nullptr;
    before.marker.seeds = before.former_seeds;
    before.former_loading = before_loading;
    const std::string left = without(before_loading, plan::files_text(*step));
    before.marker.loading = plan::files_text(*step) + (left.empty() ? "" : ", " + left);
    plan.steps.insert(step, std::move(before));
    plan.steps.emplace_back(std::move(marker));
}

/// So that the next run knows which seeds are there: those that are loaded now; and none any more
/// once a schema was loaded that destroys, since their rows may be what it destroyed. A role that
/// may not comment on the database goes without.
void remember_seeds(Context& context, plan::Plan& plan, const Target& target,
                    const database::ShortSurvey& survey, const ScriptRequest& request,
                    const plan::Step& step)
{
    database::Marker marker = marker_for_found(target, survey);
    const SeedDigests before = marker.seeds;
    const auto* load = std::get_if<plan::LoadScripts>(&step);
    const bool is_framed =
        load == nullptr || load->script->settings.mode == script::TransactionMode::none;
    const bool is_seeding = request.kind == plan::ScriptKind::seeds;
    // What another run left in doubt stays so, but for the files that are loaded now.
    const std::string before_loading = marker.loading;
    marker.loading = without(before_loading, plan::files_text(step));
    const bool was_cut_short = marker.loading != without(before_loading, "");
    std::shared_ptr<const script::Script> seeds;
    if (is_seeding && load != nullptr) {
        seeds = load->script;
    } else if (is_seeding) {
        for (const auto& [file, digest] : digests_of(step)) {
            marker.seeds[file] = digest;
        }
    } else if (request.kind == plan::ScriptKind::schema && plan.effect >= plan::Effect::destroys) {
        marker.seeds.clear();
    }
    const bool changes = is_framed || was_cut_short ||
                         (seeds ? !are_remembered(*seeds, before) : marker.seeds != before);
    if (!changes || survey.comment.is_marker_broken) {
        return;
    }
    if (!survey.is_owner) {
        if (is_seeding) {
            context.console.note(
                fmt::format("  note     not remembered as loaded: role \"{}\" does "
                            "not own the database",
                            survey.role));
        }
        return;
    }
    put_marker_step(plan, {survey.database, marker, before, seeds, marker.loading}, before_loading);
}

/// What files call by words that may mean something else, the server knows: whether a function that
/// makes a UUID is the extension's, and whether `row.name` is a column.
void judge_by_server(pg::Connection& connection, plan::Step& step, bool is_protected)
{
    auto* load = std::get_if<plan::LoadScripts>(&step);
    if (!is_protected || load == nullptr || load->script->effect.destroying) {
        return;
    }
    if (!load->script->effect.calling && !load->script->effect.has_attributes) {
        return;
    }
    script::ScriptSettings settings = load->script->settings;
    database::CallableFunctions functions = database::callable_functions(connection);
    settings.known = {std::move(functions.generators), std::move(functions.of_rows)};
    if (!settings.known.generators.empty() || !settings.known.of_rows.empty()) {
        load->script =
            std::make_shared<const script::Script>(script::read_again(*load->script, settings));
    }
}

plan::Plan plan_load(Context& context, const Target& target, database::Surveyor& surveyor,
                     const plan::Step& step)
{
    const bool is_protected = protection_of(target, surveyor.seen()).has_value();
    if (worst_effect_of(step, is_protected) == plan::Effect::adds) {
        plan::Plan plan = plan_for(context, target, surveyor.seen(), plan::Effect::adds);
        plan.steps = {step};
        return plan;
    }
    plan::Plan plan = plan_for(context, target, surveyor.whole(), plan::Effect::destroys);
    plan.steps = {step};
    plan.losses = {loss_by(step, surveyor.whole(), is_protected)};
    return plan;
}

/// A copy before the load, where undo is to reach it.
void secure_first(Context& context, const Target& target, pg::Connection& connection,
                  database::Surveyor& surveyor, const ScriptOptions& options, plan::Plan& plan)
{
    if (needs_copy(connection, plan, options)) {
        database::Survey survey = surveyor.whole();
        survey.room = room_of(context, target);
        require_copyable(connection, survey, options);
        copy_first(plan, survey);
    }
}

} // namespace

void load_into_target(Context& context, ScriptRequest request)
{
    request.takes_files = true;
    plan::Step step = script_step(context, request);
    const Target target = announced_target(context);
    database::check_own_name(target.info.database(), target.profile.maintenance_database);
    Connector connector(context, target);
    auto connection = connector.connect();
    // What only the server protects is looked at again, if a call of a function matters there.
    database::Surveyor surveyor = surveyor_for(
        *connection, target, worst_effect_of(step, target.profile.protection.is_protected));
    const database::ShortSurvey& survey = surveyor.seen();
    database::require_primary(survey);
    remember_protected(context, target, survey);
    require_known_end(context, *connection, target, request, step, survey);
    if (leave_out_loaded(context, request, step, survey)) {
        report_no_change(context, target, "every seed was loaded before");
        return;
    }
    judge_by_server(*connection, step, protection_of(target, survey).has_value());
    plan::Plan plan = plan_load(context, target, surveyor, step);
    secure_first(context, target, *connection, surveyor, request.options, plan);
    remember_seeds(context, plan, target, survey, request, step);

    Operation operation;
    operation.takes_snapshot = request.options.takes_snapshot;
    operation.tells_loss = operation.leaves_database = plan.undo_reaches;
    operation.plan = std::move(plan);
    operation.circumstances = [&](const plan::Plan& to_judge) {
        return to_judge.effect == plan::Effect::destroys
                   ? circumstances_with_facts(connector, to_judge, surveyor.whole())
                   : circumstances_of(context, target, survey);
    };
    operation.sentence = [&](const plan::Outcome& outcome) {
        return fmt::format("{}: {}, {}{}", target.info.database(), loaded_text(outcome),
                           duration_text(context.elapsed().count()), undo_hint(target, outcome));
    };
    carry_out(context, connector, connection, std::move(operation));
}

} // namespace crudctl::commands
