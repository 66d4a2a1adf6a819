#include "commands/commands.hpp"
#include "commands/hook.hpp"
#include "commands/init_config.hpp"
#include "commands/written_files.hpp"
#include "config/repository.hpp"
#include "support/file.hpp"

#include <filesystem>
#include <memory>

#include <CLI/App.hpp>
#include <fmt/format.h>

namespace crudctl::commands {

namespace {

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

std::vector<WantedFile> config_files(const Context& context)
{
    const config::Settings& settings = context.settings;
    return {{config_path(context),
             config_text(config::look_at_repository(settings.root(), settings.environment()))}};
}

std::vector<WantedFile> hook_files(Context& context, const std::string& kind)
{
    const config::Settings& settings = context.settings;
    Hook hook = find_hook(kind, settings.root(), settings.environment());
    context.console.note(fmt::format("for {}, {}", hook.kind, hook.reason));
    return std::move(hook.files);
}

void tell_what_follows(Context& context, const InitOptions& options)
{
    if (options.prints || context.options.dry_run) {
        return;
    }
    context.console.note(options.hook ? "commit these files; CRUDCTL_DOWNLOAD must say there where "
                                        "crudctl is fetched from"
                                      : "next: crudctl setup");
}

} // namespace

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
        chosen.run = [options](Context& context) { run_init(context, *options); };
    });
}

void run_init(Context& context, const InitOptions& options)
{
    const auto files = options.hook ? hook_files(context, *options.hook) : config_files(context);
    write_files(context, files, {options.prints, options.overwrites});
    tell_what_follows(context, options);
}

} // namespace crudctl::commands
