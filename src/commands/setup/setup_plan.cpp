#include "commands/setup/setup_plan.hpp"

#include "operation/marking.hpp"
#include "operation/report.hpp"
#include "operation/script_steps.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace crudctl::commands {

namespace {

void add_checks(plan::Plan& plan, const std::vector<std::string>& queries)
{
    if (!queries.empty()) {
        plan.steps.emplace_back(plan::RunChecks{queries});
    }
}

/// From the furthest start on; what is past it is kept for the next time.
void add_build(plan::Plan& plan, const config::Project& project, const database::Survey& survey,
               const SetupScripts& scripts, const CachedBuild* start)
{
    const bool has_schema = start != nullptr;
    const bool has_seeds = has_schema && start->kind == database::StandInKind::seeded;
    plan.steps.emplace_back(plan::BuildAside{survey.database, has_schema ? start->copy->name : "",
                                             has_schema ? start->copy->oid : ""});
    if (!has_schema) {
        plan.steps.push_back(scripts.schema);
    }
    add_checks(plan, project.checks);
    if (!has_seeds) {
        add_cache_step(plan, survey, scripts.after_schema);
    }
    if (!scripts.seeds) {
        return;
    }
    if (!has_seeds) {
        plan.steps.push_back(*scripts.seeds);
    }
    add_checks(plan, project.seed_checks);
    add_cache_step(plan, survey, scripts.after_seeds);
}

database::Marker marker_of_built(const Context& context, const ReplacementTarget& ground,
                                 const SetupScripts& scripts, bool is_new)
{
    database::Marker marker = is_new ? marker_for_new(ground.target, ground.survey)
                                     : marker_for_found(ground.target, ground.survey);
    marker.built = build_of(context, ground.survey);
    marker.built->files = digest_of_files(scripts.schema);
    marker.seeds =
        scripts.seeds ? digests_of(*scripts.seeds) : std::map<std::string, std::string>();
    marker.stand_in.reset();
    return marker;
}

/// The last of what is loaded brings the rows' numbers with it.
void count_with_last_load(plan::Plan& plan)
{
    const auto last =
        std::find_if(plan.steps.rbegin(), plan.steps.rend(), [](const plan::Step& step) {
            return std::holds_alternative<plan::LoadScripts>(step);
        });
    if (last != plan.steps.rend()) {
        std::get<plan::LoadScripts>(*last).counts_rows = true;
    }
}

/// With the old one, which takes a log-in there: on a target that nobody protects only where there
/// is something to be lost.
void add_comparison(plan::Plan& plan, const database::Survey& survey, const SetupOptions& options)
{
    using LostGrants = plan::CompareContent::LostGrants;
    if (!survey.exists || (!plan.is_protected && !survey.may_lose_rights)) {
        return;
    }
    plan.steps.emplace_back(plan::CompareContent{!plan.is_protected ? LostGrants::told
                                                 : options.accepts_lost_grants
                                                     ? LostGrants::accepted
                                                     : LostGrants::refused});
}

/// Schema, seeds and checks in one transaction over what is there.
void add_load(plan::Plan& plan, const Context& context, const ReplacementTarget& ground,
              const SetupScripts& scripts, plan::LoadedAfter after)
{
    const config::Project& project = context.settings.project();
    plan::LoadScripts load =
        scripts.seeds ? *scripts.whole : std::get<plan::LoadScripts>(scripts.schema);
    load.after = after;
    load.checks = project.checks;
    if (scripts.seeds) {
        load.checks.insert(load.checks.end(), project.seed_checks.begin(),
                           project.seed_checks.end());
    }
    plan.steps = {lock_step(plan, ground.survey), load};
    if (ground.survey.is_owner) {
        constexpr bool is_new = false;
        const database::Marker marker = marker_of_built(context, ground, scripts, is_new);
        plan.steps.emplace_back(plan::WriteMarker{ground.survey.database, marker, {}, nullptr});
    }
}

/// Some of the files of a load, in their order, without reading them once more.
plan::LoadScripts part_of(const plan::LoadScripts& load, plan::ScriptKind kind, std::size_t begin,
                          std::size_t end)
{
    script::Script script = *load.script;
    script.files.erase(std::next(script.files.begin(), static_cast<std::ptrdiff_t>(end)),
                       script.files.end());
    script.files.erase(script.files.begin(),
                       std::next(script.files.begin(), static_cast<std::ptrdiff_t>(begin)));
    plan::LoadScripts part = load;
    part.kind = kind;
    part.script = std::make_shared<const script::Script>(std::move(script));
    return part;
}

/// Read as one script: variables of the schema's files hold in the seeds.
SetupScripts read_for_one_transaction(Context& context, const ScriptOptions& options,
                                      bool has_seeds)
{
    const std::size_t schema_files = context.settings.project().schema.size();
    SetupScripts scripts;
    scripts.whole = whole_project(context, options, has_seeds);
    const std::size_t files = scripts.whole->script->files.size();
    scripts.schema = part_of(*scripts.whole, plan::ScriptKind::schema, 0, schema_files);
    if (has_seeds) {
        scripts.seeds = part_of(*scripts.whole, plan::ScriptKind::seeds, schema_files, files);
    }
    return scripts;
}

} // namespace

