#pragma once

#include "commands/registry.hpp"

#include <string>

namespace CLI {
class App;
}

namespace crudctl::cli {

/// `crudctl --help`: the commands by group, the global options, the exit codes.
std::string main_help(const CLI::App& app);

/// `crudctl COMMAND --help`: usage, aliases, its own options, an example.
std::string command_help(const CLI::App& command, const commands::CommandEntry& entry);

} // namespace crudctl::cli
