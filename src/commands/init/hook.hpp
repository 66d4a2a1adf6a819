#pragma once

#include "commands/init/project_files.hpp"
#include "support/process/environment.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::commands {

/// The kinds of workspaces whose start-up can be wired: "gitpod", "ona", "codespaces",
/// "devcontainer".
std::vector<std::string> hook_kinds();

/// What makes a workspace ready at its start.
struct Hook {
    std::string kind;
    std::string reason; // for people: why it is that kind
    /// The start-up script and the file of the workspace that calls it.
    std::vector<ProjectFile> files;
};

/// The script lets crudctl do what `trust`, a digest or nothing, stands for. For the kind that was
/// named, else for the one that this runs in, else for the one that the
/// repository has a file of. Throws Error(usage) for an unknown kind, and where nothing tells one.
Hook find_hook(const std::string& kind, const std::filesystem::path& root,
               const Environment& environment, const std::string& trust);

} // namespace crudctl::commands
