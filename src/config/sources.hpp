#pragma once

#include "support/environment.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace crudctl::config {

/// Everything that settings are made from.
struct Sources {
    Environment environment;
    std::filesystem::path working_directory;          // absolute
    std::optional<std::filesystem::path> config_file; // --config
    std::optional<std::string> profile;               // -p, or PROFILE on the command line
    std::optional<std::string> database;              // --database
    std::optional<int> connect_timeout;               // --connect-timeout, in seconds
};

} // namespace crudctl::config
