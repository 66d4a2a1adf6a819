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
    declare_live_script_options(command, options->files, options->script);
    command.callback([&chosen, options] {
        chosen.run = [options](Context& context) { run_seed(context, *options); };
    });
}

void run_seed(Context& context, const SeedOptions& options)
{
    require_seeding_allowed(context);
    load_into_target(context, {plan::ScriptKind::seeds, options.files, options.script});
}

} // namespace crudctl::commands
