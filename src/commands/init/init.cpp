#include "commands/init/config_text.hpp"
#include "commands/init/hook.hpp"
#include "commands/init/project_files.hpp"
#include "config/project/repository.hpp"
#include "operation/command_entry.hpp"
#include "operation/trust/trusting.hpp"
#include "support/system/file.hpp"

#include <filesystem>
#include <memory>

#include <CLI/App.hpp>
#include <fmt/format.h>

namespace crudctl::commands {

namespace {

struct InitOptions {
    std::optional<std::string> hook; // its kind; empty: the one that is found
    bool prints = false;             // on stdout, and writes nothing
    bool overwrites = false;
};

/// Where the settings are, else where they are to be; relative to the root.
std::filesystem::path config_path(const Context& context)
{
    if (context.options.config_file) {
        return std::filesystem::absolute(*context.options.config_file);
    }
    const std::filesystem::path usual = "crudctl.toml";
    const std::filesystem::path in_folder = "config/crudctl.toml";
    const std::filesystem::path& root = context.settings.root();
    return !is_there(root / usual) && is_there(root / in_folder) ? in_folder : usual;
}

config::Repository repository_of(const Context& context)
{
    return config::look_at_repository(context.settings.root(),
                                      context.settings.environment_with_dotenv());
}

std::vector<ProjectFile> config_files(const Context& context)
{
    return {{config_path(context), config_text(repository_of(context))}};
}

/// What a person wrote here by this very command needs no further word.
void trust_own_file(Context& context, const std::string& text)
{
    const config::Settings& settings = context.settings;
    const auto requests =
        config::trust_requests_of_text(text, settings.environment(), settings.root());
    if (!requests.empty()) {
        remember_trust(context, requests);
    }
}

/// What start.sh is to allow: all that the chosen profile wants, where a person has agreed to it.
std::string trust_for_hook(Context& context, const InitOptions& options)
{
    std::vector<config::TrustRequest> requests;
    try {
        requests = requests_of_project(context, context.settings.chosen_profile());
    } catch (const Error& error) {
        if (error.code() != ExitCode::configuration) {
            throw;
        }
        return {}; // the project has no database yet
    }
    const bool may_ask = context.console.can_ask() && !options.prints && !context.options.dry_run;
    if (may_ask) {
        require_trust(context, requests);
    } else if (!untrusted(context, requests).empty()) {
        context.console.warning(fmt::format(
            "start.sh allows nothing that this project wants run or sent: crudctl trust "
            "{}, then crudctl init --hook --overwrite",
            context.settings.chosen_profile()));
        return {};
    }
    return digest_of(requests);
}

std::vector<ProjectFile> hook_files(Context& context, const InitOptions& options)
{
    const config::Settings& settings = context.settings;
    Hook hook = find_hook(*options.hook, settings.root(), settings.environment(),
                          trust_for_hook(context, options));
    context.console.note(fmt::format("for {}, {}", hook.kind, hook.reason));
    return std::move(hook.files);
}

void warn_of_missing_program(const Context& context, const config::Repository& repository)
{
    if (!repository.program) {
        return;
    }
    const std::string& name = repository.program->schema_command.front();
    const bool has_path = name.find('/') != std::string::npos;
    const std::string path = has_path ? (context.settings.root() / name).string() : name;
    if (!context.processes.find(path, context.settings.environment())) {
        context.console.warning(
            fmt::format("{} is not here, and makes the schema: install it first", printable(name)));
    }
}

void print_next_steps(Context& context, const InitOptions& options)
{
    if (options.prints || context.options.dry_run) {
        return;
    }
    if (options.hook) {
        context.console.note("commit these files; CRUDCTL_DOWNLOAD must say there where crudctl is "
                             "fetched from");
        return;
    }
    const config::Repository repository = repository_of(context);
    const std::string missing = missing_for_setup(repository, context.settings.root());
    warn_of_missing_program(context, repository);
    context.console.note(missing.empty() ? "next: crudctl setup"
                                         : missing + "; then: crudctl setup");
}

/// Needs no server, and no database.
void run_init(Context& context, const InitOptions& options)
{
    const auto files = options.hook ? hook_files(context, options) : config_files(context);
    write_files(context, files, {options.prints, options.overwrites});
    if (!options.hook && !options.prints && !context.options.dry_run) {
        trust_own_file(context, files.front().text);
    }
    print_next_steps(context, options);
}

void add_init(CLI::App& command, Invocation& chosen)
{
    const auto options = std::make_shared<InitOptions>();
    command
        .add_option_function<std::vector<std::string>>(
            "--hook",
            [options](const std::vector<std::string>& words) {
                options->hook = words.empty() ? std::string() : words.front();
            },
            "wire a workspace's start-up: gitpod, ona, codespaces, devcontainer (default: found)")
        ->expected(0, 1)
        ->type_name("[KIND]");
    auto* print = command.add_flag("--print", options->prints, "on stdout, and write nothing");
    command
        .add_flag("--overwrite", options->overwrites,
                  "replace what differs; the old one is kept beside it")
        ->excludes(print);
    command.callback([&chosen, options] {
        if (options->prints) {
            chosen.action_class = CommandClass::reads;
        }
        chosen.run = [options](Context& context) { run_init(context, *options); };
    });
}

} // namespace

extern const CommandEntry init_command = {
    .name = "init",
    .aliases = {},
    .group = "Project",
    .command_class = CommandClass::none,
    .takes_profile = TakesProfile::no,
    .summary = "write a crudctl.toml, or a workspace's start-up hook",
    .example = "crudctl init --hook codespaces --print",
    .add = add_init,
};

} // namespace crudctl::commands
