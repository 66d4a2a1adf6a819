#include "commands/init/hook.hpp"

#include "commands/init/templates.hpp"
#include "support/error.hpp"
#include "support/system/file.hpp"
#include "support/text/text.hpp"
#include "version.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace fs = std::filesystem;

namespace crudctl::commands {

namespace {

constexpr const char* own_folder = ".crudctl";
constexpr const char* own_script = ".crudctl/start.sh";

/// One kind of workspace: how it is known, and what it reads at its start.
struct Kind {
    std::string_view name;
    const char* variable; // that it sets
    const char* value;    // to this; null: to anything
    std::array<const char*, 2> files;
    const std::string* text;
};

const std::array kinds = {
    Kind{"ona",
         "GITPOD_ENVIRONMENT_ID",
         nullptr,
         {".ona/automations.yaml", ".gitpod/automations.yaml"},
         &templates::automations_yaml},
    Kind{"gitpod",
         "GITPOD_WORKSPACE_ID",
         nullptr,
         {".gitpod.yml", ".gitpod.yml"},
         &templates::gitpod_yml},
    Kind{"codespaces",
         "CODESPACES",
         "true",
         {".devcontainer/devcontainer.json", ".devcontainer.json"},
         &templates::devcontainer_json},
    Kind{"devcontainer",
         "REMOTE_CONTAINERS",
         "true",
         {".devcontainer/devcontainer.json", ".devcontainer.json"},
         &templates::devcontainer_json},
};

bool is_running_in(const Kind& kind, const Environment& environment)
{
    const auto value = environment.value(kind.variable);
    return value && (kind.value == nullptr || *value == kind.value);
}

/// The folder with .git, which a workspace's own files lie in.
fs::path repository_of(const fs::path& root)
{
    for (fs::path folder = root; folder != folder.parent_path(); folder = folder.parent_path()) {
        if (is_there(folder / ".git")) {
            return folder;
        }
    }
    return root;
}

std::optional<fs::path> file_there(const Kind& kind, const fs::path& repository)
{
    for (const char* file : kind.files) {
        if (is_there(repository / file)) {
            return file;
        }
    }
    return std::nullopt;
}

std::string replaced(std::string text, std::string_view word, const std::string& by)
{
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + by.size())) {
        text.replace(at, word.size(), by);
    }
    return text;
}

/// Where the script fetches crudctl from unless its own environment says so. What has a user in it
/// may have a password, and stays out.
std::string download_of(const Environment& environment)
{
    const std::string download = environment.value("CRUDCTL_DOWNLOAD").value_or("");
    const bool has_user = download.find('@') != std::string::npos;
    return shell_word(download) == download && !has_user ? download : std::string();
}

std::string script_text(const Environment& environment, const std::string& trust)
{
    std::string text = replaced(templates::start_sh, "@version@", std::string(version));
    text = replaced(std::move(text), "@folder@", own_folder);
    text = replaced(std::move(text), "@trust@", trust);
    return replaced(std::move(text), "@download@", download_of(environment));
}

/// As a whole file: the lines alone are no devcontainer.json.
std::string whole_text(const Kind& kind, const std::string& lines)
{
    const std::string head = "Written by `crudctl init --hook`.";
    if (kind.text != &templates::devcontainer_json) {
        return fmt::format("# {}\n{}", head, lines);
    }
    return fmt::format(
        "// {}\n{{\n    \"image\": \"mcr.microsoft.com/devcontainers/universal:2\",\n"
        "{}}}\n",
        head, lines);
}

ProjectFile wiring_for(const Kind& kind, const fs::path& root, const fs::path& repository)
{
    const fs::path script = root.lexically_relative(repository) / own_script;
    const std::string script_name = script.lexically_normal().generic_string();
    const std::string lines = replaced(*kind.text, "@script@", shell_word(script_name));
    const fs::path file = file_there(kind, repository).value_or(kind.files.front());
    ProjectFile wanted;
    wanted.path = (repository / file).lexically_relative(root);
    wanted.text = whole_text(kind, lines);
    wanted.enough = own_script;
    wanted.addition = lines;
    return wanted;
}

std::pair<const Kind*, std::string> named_kind(const std::string& name)
{
    const auto found =
        std::ranges::find_if(kinds, [&](const Kind& kind) { return kind.name == name; });
    if (found != kinds.end()) {
        return {&*found, "as asked for"};
    }
    const auto meant = nearest(name, hook_kinds());
    throw Error(ExitCode::usage,
                fmt::format("there is no hook for \"{}\"", printable(shortened(name, 64))),
                meant ? fmt::format("did you mean \"{}\"?", *meant)
                      : fmt::format("there are: {}", fmt::join(hook_kinds(), ", ")));
}

std::pair<const Kind*, std::string> detected_kind(const fs::path& repository,
                                                  const Environment& environment)
{
    for (const Kind& kind : kinds) {
        if (is_running_in(kind, environment)) {
            return {&kind, fmt::format("by {}", kind.variable)};
        }
    }
    for (const Kind& kind : kinds) {
        // Both read the same file, and that alone doesn't say Codespaces.
        const auto file = kind.name == "codespaces" ? std::nullopt : file_there(kind, repository);
        if (file) {
            return {&kind, fmt::format("by {}", file->generic_string())};
        }
    }
    throw Error(ExitCode::usage,
                "nothing here tells whether this is Gitpod, Ona, Codespaces or a devcontainer",
                fmt::format("name it: crudctl init --hook {}", fmt::join(hook_kinds(), "|")));
}

} // namespace

std::vector<std::string> hook_kinds()
{
    std::vector<std::string> names;
    names.reserve(kinds.size());
    for (const Kind& kind : kinds) {
        names.emplace_back(kind.name);
    }
    return names;
}

Hook find_hook(const std::string& kind, const fs::path& root, const Environment& environment,
               const std::string& trust)
{
    const fs::path repository = repository_of(root);
    const auto [found, reason] =
        kind.empty() ? detected_kind(repository, environment) : named_kind(kind);
    Hook hook;
    hook.kind = found->name;
    hook.reason = reason;
    hook.files = {{own_script, script_text(environment, trust), 0755},
                  wiring_for(*found, root, repository)};
    return hook;
}

} // namespace crudctl::commands
