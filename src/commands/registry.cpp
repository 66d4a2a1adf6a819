#include "commands/registry.hpp"

#include "commands/commands.hpp"

#include <algorithm>
#include <stdexcept>

namespace crudctl::commands {

namespace {

using enum CommandClass;
using enum TakesProfile;

const std::vector<CommandEntry> entries = {
    {"setup",
     {"db-setup", "reset"},
     "Database",
     destroys,
     positional,
     "(re)build the database: create, schema, seeds, checks",
     "crudctl setup",
     add_setup},
    {"ensure",
     {},
     "Database",
     adds,
     positional,
     "make and fill the database if missing or empty",
     "crudctl ensure --budget 2m",
     add_ensure},
    {"create",
     {"db-create"},
     "Database",
     adds,
     positional,
     "create the database, empty",
     "crudctl create -d scratch",
     add_create},
    {"drop",
     {"db-drop"},
     "Database",
     destroys,
     positional,
     "end the sessions on the database and set it aside",
     "crudctl drop -d scratch",
     add_drop},
    {"schema-load",
     {"db-schema-load"},
     "Database",
     by_file,
     positional,
     "load the schema into the database, all or nothing",
     "crudctl schema-load --dry-run",
     add_schema_load},
    {"seed",
     {"db-seed"},
     "Database",
     by_file,
     positional,
     "load the seeds, all or nothing",
     "crudctl seed -f sql/demo.sql",
     add_seed},
    {"connect",
     {"db-connect"},
     "Database",
     reads,
     positional,
     "open psql on the database",
     "crudctl connect prod -- -c 'select now()'",
     add_connect},
    {"sessions",
     {"db-sessions"},
     "Database",
     reads,
     positional,
     "show who is connected",
     "crudctl sessions --json",
     add_sessions},
    {"undo",
     {},
     "Safety",
     destroys,
     no,
     "bring back what was set aside, or a saved copy",
     "crudctl undo",
     add_undo},
    {"save",
     {},
     "Safety",
     disrupts,
     no,
     "keep a copy of the database under a name",
     "crudctl save before-demo",
     add_save},
    {"copies",
     {},
     "Safety",
     destroys,
     positional,
     "show what was set aside or saved, or delete it",
     "crudctl copies --prune --older-than 7d",
     add_copies},
    {"mark",
     {},
     "Safety",
     disrupts,
     positional,
     "show or say what the database is: prod, staging, dev",
     "crudctl mark prod --locked 'release'",
     add_mark},
    {"history",
     {},
     "Safety",
     reads,
     positional,
     "show what was changed, when and by whom",
     "crudctl history --limit 50",
     add_history},
    {"status",
     {},
     "Look",
     reads,
     positional,
     "show where a command would work, and what is there",
     "crudctl status prod",
     add_status},
    {"doctor",
     {},
     "Look",
     reads,
     positional,
     "find out why there is no connection, step by step",
     "crudctl doctor prod",
     add_doctor},
    {"url",
     {},
     "Look",
     reads,
     positional,
     "print the URL that an application connects with",
     "export DATABASE_URL=$(crudctl url)",
     add_url},
    {"config",
     {},
     "Look",
     reads,
     positional,
     "show every setting and where it comes from",
     "crudctl config --json",
     add_config},
    {"init",
     {},
     "Project",
     none,
     no,
     "write a crudctl.toml, or a workspace's start-up hook",
     "crudctl init --hook codespaces --print",
     add_init},
    {"query",
     {},
     "Project",
     by_file,
     no,
     "run a named SQL file with bound parameters",
     "crudctl query users/show handle=ada",
     add_query},
    {"server",
     {},
     "Project",
     destroys,
     no,
     "manage the project's own Postgres server",
     "crudctl server stop",
     add_server},
    {"update-sg-rule",
     {"rds-update-sg-rule"},
     "AWS",
     adds,
     positional,
     "let this workspace's address in to the database",
     "crudctl update-sg-rule prod --best-effort",
     add_update_sg_rule},
    {"rds",
     {},
     "AWS",
     destroys,
     no,
     "show, make, start, stop or delete the RDS instance",
     "crudctl rds start -p prod --wait=15m",
     add_rds},
    {"lambda",
     {},
     "AWS",
     adds,
     no,
     "be Cognito's trigger on AWS Lambda; try it, package it",
     "crudctl lambda invoke event.json -p prod",
     add_lambda},
};

} // namespace

std::string_view class_name(CommandClass command_class)
{
    switch (command_class) {
    case CommandClass::reads:
        return "reads";
    case CommandClass::adds:
        return "adds";
    case CommandClass::disrupts:
        return "disrupts";
    case CommandClass::destroys:
        return "destroys";
    case CommandClass::none:
        return "–";
    case CommandClass::by_file:
        break;
    }
    return "by file";
}

plan::Effect worst_effect(CommandClass command_class)
{
    switch (command_class) {
    case CommandClass::none:
    case CommandClass::reads:
        return plan::Effect::reads;
    case CommandClass::adds:
        return plan::Effect::adds;
    case CommandClass::disrupts:
        return plan::Effect::disrupts;
    case CommandClass::by_file:
        return plan::Effect::destroys;
    case CommandClass::destroys:
        break;
    }
    return plan::Effect::past_undo;
}

std::span<const CommandEntry> registry()
{
    return entries;
}

const CommandEntry& registered(std::string_view name)
{
    const auto found = std::find_if(entries.begin(), entries.end(),
                                    [&](const CommandEntry& entry) { return entry.name == name; });
    if (found == entries.end()) {
        throw std::logic_error("there is no command " + std::string(name));
    }
    return *found;
}

} // namespace crudctl::commands