const CachedBuild* SetupScripts::start() const
{
    if (after_seeds) {
        return &after_seeds;
    }
    return after_schema ? &after_schema : nullptr;
}

SetupScripts read_project(Context& context, const SetupOptions& options)
{
    constexpr bool is_aside = true;
    const bool has_seeds =
        !context.settings.project().seeds.empty() && options.seeding != Seeding::no;
    if (options.in_place) {
        return read_for_one_transaction(context, options.script, has_seeds);
    }
    SetupScripts scripts;
    scripts.schema = script_step(context, {plan::ScriptKind::schema, {}, options.script, is_aside});
    if (has_seeds) {
        scripts.seeds =
            script_step(context, {plan::ScriptKind::seeds, {}, options.script, is_aside});
    }
    return scripts;
}

void find_cached_builds(const Context& context, SetupScripts& scripts, ReplacementTarget& ground)
{
    scripts.after_schema =
        start_after_schema(ground.maintenance.get(), scripts.schema, ground.survey);
    if (scripts.seeds && context.settings.project().caches_seeds) {
        scripts.after_seeds = start_after_seeds(ground.maintenance.get(), scripts.after_schema,
                                                *scripts.seeds, ground.survey);
    }
}

plan::Plan setup_plan(const Context& context, const ReplacementTarget& ground,
                      const SetupScripts& scripts, const SetupOptions& options)
{
    const database::Survey& survey = ground.survey;
    plan::Plan plan = plan_for(context, ground.target, survey,
                               survey.exists ? plan::Effect::destroys : plan::Effect::adds);
    plan.steps = {lock_step(plan, survey)};
    add_build(plan, context.settings.project(), survey, scripts,
              options.rebuilds ? nullptr : scripts.start());
    count_with_last_load(plan);
    add_comparison(plan, survey, options);
    constexpr bool is_new = true;
    plan.steps.emplace_back(plan::TakeName{
        survey.database, {}, marker_of_built(context, ground, scripts, is_new), true});
    if (survey.exists) {
        plan.losses = {loss_text(survey)};
        plan.undo_reaches = true;
        prune_after(plan, survey);
    }
    if (!plan.is_protected) {
        drop_stale_starts(plan, survey, {scripts.after_schema, scripts.after_seeds});
    }
    return plan;
}

plan::Plan in_place_plan(const Context& context, const ReplacementTarget& ground,
                         const SetupScripts& scripts)
{
    const database::Survey& survey = ground.survey;
    plan::Plan plan = plan_for(context, ground.target, survey, plan::Effect::past_undo);
    add_load(plan, context, ground, scripts, plan::LoadedAfter::emptying);
    plan.losses = {fmt::format("what role \"{}\" owns in {}", survey.role, loss_text(survey))};
    return plan;
}

plan::Plan fill_plan(const Context& context, const ReplacementTarget& ground,
                     const SetupScripts& scripts)
{
    plan::Plan plan = plan_for(context, ground.target, ground.survey, plan::Effect::adds);
    add_load(plan, context, ground, scripts, plan::LoadedAfter::found_empty);
    return plan;
}

} // namespace crudctl::commands
