#pragma once

#include "config/file/toml_file.hpp"
#include "config/file/variables.hpp"
#include "support/process/environment.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace crudctl::config {

/// Where a project lies.
struct Location {
    std::filesystem::path root;
    std::optional<std::filesystem::path> file; // crudctl.toml, where there is one
    std::string shown;                         // its name for people
    std::string origin;                        // "--config", "CRUDCTL_CONFIG", "found"
};

/// The file named, else $CRUDCTL_CONFIG, else the first crudctl.toml or config/crudctl.toml from
/// `directory` upwards, never above the repository's root or $HOME. Without one the root is the
/// repository's, else `directory`. Throws Error(configuration) where the file found, or its folder,
/// belongs to somebody whose settings should not be followed unasked.
Location locate_project(const std::optional<std::filesystem::path>& named,
                        const std::filesystem::path& directory, const Environment& environment);

/// True for this process's user, root, and under sudo the user behind it.
bool is_trusted_owner(uid_t owner, uid_t own, const Environment& environment);

/// What holds where there is no crudctl.toml, as one would say it.
TomlFile settings_without_file(const Variables& variables);

} // namespace crudctl::config
