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

} // namespace

void add_seed(CLI::App& command, Invocation& chosen)
{
    const auto options = std::make_shared<SeedOptions>();
    command
        .add_option("-f,--file", options->files,
                    "load this file instead of the project's (repeatable)")
        ->type_name("FILE");
    command.callback([&chosen, options] {
        chosen.run = [options](Context& context) { run_seed(context, *options); };
    });
}

void run_seed(Context& context, const SeedOptions& options)
{
    require_seeding_allowed(context);
    const SharedScript script =
        read_scripts(context, options.files, context.settings.project().seeds, "project.seeds");
    load_into_target(context, script, plan::ScriptKind::seeds);
}

} // namespace crudctl::commands
