#include "commands/commands.hpp"
#include "commands/psql.hpp"
#include "commands/target.hpp"
#include "config/host_kind.hpp"

#include <memory>

#include <CLI/App.hpp>

namespace crudctl::commands {

namespace {

/// By the file, by the profile's name, or by a public host whose profile says nothing: no log-in is
/// spent on asking the server.
bool is_protected(const Target& target)
{
    const config::Protection& protection = target.profile.protection;
    return protection.is_protected ||
           (!protection.is_declared_false && config::is_public_host(target.info.host()));
}

} // namespace

void add_connect(CLI::App& command, Invocation& chosen)
{
    const auto options = std::make_shared<ConnectOptions>();
    command.add_flag("--write", options->write, "let a protected profile's session write");
    command.callback([&chosen, options] {
        options->psql_arguments = chosen.rest;
        chosen.run = [options](Context& context) { run_connect(context, *options); };
    });
}

void run_connect(Context& context, const ConnectOptions& options)
{
    const Target target = announced_target(context);
    PsqlSession session;
    session.info = start_own_server(context, target).with("application_name", "crudctl connect");
    session.arguments = options.psql_arguments;
    session.profile = target.profile.name;
    session.is_protected = is_protected(target);
    session.is_read_only = session.is_protected && !options.write;
    if (session.is_read_only) {
        context.console.note(
            "the profile is protected: this session only reads; --write lifts that");
    }
    context.console.finish();
    const int exit_code = attend_psql(session, context.settings.environment(), context.processes);
    context.exit_code = ExitCode{exit_code};
    if (exit_code == psql_bad_connection) {
        context.console.hint(doctor_text(context.options));
    }
}

} // namespace crudctl::commands
