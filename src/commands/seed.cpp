#include "commands/commands.hpp"
#include "commands/scripts.hpp"

#include <memory>

#include <CLI/App.hpp>
#include <fmt/format.h>

namespace crudctl::commands {

namespace {

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

} // namespace

void add_seed(CLI::App& command, Invocation& chosen)
{
    const auto options = std::make_shared<SeedOptions>();
    declare_live_script_options(command, options->files, options->script);
    declare_csv_options(command, options->script);
    command.add_flag("--again", options->again,
                     "load also what was loaded before and has not changed");
    command.callback([&chosen, options] {
        chosen.run = [options](Context& context) { run_seed(context, *options); };
    });
}

void run_seed(Context& context, const SeedOptions& options)
{
    require_seeding_allowed(context);
    load_into_target(
        context, {plan::ScriptKind::seeds, options.files, options.script, false, options.again});
}

} // namespace crudctl::commands
