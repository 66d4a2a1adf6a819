#include "commands/setup/setup_plan.hpp"

#include "database/content.hpp"
#include "operation/marking.hpp"
#include "operation/program.hpp"
#include "operation/report.hpp"
#include "operation/script_steps.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <fmt/ranges.h>

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
    marker.loading.clear();
    return marker;
}

/// The last of what is loaded brings the rows' numbers with it.
void count_with_last_load(plan::Plan& plan)
{
    const auto last =
        std::find_if(plan.steps.rbegin(), plan.steps.rend(), [](const plan::Step& step) {
            return std::holds_alternative<plan::LoadScripts>(step) ||
                   std::holds_alternative<plan::RunProgram>(step);
        });
    if (last != plan.steps.rend() && std::holds_alternative<plan::LoadScripts>(*last)) {
        std::get<plan::LoadScripts>(*last).counts_rows = true;
    }
}

/// Settings that change how files are read, or what they make.
bool acts_on_load(const std::string& setting)
{
    constexpr std::array<std::string_view, 12> prefixes = {
        "log_", "auto_explain.", "enable_",      "jit",      "max_parallel",         "effective_",
        "cpu_", "seq_page_cost", "random_page_", "work_mem", "maintenance_work_mem", "track_"};
    return std::ranges::none_of(
        prefixes, [&](std::string_view prefix) { return setting.starts_with(prefix); });
}

/// With its value, unless it is a parameter of the user's own, which may be a secret.
std::string shown_setting(const std::string& setting)
{
    const std::size_t end = std::min(setting.find('='), setting.size());
    const std::string name = setting.substr(0, end);
    return name.find('.') != std::string::npos
               ? name
               : fmt::format("{} = {}", name,
                             std::string_view(setting).substr(std::min(end + 1, setting.size())));
}

