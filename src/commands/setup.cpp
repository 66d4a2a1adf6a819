#include "commands/commands.hpp"
#include "commands/groundwork.hpp"
#include "commands/marking.hpp"
#include "commands/report.hpp"
#include "commands/run_plan.hpp"
#include "commands/schema_cache.hpp"
#include "commands/scripts.hpp"
#include "commands/target.hpp"
#include "support/text.hpp"

#include <memory>
#include <optional>

#include <CLI/App.hpp>
#include <fmt/format.h>

namespace crudctl::commands {

namespace {

/// Whether the seeds go in: the flag, else the profile; `ask` without anybody to ask is no, and so
/// it is for --dry-run, so that the plan is the one of a run that nobody is asked in.
bool decide_seeding(Context& context, const Target& target, Seeding seeding)
{
    if (seeding != Seeding::by_profile) {
        return seeding == Seeding::yes;
    }
    if (target.profile.seed != config::SeedPolicy::ask) {
        return target.profile.seed != config::SeedPolicy::never;
    }
    if (context.options.dry_run || !context.console.can_ask()) {
        context.console.note(context.options.dry_run
                                 ? "  seeds    not loaded unless somebody is asked; or by --seed"
                                 : "  seeds    not loaded: nobody can be asked here; --seed loads "
                                   "them");
        return false;
    }
    const auto answer = context.console.ask("Load the seeds too? Type yes, anything else is no: ");
    return answer == "yes";
}

/// What a build loads; no seeds where none are to be loaded.
struct Scripts {
    plan::Step schema;
    std::optional<plan::Step> seeds;
    std::string schema_key;               // empty: it is neither kept nor taken from what was
    const database::Copy* kept = nullptr; // what the schema's files lead to, if it was built before
};

/// Both are read whatever is decided of the seeds later, so that a bad file shows before a
/// question.
Scripts read_project(const Context& context, const SetupOptions& options)
{
    const bool is_aside = !options.in_place;
    Scripts scripts;
    scripts.schema = script_step(context, {plan::ScriptKind::schema, {}, options.script, is_aside});
    if (!context.settings.project().seeds.empty()) {
        scripts.seeds =
            script_step(context, {plan::ScriptKind::seeds, {}, options.script, is_aside});
    }
    return scripts;
}

/// Built beside the old one and named like it only when everything, checks included, has passed.
plan::Plan setup_plan(const Context& context, const Target& target, const database::Survey& survey,
                      const Scripts& scripts, const SetupOptions& options)
{
    const config::Project& project = context.settings.project();
    plan::Plan plan = plan_for(context, target, survey,
                               survey.exists ? plan::Effect::destroys : plan::Effect::adds);
    const auto add_checks = [&](const std::vector<std::string>& queries) {
        if (!queries.empty()) {
            plan.steps.emplace_back(plan::RunChecks{queries});
        }
    };
    const bool copies_schema = scripts.kept != nullptr && !options.rebuilds;
    plan.steps = {lock_step(survey),
                  plan::BuildAside{survey.database, copies_schema ? scripts.kept->name : ""}};
    if (!copies_schema) {
        plan.steps.push_back(scripts.schema);
    }
    add_checks(project.checks);
    keep_schema(plan, survey, scripts.schema_key);
    if (scripts.seeds) {
        plan.steps.push_back(*scripts.seeds);
        add_checks(project.seed_checks);
    }
    database::Marker marker = marker_for_new(target, survey);
    marker.built = build_of(context, survey);
    marker.built->files = scripts.schema_key;
    marker.seeds = scripts.seeds ? digests_of(*scripts.seeds) : marker.seeds;
    if (plan.is_protected && survey.exists) {
        plan.steps.emplace_back(plan::CompareContent{options.accepts_lost_grants});
    }
    plan.steps.emplace_back(plan::TakeName{survey.database, {}, marker});
    if (survey.exists) {
        plan.losses = {loss_text(survey)};
        plan.undo_reaches = true;
        prune_after(plan, survey);
    }
    if (!plan.is_protected) {
        drop_stale_schemas(plan, survey, scripts.schema_key, scripts.kept);
    }
    return plan;
}

/// For a database that this role may not replace: schema, seeds and checks in one transaction over
/// what is emptied in it. Nothing is set aside.
plan::Plan in_place_plan(const Context& context, const Target& target,
                         const database::Survey& survey, const Scripts& scripts,
                         const SetupOptions& options)
{
    const config::Project& project = context.settings.project();
    plan::Plan plan = plan_for(context, target, survey, plan::Effect::past_undo);
    plan::LoadScripts load = whole_project(context, options.script, scripts.seeds.has_value());
    load.is_emptied_first = true;
    load.checks = project.checks;
    database::Marker marker = marker_for_new(target, survey);
    marker.oid = survey.oid;
    marker.built = build_of(context, survey);
    if (scripts.seeds) {
        load.checks.insert(load.checks.end(), project.seed_checks.begin(),
                           project.seed_checks.end());
        marker.seeds = digests_of(*scripts.seeds);
    }
    plan.steps = {lock_step(survey), load};
    if (survey.is_owner) {
        plan.steps.emplace_back(plan::WriteMarker{survey.database, marker});
    }
    plan.losses = {fmt::format("what role \"{}\" owns in {}", survey.role, loss_text(survey))};
    return plan;
}

void require_emptiable(const database::Survey& survey)
{
    database::require_primary(survey);
    database::require_own_session(survey);
    if (!survey.exists) {
        throw Error(
            ExitCode::connection,
            fmt::format("there is no database \"{}\" to rebuild in place", survey.database));
    }
}

void declare_seeding(CLI::App& command, SetupOptions& options)
{
    auto* seed = command.add_flag_callback(
        "--seed", [&options] { options.seeding = Seeding::yes; },
        "load the seeds, whatever the profile says");
    command
        .add_flag_callback(
            "--no-seed", [&options] { options.seeding = Seeding::no; }, "load no seeds")
        ->excludes(seed);
}

} // namespace

void add_setup(CLI::App& command, Invocation& chosen)
{
    const auto options = std::make_shared<SetupOptions>();
    declare_seeding(command, *options);
    declare_script_options(command, options->script);
    command
        .add_option_function<unsigned>(
            "--lock-timeout",
            [options](unsigned seconds) { options->lock_timeout = std::chrono::seconds(seconds); },
            "how long to wait for another run on the same database (default 30)")
        ->type_name("SECONDS");
    command.add_flag("--in-place", options->in_place,
                     "drop what this role owns and rebuild it, in one transaction: no undo");
    command.add_flag("--no-cache", options->rebuilds,
                     "load the schema's files even if nothing has changed");
    command.add_flag("--accept-lost-grants", options->accepts_lost_grants,
                     "replace a protected database even if roles lose rights by it");
    command.callback([&chosen, options] {
        chosen.run = [options](Context& context) { run_setup(context, *options); };
    });
}

void run_setup(Context& context, const SetupOptions& options)
{
    Scripts scripts = read_project(context, options);
    Groundwork ground(context);
    const database::Survey& survey = ground.survey;
    if (options.in_place) {
        require_emptiable(survey);
    } else {
        require_replaceable(survey);
    }
    if (scripts.seeds && !decide_seeding(context, ground.target, options.seeding)) {
        scripts.seeds.reset();
    }
    if (!options.in_place && !protection_of(ground.target, survey)) {
        scripts.schema_key = schema_key(scripts.schema, survey);
        scripts.kept = ground.maintenance
                           ? kept_schema(*ground.maintenance, survey, scripts.schema_key)
                           : nullptr;
    }
    plan::Plan plan = options.in_place
                          ? in_place_plan(context, ground.target, survey, scripts, options)
                          : setup_plan(context, ground.target, survey, scripts, options);
    plan.preparations = ground.preparations;
    if (context.options.dry_run) {
        print_plan(context, plan);
        return;
    }
    plan::Circumstances circumstances = circumstances_of(context, ground.target, survey);
    circumstances.facts = live_facts(ground.connector, survey, circumstances.protection);
    const database::Permit permit = permit_for(context, plan, circumstances);
    tell_loss(context, plan, circumstances.facts);

    plan::Runtime runtime = runtime_for(context, ground.connector, *ground.maintenance);
    runtime.lock_timeout = options.lock_timeout;
    const plan::Outcome outcome = run_plan(context, plan, permit, runtime);
    report_change(context, ground.target, outcome,
                  fmt::format("{}: {}, {}{}{}", survey.database,
                              database::contents_text(outcome.tables),
                              duration_text(context.elapsed().count()), ended_text(outcome),
                              undo_hint(ground.target, outcome)));
}

} // namespace crudctl::commands
