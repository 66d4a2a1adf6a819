#pragma once

#include "support/process/environment.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace crudctl::server {

/// What tells one project's server from another's.
struct Project {
    std::string name;
    std::filesystem::path root;
};

/// Where everything of one server lies: one folder of ours, with the data directory in it.
struct Layout {
    std::filesystem::path base;

    std::filesystem::path data() const { return base / "data"; }
    std::filesystem::path log() const { return base / "log"; }
    std::filesystem::path password() const { return base / "password"; }
    std::filesystem::path state() const { return base / "state"; }
    std::filesystem::path lock() const { return base / "lock"; }
    /// Says that the folder is ours: only then is anything in it ever deleted.
    std::filesystem::path marker() const { return base / "crudctl-server"; }

    /// How the server's processes call themselves in the process table.
    std::string cluster_name() const;
};

/// The folder of the project's server: as configured, else where a workspace persists, else in
/// /var/lib/crudctl for root, else in the user's state folder. Throws Error(configuration) where no
/// place can be told, or where the path holds a newline.
Layout layout_for(const Project& project, const std::filesystem::path& configured,
                  const Environment& environment, const std::filesystem::path& root = "/");

/// Where the Unix socket goes: below the base, or in a short private folder where that path would
/// be too long for a socket or holds a comma. Nothing is made.
std::filesystem::path socket_folder_for(const Layout& layout, const Environment& environment);

/// The port that a project's server asks for first: always the same, in 20000–26999.
int preferred_port(const Project& project);
/// The one to try when `port` is taken.
int next_port(int port);

} // namespace crudctl::server
