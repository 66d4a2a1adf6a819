#include "commands/setup/setup_plan.hpp"
#include "database/content.hpp"
#include "database/name.hpp"
#include "operation/carry_out.hpp"
#include "operation/command_entry.hpp"
#include "operation/program.hpp"
#include "operation/report.hpp"
#include "operation/script_steps.hpp"
#include "operation/target.hpp"
#include "support/text/text.hpp"
#include "support/text/time_text.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <CLI/App.hpp>
#include <fmt/format.h>

namespace crudctl::commands {

namespace {

struct EnsureOptions {
    ScriptOptions script;
    std::chrono::seconds budget{60}; // for the server to answer, and for other runs to end
};

using Clock = std::chrono::steady_clock;

enum class Presence { missing, empty, filled };

struct Found {
    Presence presence = Presence::missing;
    std::optional<database::Marker> marker;
};

/// One log-in and one round trip, in the database itself; where there is none, the log-in alone.
Found look(Connector& connector)
{
    try {
        const auto connection = connector.connect();
        database::ContentLook content = database::look_at_content(*connection);
        return {content.has_content ? Presence::filled : Presence::empty,
                std::move(content.marker)};
    } catch (const pg::ConnectError& error) {
        if (error.sqlstate() != pg::sqlstate::missing_database) {
            throw;
        }
    }
    return {};
}

std::string_view word_of(Presence presence)
{
    return presence == Presence::missing ? "missing" : "empty";
}

[[noreturn]] void refuse_to_make(const Target& target, Presence presence)
{
    throw Error(ExitCode::differs,
                fmt::format("{} is {} on {}; not {} it", target.info.database(), word_of(presence),
                            target.profile.name,
                            presence == Presence::missing ? "creating" : "filling"),
                target.profile.protection.is_protected
                    ? command_text(target, "setup") + " does, and asks before"
                    : "the server knows it as protected: use the profile that is meant for it");
}

/// Whether the schema's files are others than it was built from. A file that can't be read is no
/// reason to fail: the database is there.
bool is_of_former_files(const Context& context, const EnsureOptions& options, const Found& found)
{
    if (!found.marker || !found.marker->built || found.marker->built->files.empty()) {
        return false;
    }
    try {
        constexpr bool is_aside = true;
        const config::Project& project = context.settings.project();
        const plan::Step schema =
            project.has_schema_program()
                ? program_step(project, plan::ScriptKind::schema)
                : unexplained_script_step(context,
                                          {plan::ScriptKind::schema, {}, options.script, is_aside});
        return digest_of_files(schema) != found.marker->built->files;
    } catch (const Error& error) {
        context.console.warning(error.what());
        return false;
    }
}

void report_there(Context& context, const Target& target, const EnsureOptions& options,
                  const Found& found)
{
    report_no_change(
        context, target,
        fmt::format("{} is there{}", target.info.database(),
                    is_of_former_files(context, options, found)
                        ? fmt::format(", though the schema's files have changed since it was built "
                                      "({} builds it anew)",
                                      command_text(target, "setup"))
                        : ""));
}

/// Nobody is asked: where somebody would be, the seeds stay out.
bool wants_seeds(Context& context, const Target& target)
{
    if (target.profile.seed == config::SeedPolicy::ask) {
        context.console.note("  seeds    not loaded: this command does not ask; crudctl seed loads "
                             "them");
    }
    return target.profile.seed == config::SeedPolicy::always;
}

/// No program makes schema or seeds.
bool has_files_alone(const config::Project& project)
{
    return !project.has_schema_program() && !project.has_seed_program();
}

/// The whole database where it is missing, its content where it is empty.
plan::Plan plan_of(const Context& context, ReplacementTarget& ground, SetupScripts& scripts,
                   const EnsureOptions& options)
{
    if (ground.survey.exists) {
        database::require_primary(ground.survey);
        database::require_own_session(ground.survey);
        return has_files_alone(context.settings.project()) ? fill_plan(context, ground, scripts)
                                                           : run_plan(context, ground, scripts);
    }
    require_replaceable(ground.survey);
    find_cached_builds(context, scripts, ground);
    SetupOptions as_setup;
    as_setup.script = options.script;
    return setup_plan(context, ground, scripts, as_setup);
}

void make(Context& context, const EnsureOptions& options, Presence presence,
          Clock::time_point deadline)
{
    SetupOptions as_setup;
    as_setup.script = options.script;
    as_setup.in_place = presence == Presence::empty && has_files_alone(context.settings.project());
    SetupScripts scripts = read_project(context, as_setup);
    ReplacementTarget ground(context, role_names_of(scripts));
    const plan::Circumstances circumstances =
        circumstances_of(context, ground.target, ground.survey);
    if (circumstances.protection || circumstances.same_database) {
        refuse_to_make(ground.target, presence);
    }
    if (ground.maintenance && ground.survey.exists != (presence == Presence::empty)) {
        throw Error(ExitCode::busy, "another run made or dropped the database meanwhile");
    }
    if (!wants_seeds(context, ground.target)) {
        scripts.seeds.reset();
    }
    plan::Plan plan = plan_of(context, ground, scripts, options);
    plan.preparations = ground.preparations;

    Operation operation;
    operation.plan = std::move(plan);
    operation.circumstances = [&](const plan::Plan& /*plan*/) { return circumstances; };
    operation.adapt = [&](plan::Runtime& runtime) {
        runtime.lock_timeout =
            std::max(std::chrono::seconds(0),
                     std::chrono::duration_cast<std::chrono::seconds>(deadline - Clock::now()));
    };
    operation.sentence = [&](const plan::Outcome& outcome) {
        return fmt::format("{}: {}, {}", ground.survey.database, built_text(outcome),
                           duration_text(context.elapsed().count()));
    };
    carry_out(context, ground.connector, ground.maintenance, std::move(operation));
}

void take_budget(const std::string& text, EnsureOptions& options)
{
    const auto budget = parse_duration(text);
    if (!budget) {
        throw Error(ExitCode::usage, fmt::format("--budget \"{}\" is no time", printable(text)),
                    "write seconds, or 90s, 2m");
    }
    options.budget = *budget;
}

/// Another run that was quicker shows as one that holds the lock too long, or as something that is
/// suddenly there.
bool may_be_anothers_doing(const Error& error)
{
    return error.code() == ExitCode::busy || error.code() == ExitCode::failed;
}

void ensure(Context& context, const EnsureOptions& options)
{
    const auto deadline = Clock::now() + options.budget;
    const Target target = find_target(context);
    database::check_own_name(target.info.database(), target.profile.maintenance_database);
    Connector connector(context, target);
    for (;;) {
        const Found found = look(connector);
        if (found.presence == Presence::filled) {
            report_there(context, target, options, found);
            return;
        }
        if (target.profile.protection.is_protected) {
            refuse_to_make(target, found.presence);
        }
        try {
            make(context, options, found.presence, deadline);
            return;
        } catch (const Error& error) {
            const bool may_try_again =
                may_be_anothers_doing(error) && Clock::now() < deadline &&
                (error.code() == ExitCode::busy || look(connector).presence == Presence::filled);
            if (!may_try_again) {
                throw;
            }
        }
    }
}

/// For start-up hooks: it destroys nothing and asks nothing.
void run_ensure(Context& context, const EnsureOptions& options)
{
    GlobalOptions patient = context.options;
    patient.wait = std::max(patient.wait.value_or(options.budget), options.budget);
    Context waiting{context.command, context.command_class, patient,        context.settings,
                    context.console, context.processes,     context.started};
    ensure(waiting, options);
}

void add_ensure(CLI::App& command, Invocation& chosen)
{
    const auto options = std::make_shared<EnsureOptions>();
    declare_script_options(command, options->script);
    command
        .add_option_function<std::string>(
            "--budget", [options](const std::string& text) { take_budget(text, *options); },
            "how long to wait for the server, and for other runs (default 60s)")
        ->type_name("TIME");
    runs(command, chosen, [options](Context& context) { run_ensure(context, *options); });
}

} // namespace

extern const CommandEntry ensure_command = {
    .name = "ensure",
    .aliases = {},
    .group = "Database",
    .command_class = CommandClass::adds,
    .takes_profile = TakesProfile::positional,
    .summary = "make and fill the database if missing or empty",
    .example = "crudctl ensure --budget 2m",
    .add = add_ensure,
};

} // namespace crudctl::commands
