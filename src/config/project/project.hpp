#pragma once

#include "config/file/values.hpp"
#include "config/project/discovery.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace crudctl::config {

/// The project's files. Paths are absolute; whether they exist is for their reader to find out.
struct Project {
    std::string name; // empty where nothing names it
    std::filesystem::path root;
    std::optional<std::filesystem::path> config_file;
    std::vector<std::filesystem::path> schema;
    std::vector<std::filesystem::path> seeds;
    std::vector<std::string> schema_command;          // argv; empty: none
    std::vector<std::string> seed_command;            // the same
    std::vector<std::filesystem::path> schema_inputs; // that the former reads; empty: not known
    bool has_schema_program() const { return !schema_command.empty(); }
    bool has_seed_program() const { return !seed_command.empty(); }
    std::filesystem::path queries;
    std::vector<std::string> checks;
    std::vector<std::string> seed_checks;
    bool caches_seeds = false;
    std::optional<bool> caches; // what setup builds; none: where that is safe
    /// Folders that each hold a schema.sql where none is named and no one of them stands out.
    std::vector<std::filesystem::path> schema_candidates;
};

/// What the project's own Postgres is to be like; empty means chosen by the program.
struct ServerSettings {
    std::filesystem::path data_directory;
    std::filesystem::path binaries;
    std::optional<int> port;
};

/// Both expand what they read, and throw Error(configuration) where that cannot be done.
Project make_project(const Values& values, const Location& location);
ServerSettings make_server_settings(const Values& values, const std::filesystem::path& root);

} // namespace crudctl::config
