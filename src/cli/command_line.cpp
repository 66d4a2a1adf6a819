#include "cli/command_line.hpp"

#include "cli/help.hpp"
#include "commands/registry.hpp"
#include "support/error.hpp"
#include "support/text/time_text.hpp"
#include "version.hpp"

#include <algorithm>
#include <utility>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <libpq-fe.h>

namespace crudctl::cli {

namespace {

using commands::CommandEntry;
using commands::GlobalOptions;
using commands::Invocation;

void declare_target_options(CLI::App& app, GlobalOptions& options)
{
    app.add_option("--config", options.config_file, "the configuration file")->type_name("FILE");
    app.add_option("-p,--profile", options.profile, "the profile, like the positional PROFILE")
        ->type_name("NAME");
    app.add_option("-d,--database", options.database, "another database on the profile's server")
        ->type_name("NAME");
    app.add_option("--confirm", options.confirm, "answer the guard; mark: plan, terminal")
        ->type_name("NAME@PROFILE");
    app.add_option_function<std::string>(
           "--connect-timeout",
           [&options](const std::string& text) {
               const auto seconds = duration(text, "--connect-timeout").count();
               options.connect_timeout = static_cast<int>(seconds);
           },
           "for each address of the server (default 10)")
        ->type_name("TIME");
    // A flag with a value, so that `--wait prod` leaves the profile alone.
    app.add_flag("--wait{60s}")->description("until the server accepts log-ins; --wait=5m");
}

void declare_output_options(CLI::App& app, GlobalOptions& options)
{
    app.add_flag("--dry-run", options.dry_run, "print the plan, change nothing");
    app.add_flag("--json", options.json, "report as JSON on stdout");
    auto* quiet = app.add_flag_callback(
        "-q,--quiet", [&options] { options.verbosity = Verbosity::quiet; },
        "only warnings and errors on stderr");
    app.add_flag_callback(
           "-v,--verbose", [&options] { options.verbosity = Verbosity::verbose; },
           "each query with its time")
        ->excludes(quiet);
    app.add_option_function<std::string>(
           "--color", [&options](const std::string& word) { options.color = color_mode(word); },
           "auto (a terminal without NO_COLOR), always, never")
        ->type_name("WHEN");
    app.add_flag("-V,--version")->description("print versions");
}

void declare_command(CLI::App& app, const CommandEntry& entry, Invocation& chosen)
{
    CLI::App* command = app.add_subcommand(entry.name, entry.summary);
    for (const std::string& alias : entry.aliases) {
        command->alias(alias);
    }
    command->fallthrough();
    if (entry.takes_profile == commands::TakesProfile::positional) {
        command->add_option("PROFILE", chosen.positional_profile,
                            "the profile (default: $CRUDCTL_PROFILE, else local)");
    }
    entry.add(*command, chosen);
}

std::string version_text()
{
    const int libpq = PQlibVersion();
    return fmt::format("crudctl {} (libpq {}.{}, {})\n", version, libpq / 10000, libpq % 10000,
                       compiler);
}

std::string help_for(const CLI::App& app)
{
    const auto chosen = app.get_subcommands();
    return chosen.empty()
               ? main_help(app)
               : command_help(*chosen.front(), commands::registered(chosen.front()->get_name()));
}

void take_profile(Invocation& chosen)
{
    auto& by_option = chosen.options.profile;
    const auto& by_position = chosen.positional_profile;
    if (by_option && by_position && *by_option != *by_position) {
        throw Error(ExitCode::usage, fmt::format("two profiles are named: \"{}\" and \"{}\"",
                                                 *by_option, *by_position));
    }
    if (by_position) {
        by_option = by_position;
    }
    if (by_option && by_option->empty()) {
        throw Error(ExitCode::usage, "the profile's name is empty");
    }
}

/// Cuts off what follows `--`: for psql, and for nobody else.
std::vector<std::string> take_rest(std::vector<std::string>& arguments)
{
    const auto separator = std::find(arguments.begin(), arguments.end(), "--");
    if (separator == arguments.end()) {
        return {};
    }
    std::vector<std::string> rest(separator + 1, arguments.end());
    arguments.erase(separator, arguments.end());
    return rest;
}

void take_wait(const CLI::App& app, GlobalOptions& options)
{
    const CLI::Option* wait = app.get_option("--wait");
    for (const std::string& text : wait->results()) {
        const auto time = duration(text, "--wait");
        if (options.wait && *options.wait != time) {
            throw Error(ExitCode::usage, "two times are given for --wait");
        }
        options.wait = time;
    }
}

constexpr std::chrono::hours longest_duration(24);

} // namespace

std::shared_ptr<CLI::App> make_app(Invocation& chosen)
{
    auto app = std::make_shared<CLI::App>("", "crudctl");
    app->require_subcommand(0, 1);
    app->set_help_flag("-h,--help", "this help; COMMAND --help for a command's");
    declare_target_options(*app, chosen.options);
    declare_output_options(*app, chosen.options);
    for (const CommandEntry& entry : commands::registry()) {
        declare_command(*app, entry, chosen);
    }
    return app;
}

ParsedCommandLine parse_command_line(std::vector<std::string> arguments)
{
    Invocation chosen;
    chosen.rest = take_rest(arguments);
    arguments = in_own_words(std::move(arguments));
    const auto app = make_app(chosen);
    std::reverse(arguments.begin(), arguments.end()); // CLI11 takes them from the back
    try {
        app->parse(arguments);
    } catch (const CLI::CallForHelp&) {
        return {std::nullopt, help_for(*app)};
    } catch (const CLI::ParseError& error) {
        throw_usage(*app, error);
    }
    if (app->get_option("--version")->count() > 0) {
        return {std::nullopt, version_text()};
    }
    const auto parsed = app->get_subcommands();
    chosen.command = parsed.empty() ? "status" : parsed.front()->get_name();
    if (parsed.empty()) {
        CLI::App status;
        commands::registered(chosen.command).add(status, chosen);
        status.parse(std::vector<std::string>{});
    }
    if (!chosen.action_class) {
        chosen.action_class = commands::registered(chosen.command).command_class;
    }
    if (!chosen.rest.empty() && chosen.command != "connect") {
        throw Error(ExitCode::usage, "arguments after -- are for psql, so for connect alone");
    }
    take_profile(chosen);
    take_wait(*app, chosen.options);
    return {std::move(chosen), parsed.empty() ? main_help(*app) : std::string()};
}

std::chrono::seconds duration(const std::string& text, const std::string& option)
{
    const auto parsed = parse_duration(text);
    if (!parsed || *parsed > longest_duration) {
        throw Error(ExitCode::usage, fmt::format("{} is not a time: \"{}\"", option, text),
                    "write seconds, or 90s, 2m, 1h; at most a day");
    }
    return *parsed;
}

ColorMode color_mode(const std::string& text)
{
    if (text == "auto") {
        return ColorMode::automatic;
    }
    if (text == "always" || text == "never") {
        return text == "always" ? ColorMode::always : ColorMode::never;
    }
    throw Error(ExitCode::usage, fmt::format("--color is auto, always or never, not \"{}\"", text));
}

} // namespace crudctl::cli
