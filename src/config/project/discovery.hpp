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

struct SqlFiles {
    std::vector<std::filesystem::path> schema;
    std::vector<std::filesystem::path> seeds;
    /// Where more than one folder qualifies, all of them; schema and seeds are empty then.
    std::vector<std::filesystem::path> candidates;
};

/// schema.sql and seed.sql in sql/, in db/, or in the one */db/ or */sql/ below the root.
SqlFiles find_sql_files(const std::filesystem::path& root);

/// What holds where there is no crudctl.toml, as one would say it.
TomlFile settings_without_file(const Variables& variables);

/// A Postgres that a compose file runs. Its password is not looked at.
struct ComposeDatabase {
    std::string service;
    std::string database;
    std::string user;
    std::string port; // on the host; empty where it has none
};

/// Finds the first service whose image is a Postgres. Nothing where there is none, or the file is
/// broken; never throws. Variables without a default count as empty.
std::optional<ComposeDatabase> find_compose_database(const std::string& text);

} // namespace crudctl::config
