#pragma once

#include "config/project/compose_file.hpp"
#include "config/project/sql_files.hpp"
#include "support/process/environment.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace crudctl::config {

/// A variable's name and where it was seen: "the environment or .env", ".env.example". Never its
/// value.
struct SeenVariable {
    std::string name;
    std::string where;
};

/// What a repository without a crudctl.toml tells of its databases. Paths are relative to its root.
struct Repository {
    std::string name; // of its database
    std::string name_origin;
    SqlFiles sql;
    std::optional<SchemaProgram> program; // where no SQL file makes the schema
    std::optional<std::filesystem::path> queries;
    std::optional<SeenVariable> local_url;
    std::optional<SeenVariable> prod_url;
    std::vector<SeenVariable> aws;        // empty where nothing speaks of AWS
    std::vector<ComposeDatabase> compose; // the one for the application first
    std::string compose_file;
    /// Programs in bin/ and scripts/, by their names about databases: bin/db-setup, bin/db/setup.
    std::vector<std::filesystem::path> scripts;
};

/// Looks at `root` and at the environment. Never throws for what it finds, or can't read.
Repository look_at_repository(const std::filesystem::path& root, const Environment& environment);

} // namespace crudctl::config
