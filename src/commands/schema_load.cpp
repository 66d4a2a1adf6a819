#include "commands/commands.hpp"
#include "commands/scripts.hpp"

#include <memory>

#include <CLI/App.hpp>

namespace crudctl::commands {

void add_schema_load(CLI::App& command, Invocation& chosen)
{
    const auto options = std::make_shared<SchemaLoadOptions>();
    command
        .add_option("-f,--file", options->files,
                    "load this file instead of the project's (repeatable)")
        ->type_name("FILE");
    command.callback([&chosen, options] {
        chosen.run = [options](Context& context) { run_schema_load(context, *options); };
    });
}

void run_schema_load(Context& context, const SchemaLoadOptions& options)
{
    const SharedScript script =
        read_scripts(context, options.files, context.settings.project().schema, "project.schema");
    load_into_target(context, script, plan::ScriptKind::schema);
}

} // namespace crudctl::commands