/// What stays as it was in the old one though the files would make it otherwise on a fresh machine,
/// or though it would have changed what they make.
std::vector<std::string> kept_parts(const database::Survey& survey, const plan::Step& schema)
{
    std::vector<std::string> parts;
    if (survey.locale != survey.fresh_locale) {
        parts.push_back(fmt::format("encoding and locale {}; a new database has {}", survey.locale,
                                    survey.fresh_locale));
    }
    if (!survey.tablespace.empty()) {
        parts.push_back(fmt::format("tablespace \"{}\"", survey.tablespace));
    }
    const auto* load = std::get_if<plan::LoadScripts>(&schema);
    const auto of_files = load != nullptr ? load->script->of_database() : script::DatabaseChanges();
    for (const std::string& setting : survey.settings) {
        const std::string name = setting.substr(0, setting.find('='));
        if (acts_on_load(name) && std::ranges::count(of_files.settings, lower_ascii(name)) == 0) {
            parts.push_back(shown_setting(setting) + ", which the files are loaded without");
        }
    }
    return parts;
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

/// What is dropped in place and the files do not make again, by schema. What their code makes is
/// not seen.
std::vector<std::string> unlisted_parts(ReplacementTarget& ground, const SetupScripts& scripts)
{
    const auto& load = scripts.seeds ? *scripts.whole : std::get<plan::LoadScripts>(scripts.schema);
    const std::set<std::string>& created = load.script->created;
    const auto is_created = [&](const database::OwnedPart& part) {
        const std::string group = part.group();
        return created.contains(group + " " + part.name) ||
               created.contains(fmt::format("{} {}.{}", group, part.schema, part.name));
    };
    std::vector<std::string> unlisted;
    std::map<std::string, std::string> by_schema;
    for (const database::OwnedPart& part : database::owned_parts(*ground.connector.connect())) {
        if (is_created(part)) {
            continue;
        }
        if (part.schema.empty()) {
            unlisted.push_back(part.text());
        } else {
            std::string& list = by_schema[part.schema];
            list += (list.empty() ? "" : ", ") + part.text();
        }
    }
    for (const auto& [schema, list] : by_schema) {
        unlisted.push_back(fmt::format("in schema \"{}\" {}", schema, list));
    }
    return unlisted;
}

/// Why a copy of what the files make is not what they would make the next time; empty: it is.
std::string reason_not_to_keep(const script::Script& script)
{
    if (!script.outside.empty()) {
        return script.outside.front().text() + " is outside of the database";
    }
    return script.of_database().is_lost_by_copy
               ? "a copy lacks what the files say of the database as a whole, or of roles"
               : script.load_time;
}

/// Schema, seeds and checks in one transaction over what is there.
void add_load(plan::Plan& plan, const Context& context, const ReplacementTarget& ground,
              const SetupScripts& scripts, plan::LoadedAfter after)
{
    const config::Project& project = context.settings.project();
    plan::LoadScripts load =
        scripts.seeds ? *scripts.whole : std::get<plan::LoadScripts>(scripts.schema);
    load.after = after;
    load.counts_rows = true;
    load.checks = project.checks;
    if (scripts.seeds) {
        load.checks.insert(load.checks.end(), project.seed_checks.begin(),
                           project.seed_checks.end());
    }
    if (ground.survey.is_owner) {
        constexpr bool is_new = false;
        const database::Marker marker = marker_of_built(context, ground, scripts, is_new);
        load.marker = plan::WriteMarker{ground.survey.database, marker, {}, nullptr};
    }
    plan.steps = {lock_step(plan, ground.survey), load};
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

void require_files(const config::Project& project, bool has_seeds)
{
    if (project.has_schema_program() || (has_seeds && project.has_seed_program())) {
        throw Error(ExitCode::usage,
                    "--in-place loads files in one transaction, which no program takes part in",
                    "leave out --in-place");
    }
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
    const config::Project& project = context.settings.project();
    const bool has_seeds =
        (!project.seeds.empty() || project.has_seed_program()) && options.seeding != Seeding::no;
    if (options.in_place) {
        require_files(project, has_seeds);
        return read_for_one_transaction(context, options.script, has_seeds);
    }
    SetupScripts scripts;
    scripts.schema =
        project.has_schema_program()
            ? program_step(project, plan::ScriptKind::schema)
            : script_step(context, {plan::ScriptKind::schema, {}, options.script, is_aside});
    if (has_seeds && project.has_seed_program()) {
        scripts.seeds = program_step(project, plan::ScriptKind::seeds);
    } else if (has_seeds) {
        ScriptRequest seeds{plan::ScriptKind::seeds, {}, options.script, is_aside};
        if (const auto* load = std::get_if<plan::LoadScripts>(&scripts.schema)) {
            seeds.own_name = load->script->own_name;
        }
        scripts.seeds = script_step(context, seeds);
    }
    return scripts;
}

std::set<std::string> role_names_of(const SetupScripts& scripts)
{
    const auto* load = std::get_if<plan::LoadScripts>(&scripts.schema);
    return load != nullptr ? load->script->role_names : std::set<std::string>();
}

void find_cached_builds(const Context& context, SetupScripts& scripts, ReplacementTarget& ground)
{
    const auto* load = std::get_if<plan::LoadScripts>(&scripts.schema);
    const auto* program = std::get_if<plan::RunProgram>(&scripts.schema);
    if (load == nullptr && (program == nullptr || program->inputs.empty())) {
        return;
    }
    const std::optional<bool> wanted = context.settings.project().caches;
    const std::string reason = load != nullptr ? reason_not_to_keep(*load->script) : std::string();
    if (!wanted.value_or(reason.empty())) {
        if (!wanted) {
            context.console.detail(fmt::format("  cache    the schema is not kept: {}", reason));
        }
        return;
    }
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
        plan.kept = kept_parts(survey, scripts.schema);
        prune_after(plan, survey);
    }
    if (!plan.is_protected) {
        drop_stale_starts(plan, survey, {scripts.after_schema, scripts.after_seeds});
    }
    return plan;
}

plan::Plan in_place_plan(const Context& context, ReplacementTarget& ground,
                         const SetupScripts& scripts, const SetupOptions& options)
{
    const database::Survey& survey = ground.survey;
    plan::Plan plan = plan_for(context, ground.target, survey, plan::Effect::past_undo);
    add_load(plan, context, ground, scripts, plan::LoadedAfter::emptying);
    plan.losses = {fmt::format("what role \"{}\" owns in {}", survey.role, loss_text(survey))};
    const std::vector<std::string> unlisted = unlisted_parts(ground, scripts);
    auto& load = std::get<plan::LoadScripts>(plan.steps.back());
    load.must_remake_all = plan.is_protected && !options.drops_unlisted;
    load.must_keep_grants = plan.is_protected && !options.accepts_lost_grants;
    for (const std::string& part : unlisted) {
        plan.losses.push_back(part + ", which the files do not seem to make again");
    }
    return plan;
}

plan::Plan run_plan(const Context& context, const ReplacementTarget& ground,
                    const SetupScripts& scripts)
{
    const database::Survey& survey = ground.survey;
    const config::Project& project = context.settings.project();
    plan::Plan plan = plan_for(context, ground.target, survey, plan::Effect::adds);
    plan.steps = {lock_step(plan, survey), scripts.schema};
    add_checks(plan, project.checks);
    if (scripts.seeds) {
        plan.steps.push_back(*scripts.seeds);
        add_checks(plan, project.seed_checks);
    }
    if (survey.is_owner) {
        constexpr bool is_new = false;
        plan.steps.emplace_back(plan::WriteMarker{
            survey.database, marker_of_built(context, ground, scripts, is_new), {}, nullptr});
    }
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
