#include "commands/rds/instance.hpp"
#include "operation/command_entry.hpp"

#include <memory>

#include <CLI/App.hpp>

namespace crudctl::commands {

namespace {

enum class RdsAction { status, start, stop, create, remove };
struct RdsOptions {
    RdsAction action = RdsAction::status;
    bool has_final_snapshot = true; // of what is deleted
};

CLI::App& add_action(CLI::App& command, const char* name, const char* summary,
                     const std::shared_ptr<RdsOptions>& options, RdsAction action)
{
    CLI::App* added = command.add_subcommand(name, summary)->fallthrough();
    added->callback([options, action] { options->action = action; });
    return *added;
}

/// Needs no server, and no database.
void run_rds(Context& context, const RdsOptions& options)
{
    InstanceCommand command(context);
    switch (options.action) {
    case RdsAction::status:
        return command.status();
    case RdsAction::start:
        return command.start();
    case RdsAction::stop:
        return command.stop();
    case RdsAction::create:
        return command.create();
    case RdsAction::remove:
        return command.remove(options.has_final_snapshot ? FinalSnapshot::taken
                                                         : FinalSnapshot::none);
    }
}

void add_rds(CLI::App& command, Invocation& chosen)
{
    const auto options = std::make_shared<RdsOptions>();
    add_action(command, "status", "what it is, and whether it runs", options, RdsAction::status);
    add_action(command, "start", "start it, where it is stopped", options, RdsAction::start);
    add_action(command, "stop", "end its sessions and stop it, for 7 days at most", options,
               RdsAction::stop);
    add_action(command, "create", "make it by the profile's settings; it bills until it is deleted",
               options, RdsAction::create);
    add_action(command, "delete", "delete it for good; a final snapshot stays", options,
               RdsAction::remove)
        .add_flag_callback(
            "--no-final-snapshot", [options] { options->has_final_snapshot = false; },
            "leave nothing of it");
    command.require_subcommand(1);
    command.callback([&chosen, options] {
        if (options->action == RdsAction::status) {
            chosen.action_class = CommandClass::reads;
        }
        chosen.run = [options](Context& context) { run_rds(context, *options); };
    });
}

} // namespace

extern const CommandEntry rds_command = {
    .name = "rds",
    .aliases = {},
    .group = "AWS",
    .command_class = CommandClass::destroys,
    .takes_profile = TakesProfile::no,
    .summary = "show, make, start, stop or delete the RDS instance",
    .example = "crudctl rds start -p prod --wait=15m",
    .add = add_rds,
};

} // namespace crudctl::commands
