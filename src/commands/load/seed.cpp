#include "commands/load/load.hpp"
#include "operation/command_entry.hpp"

#include <memory>

#include <CLI/App.hpp>
#include <fmt/format.h>

namespace crudctl::commands {

namespace {

struct SeedOptions {
    std::vector<std::string> files; // instead of the project's
    ScriptOptions script;
    bool again = false; // also what was loaded before and is unchanged
};

void require_seeding_allowed(const Context& context)
{
    const config::Profile profile = context.settings.profile();
    if (profile.seed == config::SeedPolicy::never) {
        throw Error(ExitCode::refused,
                    fmt::format("profile \"{}\" is never seeded (seed = \"never\"); nothing was "
                                "changed",
                                profile.name));
    }
}

void declare_csv_options(CLI::App& command, ScriptOptions& options)
{
    auto* if_empty = command.add_flag_callback(
        "--if-empty", [&options] { options.csv_mode = script::CsvMode::if_empty; },
        "of a .csv: only into a table that has no row");
    auto* upsert = command.add_flag_callback(
        "--upsert", [&options] { options.csv_mode = script::CsvMode::upsert; },
        "of a .csv: update the rows whose primary key is there");
    command
        .add_option_function<std::string>(
            "--upsert-by",
            [&options](const std::string& constraint) {
                options.csv_mode = script::CsvMode::upsert;
                options.csv_constraint = constraint;
            },
            "the same by a unique constraint of the table")
        ->type_name("CONSTRAINT")
        ->excludes(if_empty);
    upsert->excludes(if_empty);
}

void run_seed(Context& context, const SeedOptions& options)
{
    require_seeding_allowed(context);
    load_into_target(
        context, {plan::ScriptKind::seeds, options.files, options.script, false, options.again});
}

void add_seed(CLI::App& command, Invocation& chosen)
{
    const auto options = std::make_shared<SeedOptions>();
    declare_live_script_options(command, options->files, options->script);
    declare_csv_options(command, options->script);
    command.add_flag("--again", options->again,
                     "load also what was loaded before and has not changed");
    runs(command, chosen, [options](Context& context) { run_seed(context, *options); });
}

} // namespace

extern const CommandEntry seed_command = {
    .name = "seed",
    .aliases = {"db-seed"},
    .group = "Database",
    .command_class = CommandClass::by_file,
    .takes_profile = TakesProfile::positional,
    .summary = "load the seeds, all or nothing",
    .example = "crudctl seed -f sql/demo.sql",
    .add = add_seed,
};

} // namespace crudctl::commands
