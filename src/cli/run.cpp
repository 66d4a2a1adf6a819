#include "cli/run.hpp"

#include "cli/command_line.hpp"
#include "cli/complete.hpp"
#include "config/settings.hpp"
#include "operation/context.hpp"
#include "operation/named_queries.hpp"
#include "operation/trust/trusting.hpp"
#include "pg/error.hpp"
#include "script/source/script_error.hpp"
#include "support/process/environment.hpp"
#include "support/process/interrupt.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace crudctl::cli {

namespace {

config::Sources sources_of(const World& world, const commands::GlobalOptions& options)
{
    config::Sources sources;
    sources.environment = world.environment;
    sources.working_directory = world.working_directory;
    if (options.config_file) {
        sources.config_file = *options.config_file;
    }
    sources.profile = options.profile;
    sources.database = options.database;
    sources.connect_timeout = options.connect_timeout;
    return sources;
}

/// A connection that failed, with the command that tells at which step.
class UnreachableError : public Error {
public:
    UnreachableError(const pg::ConnectError& error, std::string next)
        : Error(error), m_next(std::move(next))
    {}

    const std::string& next() const noexcept { return m_next; }

private:
    std::string m_next;
};

/// Runs the command; whatever cannot connect points to the one that finds out why.
void run_command(const commands::Invocation& invocation, commands::Context& context)
{
    try {
        invocation.run(context);
    } catch (const pg::ConnectError& error) {
        throw UnreachableError(error, commands::doctor_text(context.options));
    }
}

config::Settings settings_for(const commands::Invocation& invocation, const World& world)
{
    try {
        return config::load_settings(sources_of(world, invocation.options));
    } catch (const Error& error) {
        if (invocation.print_not_run) {
            invocation.print_not_run(world.environment, error);
        }
        throw;
    }
}

ExitCode act(const commands::Invocation& invocation, World& world)
{
    if (auto variable = automation_variable(world.environment)) {
        world.console.set_automation(std::move(*variable));
    }
    const config::Settings settings = settings_for(invocation, world);
    commands::require_within_fences(invocation, settings);
    for (const Secret& secret : settings.secrets()) {
        world.console.hide(secret);
    }
    for (const std::string& warning : settings.warnings()) {
        world.console.warning(warning);
    }
    for (const std::string& note : settings.notes()) {
        world.console.note(note);
    }
    commands::Context context{invocation.command, *invocation.action_class,
                              invocation.options, settings,
                              world.console,      world.processes};
    run_command(invocation, context);
    return context.exit_code;
}

/// Without a word, and where nothing tells of a project: neither a file nor a URL.
bool is_lost(const ParsedCommandLine& parsed, const World& world)
{
    if (parsed.text.empty() || parsed.invocation->options.profile) {
        return false;
    }
    const config::Settings settings =
        config::load_settings(sources_of(world, parsed.invocation->options));
    return !settings.config_file() && settings.profile_names().empty();
}

/// The profiles of the configuration at hand; a broken one must not disturb a key press.
std::vector<std::string> profile_names(const World& world)
{
    try {
        return config::load_settings(sources_of(world, {})).profile_names();
    } catch (const Error&) {
        return {};
    }
}

/// The same of its queries.
std::vector<std::string> query_names(const World& world)
{
    try {
        return commands::query_names(config::load_settings(sources_of(world, {})).project());
    } catch (const Error&) {
        return {};
    }
}

ExitCode parse_and_act(const std::vector<std::string>& arguments, World& world)
{
    if (!arguments.empty() && arguments.front() == "__complete") { // the shells' completion asks
        world.console.result(completions(
            {arguments.begin() + 1, arguments.end()}, [&] { return profile_names(world); },
            [&] { return query_names(world); }));
        world.console.finish();
        return ExitCode::done;
    }
    const bool no_color = world.environment.value("NO_COLOR").has_value();
    world.console.set_color(ColorMode::automatic, no_color); // for what the words get wrong
    const ParsedCommandLine parsed = parse_command_line(arguments);
    ExitCode exit_code = ExitCode::done;
    if (!parsed.invocation || is_lost(parsed, world)) {
        world.console.result(parsed.text);
    } else {
        const commands::GlobalOptions& options = parsed.invocation->options;
        world.console.set_verbosity(options.verbosity);
        world.console.set_color(options.color, no_color);
        exit_code = act(*parsed.invocation, world);
    }
    world.console.finish();
    return exit_code;
}

/// The same fields for a program.
std::string to_json(const script::ScriptError& error)
{
    const script::ScriptFailure& failure = error.failure();
    nlohmann::ordered_json document = {{"message", failure.message}, {"file", failure.file}};
    if (failure.place.line > 0) {
        document["line"] = failure.place.line;
    }
    if (failure.place.line > 0) {
        document["column"] = failure.place.column;
    }
    if (failure.statements > 0) {
        document["statement"] = failure.statement;
        document["statements"] = failure.statements;
    }
    const std::array<std::pair<const char*, const std::string*>, 5> texts = {
        {{"sqlstate", &failure.sqlstate},
         {"detail", &failure.detail},
         {"hint", &failure.hint},
         {"context", &failure.context},
         {"state", &failure.state}}};
    for (const auto& [name, text] : texts) {
        if (!text->empty()) {
            document[name] = *text;
        }
    }
    if (!failure.inner_query.empty()) {
        document["query"] = failure.inner_query;
    }
    document["source"] = failure.source;
    document["exit_code"] = to_int(error.code());
    const nlohmann::ordered_json whole = {{"error", document}};
    return whole.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

/// Place first, as a compiler does, so that editors jump there; then the source and the rest.
void tell(const script::ScriptError& error, Console& console)
{
    console.screen({{Style::bold, error.what()}});
    for (const std::string& line : error.report_lines()) {
        console.screen({{Style::plain, line}});
    }
    if (!error.hint().empty()) {
        console.screen({{Style::bold, "hint: "}, {Style::plain, error.hint()}});
    }
}

/// What a program reads of any other failure.
std::string to_json(const std::string& message, const std::string& hint, ExitCode code)
{
    nlohmann::ordered_json document = {{"message", message}};
    if (!hint.empty()) {
        document["hint"] = hint;
    }
    document["exit_code"] = to_int(code);
    const nlohmann::ordered_json whole = {{"error", document}};
    return whole.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

bool asks_for_json(const std::vector<std::string>& arguments)
{
    const auto end = std::find(arguments.begin(), arguments.end(), "--");
    return std::find(arguments.begin(), end, "--json") != end;
}

} // namespace

ExitCode run(const std::vector<std::string>& arguments, World& world)
{
    const InterruptScope signals;
    Console& console = world.console;
    const auto report = [&](const std::string& json) {
        if (asks_for_json(arguments) && !console.has_result()) {
            console.result(json);
        }
    };
    try {
        return parse_and_act(arguments, world);
    } catch (const script::ScriptError& error) {
        tell(error, console);
        report(to_json(error));
        return error.code();
    } catch (const UnreachableError& error) {
        console.error(error.what(), error.hint());
        console.hint(error.next());
        report(to_json(error.what(), error.hint(), error.code()));
        return error.code();
    } catch (const Error& error) {
        console.error(error.what(), error.hint());
        report(to_json(error.what(), error.hint(), error.code()));
        return error.code();
    } catch (const std::exception& error) {
        const std::string message = fmt::format("internal error: {}", error.what());
        const std::string hint = "this is a mistake in crudctl itself";
        console.error(message, hint);
        report(to_json(message, hint, ExitCode::failed));
        return ExitCode::failed;
    }
}

} // namespace crudctl::cli
