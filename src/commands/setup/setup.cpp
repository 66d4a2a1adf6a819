#include "commands/setup/setup_plan.hpp"
#include "operation/carry_out.hpp"
#include "operation/command_entry.hpp"
#include "operation/rds_backup.hpp"
#include "operation/replacement_target.hpp"
#include "operation/report.hpp"
#include "operation/script_steps.hpp"
#include "operation/target.hpp"
#include "support/text/text.hpp"

#include <memory>
#include <utility>

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
void print_room(Context& context, const database::Survey& survey)
{
    if (survey.room && survey.size && *survey.size > *survey.room) {
        context.console.warning(
            fmt::format("the old one takes {}, and the server's disk has {} left "
                        "for the new one",
                        size_text(*survey.size), size_text(*survey.room)));
    }
}

void run_setup(Context& context, const SetupOptions& options)
{
    SetupScripts scripts = read_project(context, options);
    ReplacementTarget ground(context, role_names_of(scripts));
    const database::Survey& survey = ground.survey;
    if (options.in_place) {
        require_emptiable(survey);
    } else {
        require_replaceable(survey);
        require_undistributed(ground);
    }
    if (scripts.seeds && !decide_seeding(context, ground.target, options.seeding)) {
        scripts.seeds.reset();
    }
    if (!options.in_place && !protection_of(ground.target, survey)) {
        find_cached_builds(context, scripts, ground);
    }
    plan::Plan plan = options.in_place ? in_place_plan(context, ground, scripts, options)
                                       : setup_plan(context, ground, scripts, options);
    plan.preparations = ground.preparations;

    Operation operation;
    operation.plan = std::move(plan);
    operation.takes_snapshot = options.script.takes_snapshot;
    operation.circumstances = [&](const plan::Plan& to_judge) {
        return circumstances_with_facts(ground.connector, to_judge, survey);
    };
    operation.adapt = [&, kept = operation.plan.kept](plan::Runtime& runtime) {
        for (const std::string& part : kept) {
            context.console.note(
                fmt::format("  note     kept from the old database: {}", printable(part)));
        }
        print_room(context, survey);
        runtime.lock_timeout = options.lock_timeout;
    };
    operation.sentence = [&](const plan::Outcome& outcome) {
        return fmt::format("{}: {}, {}{}{}", survey.database, built_text(outcome),
                           duration_text(context.elapsed().count()), ended_text(outcome),
                           undo_hint(ground.target, outcome));
    };
    const auto outcome =
        carry_out(context, ground.connector, ground.maintenance, std::move(operation));
    if (outcome && !survey.exists && !ground.target.profile.protection.is_protected) {
        context.console.note(fmt::format("your application: export DATABASE_URL=$({})",
                                         command_text(ground.target, "url")));
    }
}

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
    auto* in_place =
        command
            .add_flag("--in-place", options->in_place,
                      "drop what this role owns and rebuild it, in one transaction: no undo")
            ->excludes(jobs);
    command
        .add_flag("--drop-unlisted", options->drops_unlisted,
                  "in place, drop of a protected database also what the files do not make again")
        ->needs(in_place);
    command.add_flag("--no-cache", options->rebuilds,
                     "load the schema's files even if nothing has changed");
    declare_snapshot_option(command, options->script.takes_snapshot);
    command.add_flag("--accept-lost-grants", options->accepts_lost_grants,
                     "replace a protected database even if roles lose rights by it");
    runs(command, chosen, [options](Context& context) { run_setup(context, *options); });
}

} // namespace

extern const CommandEntry setup_command = {
    .name = "setup",
    .aliases = {"db-setup", "reset"},
    .group = "Database",
    .command_class = CommandClass::destroys,
    .takes_profile = TakesProfile::positional,
    .summary = "(re)build the database: create, schema, seeds, checks",
    .example = "crudctl setup",
    .add = add_setup,
};

} // namespace crudctl::commands
