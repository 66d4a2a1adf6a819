#include "config/profile/host_kind.hpp"
#include "operation/command_entry.hpp"
#include "operation/psql.hpp"
#include "operation/target.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <fmt/format.h>

namespace crudctl::commands {

namespace {

struct ConnectOptions {
    bool write = false;
    std::vector<std::string> psql_arguments;
};

/// By the file, by the profile's name, or by a public host whose profile says nothing: no log-in is
/// spent on asking the server.
bool is_protected(const Target& target)
{
    const config::Protection& protection = target.profile.protection;
    return protection.is_protected ||
           (!protection.is_declared_false && config::is_public_host(target.info.host()));
}

/// Within psql `\\connect` and SET lead out of a fence: that is for a person to know, and no
/// script's way out.
void require_person(const Context& context, const config::Fence& fence,
                    const std::vector<std::string>& arguments)
{
    if (fence.is_there() && (!arguments.empty() || !context.console.can_ask())) {
        throw Error(ExitCode::refused,
                    fmt::format("psql is opened for a person at a terminal alone, and without "
                                "arguments: {}",
                                fence.lines().front()));
    }
}

/// Becomes psql, so it returns only by throwing.
void run_connect(Context& context, const ConnectOptions& options)
{
    const config::Fence fence = context.settings.fence();
    require_person(context, fence, options.psql_arguments);
    const Target target = announced_target(context);
    PsqlSession session;
    session.info = start_own_server(context, target).with("application_name", "crudctl connect");
    session.arguments = options.psql_arguments;
    session.profile = target.profile.name;
    session.is_protected = is_protected(target);
    session.is_read_only = (session.is_protected && !options.write) || fence.is_read_only();
    if (fence.is_read_only()) {
        context.console.note(fence.lines().back());
    } else if (session.is_read_only) {
        context.console.note(fmt::format("the profile is protected: this session only reads{}",
                                         context.console.can_ask() ? "; --write lifts that" : ""));
    }
    context.console.finish();
    const int exit_code = attend_psql(session, context.settings.environment(), context.processes);
    context.exit_code = ExitCode{exit_code};
    if (exit_code == psql_bad_connection) {
        context.console.hint(doctor_text(context.options));
    }
}

/// Each time that the option is given it is psql's, too, in the order of the command line.
void pass_to_psql(CLI::App& command, const std::string& option, const std::string& description,
                  const std::string& type, ConnectOptions& options)
{
    const std::string name = option.substr(0, option.find(','));
    command
        .add_option_function<std::string>(
            option,
            [&options, name](const std::string& value) {
                options.psql_arguments.insert(options.psql_arguments.end(), {name, value});
            },
            description)
        ->type_name(type)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->trigger_on_parse();
}

void add_connect(CLI::App& command, Invocation& chosen)
{
    const auto options = std::make_shared<ConnectOptions>();
    command.add_flag("--write", options->write, "let a protected profile's session write");
    pass_to_psql(command, "-c,--command", "run this and leave (repeatable)", "SQL", *options);
    pass_to_psql(command, "-f,--file", "run this file and leave (repeatable)", "FILE", *options);
    command.callback([&chosen, options] {
        if (options->write) {
            chosen.action_class = CommandClass::by_file;
        }
        std::ranges::copy(chosen.rest, std::back_inserter(options->psql_arguments));
        chosen.run = [options](Context& context) { run_connect(context, *options); };
    });
}

} // namespace

extern const CommandEntry connect_command = {
    .name = "connect",
    .aliases = {"db-connect", "psql"},
    .group = "Database",
    .command_class = CommandClass::reads,
    .takes_profile = TakesProfile::positional,
    .summary = "open psql on the database",
    .example = "crudctl connect prod -c 'select now()'",
    .add = add_connect,
};

} // namespace crudctl::commands
