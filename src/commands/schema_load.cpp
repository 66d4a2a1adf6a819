#include "commands/commands.hpp"
#include "commands/scripts.hpp"

#include <memory>

#include <CLI/App.hpp>

namespace crudctl::commands {

void add_schema_load(CLI::App& command, Invocation& chosen)
{
    const auto options = std::make_shared<SchemaLoadOptions>();
    declare_live_script_options(command, options->files, options->script);
    command.callback([&chosen, options] {
        chosen.run = [options](Context& context) { run_schema_load(context, *options); };
    });
}

void run_schema_load(Context& context, const SchemaLoadOptions& options)
{
    load_into_target(context, {plan::ScriptKind::schema, options.files, options.script});
}

} // namespace crudctl::commands
