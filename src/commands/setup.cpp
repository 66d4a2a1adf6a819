#include "commands/commands.hpp"
#include "commands/groundwork.hpp"
#include "commands/instance_backup.hpp"
#include "commands/report.hpp"
#include "commands/run_plan.hpp"
#include "commands/scripts.hpp"
#include "commands/setup_plan.hpp"
#include "commands/target.hpp"
#include "support/text.hpp"

#include <memory>

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

std::size_t require_jobs(unsigned count)
{
    constexpr unsigned most = 64;
    if (count < 1 || count > most) {
        throw Error(ExitCode::usage, fmt::format("--jobs {} is not 1 to {}", count, most),
                    "as many as the server has processors to spare");
    }
    return count;
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

/// How large the new one will be nobody knows; where it does not fit, the old one stays.
void tell_room(Context& context, const database::Survey& survey)
{
    if (survey.room && survey.size && *survey.size > *survey.room) {
        context.console.warning(
            fmt::format("the old one takes {}, and the server's disk has {} left "
                        "for the new one",
                        size_text(*survey.size), size_text(*survey.room)));
    }
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
    auto* jobs =
        command
            .add_option_function<unsigned>(
                "--jobs", [options](unsigned count) { options->script.jobs = require_jobs(count); },
                "how many .csv of unrelated tables to load at once (default 1)")
            ->type_name("N");
    command
        .add_flag("--in-place", options->in_place,
                  "drop what this role owns and rebuild it, in one transaction: no undo")
        ->excludes(jobs);
    command.add_flag("--no-cache", options->rebuilds,
                     "load the schema's files even if nothing has changed");
    declare_snapshot_option(command, options->script.takes_snapshot);
    command.add_flag("--accept-lost-grants", options->accepts_lost_grants,
                     "replace a protected database even if roles lose rights by it");
    command.callback([&chosen, options] {
        chosen.run = [options](Context& context) { run_setup(context, *options); };
    });
}

void run_setup(Context& context, const SetupOptions& options)
{
    SetupScripts scripts = read_project(context, options);
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
        find_starts(context, scripts, ground);
    }
    plan::Plan plan = options.in_place ? in_place_plan(context, ground, scripts)
                                       : setup_plan(context, ground, scripts, options);
    plan.preparations = ground.preparations;
    if (options.script.takes_snapshot) {
        snapshot_first(plan, context, ground.target);
    }
    if (context.options.dry_run) {
        print_plan(context, plan);
        return;
    }
    plan::Circumstances circumstances = circumstances_of(context, ground.target, survey);
    circumstances.facts = live_facts(ground.connector, plan, survey, circumstances.protection);
    const database::Permit permit = permit_for(context, plan, circumstances);
    tell_loss(context, plan, circumstances.facts);
    tell_room(context, survey);

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
