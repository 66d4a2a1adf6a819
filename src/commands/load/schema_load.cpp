#include "commands/load/load.hpp"
#include "operation/command_entry.hpp"

#include <memory>

#include <CLI/App.hpp>

namespace crudctl::commands {

namespace {

struct SchemaLoadOptions {
    std::vector<std::string> files; // instead of the project's
    ScriptOptions script;
};

void run_schema_load(Context& context, const SchemaLoadOptions& options)
{
    load_into_target(context, {plan::ScriptKind::schema, options.files, options.script});
}

void add_schema_load(CLI::App& command, Invocation& chosen)
{
    const auto options = std::make_shared<SchemaLoadOptions>();
    declare_live_script_options(command, options->files, options->script);
    runs(command, chosen, [options](Context& context) { run_schema_load(context, *options); });
}

} // namespace

extern const CommandEntry schema_load_command = {
    .name = "schema-load",
    .aliases = {"db-schema-load"},
    .group = "Database",
    .command_class = CommandClass::by_file,
    .takes_profile = TakesProfile::positional,
    .summary = "load the schema into the database, all or nothing",
    .example = "crudctl schema-load --dry-run",
    .add = add_schema_load,
};

} // namespace crudctl::commands
