#include "operation/carry_out.hpp"
#include "operation/command_entry.hpp"
#include "operation/report.hpp"
#include "operation/target.hpp"
#include "support/system/file.hpp"
#include "support/text/text.hpp"

#include <memory>
#include <sstream>
#include <string_view>

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace crudctl::commands {

namespace {

enum class ServerAction { start, stop, status, logs, remove };
struct ServerOptions {
    ServerAction action = ServerAction::status;
    std::size_t lines = 50; // of the log
};

constexpr std::size_t largest_log = 1U << 30;

/// What --dry-run found out, for people or for a program.
void print_dry_run(Context& context, std::string_view action, std::string_view text)
{
    const nlohmann::ordered_json document = {{"command", fmt::format("server {}", action)},
                                             {"message", text}};
    context.console.result(context.options.json ? document.dump(2) : std::string(text));
}

std::string_view would_start(server::Pending pending)
{
    switch (pending) {
    case server::Pending::make:
        return "server start would make the project's own server, and start it";
    case server::Pending::start:
        return "server start would start the project's own server";
    case server::Pending::nothing:
        break;
    }
    return "the project's own server runs: server start would do nothing";
}

void start(Context& context)
{
    server::LocalServer server = own_server(context);
    if (context.options.dry_run) {
        print_dry_run(context, "start", would_start(server.pending()));
        return;
    }
    server.ensure_running(
        [&](std::string_view step) { context.console.note(fmt::format("  server   {}", step)); });
    context.console.note(
        {{Style::green, fmt::format("the server runs on port {}", server.status().port)}});
}

void stop(Context& context)
{
    server::LocalServer server = own_server(context);
    if (context.options.dry_run) {
        print_dry_run(
            context, "stop",
            server.status().state == server::ServerState::running
                ? "server stop would end the sessions on the project's own server, and stop it"
                : "the project's own server does not run: server stop would do nothing");
        return;
    }
    context.console.note(server.stop() ? "the server is stopped" : "the server was not running");
}

void print_status(Context& context)
{
    const auto lines = own_server_lines(own_server(context).status());
    nlohmann::ordered_json document;
    std::string text;
    for (const auto& [label, value] : lines) {
        document[label] = value;
        text += fmt::format("{:<10} {}\n", label, printable(value));
    }
    context.console.result(context.options.json ? document.dump(2) : text);
}

std::string json_of_lines(const std::string& text)
{
    nlohmann::ordered_json document = nlohmann::ordered_json::array();
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        document.push_back(line);
    }
    return document.dump(2);
}

void print_log(Context& context, std::size_t lines)
{
    const std::filesystem::path path = own_server(context).log_file();
    const std::string text = read_file(path, largest_log).text;
    std::size_t start = text.size();
    for (std::size_t i = 0; i <= lines && start != std::string::npos && start > 0; ++i) {
        start = text.rfind('\n', start - 1);
    }
    const std::string end = printable(
        std::string_view(text).substr(start == std::string::npos ? 0 : start + 1), KeepLines::yes);
    context.console.result(context.options.json ? json_of_lines(end) : end);
}

/// All databases of the server at once, without a way back: somebody has to type its name.
void remove(Context& context)
{
    server::LocalServer server = own_server(context);
    const server::ServerStatus status = server.status();
    if (status.state == server::ServerState::absent) {
        context.console.note("there is no server to delete");
        return;
    }
    plan::Plan plan;
    plan.command = "server delete";
    plan.profile = "server";
    plan.database = context.settings.project().name;
    plan.target_text = status.data_directory.string();
    plan.effect = plan::Effect::past_undo;
    plan.losses = {"every database on the project's own server, and its log"};
    plan::Circumstances circumstances;
    circumstances.confirm = context.options.confirm;
    if (carry_out(context, plan, circumstances, [&] { server.remove(); })) {
        context.console.note({{Style::green, "the server and its data are gone"}});
    }
}

void add_action(CLI::App& command, const char* name, const char* summary,
                const std::shared_ptr<ServerOptions>& options, ServerAction action)
{
    command.add_subcommand(name, summary)->fallthrough()->callback([options, action] {
        options->action = action;
    });
}

void run_server(Context& context, const ServerOptions& options)
{
    switch (options.action) {
    case ServerAction::start:
        return start(context);
    case ServerAction::stop:
        return stop(context);
    case ServerAction::status:
        return print_status(context);
    case ServerAction::logs:
        return print_log(context, options.lines);
    case ServerAction::remove:
        return remove(context);
    }
}

void add_server(CLI::App& command, Invocation& chosen)
{
    const auto options = std::make_shared<ServerOptions>();
    add_action(command, "start", "make it if need be, and start it", options, ServerAction::start);
    add_action(command, "stop", "end its sessions and stop it", options, ServerAction::stop);
    add_action(command, "status", "where it is and whether it runs", options, ServerAction::status);
    add_action(command, "logs", "the end of its log", options, ServerAction::logs);
    add_action(command, "delete", "stop it and delete its data, past undo", options,
               ServerAction::remove);
    command.get_subcommand("logs")
        ->add_option("-n,--lines", options->lines, "how many lines (default 50)")
        ->type_name("N");
    command.require_subcommand(1);
    command.callback([&chosen, options] {
        if (options->action == ServerAction::status || options->action == ServerAction::logs) {
            chosen.action_class = CommandClass::reads;
        }
        chosen.run = [options](Context& context) { run_server(context, *options); };
    });
}

} // namespace

extern const CommandEntry server_command = {
    .name = "server",
    .aliases = {},
    .group = "Project",
    .command_class = CommandClass::destroys,
    .takes_profile = TakesProfile::no,
    .summary = "manage the project's own Postgres server",
    .example = "crudctl server stop",
    .add = add_server,
};

} // namespace crudctl::commands
