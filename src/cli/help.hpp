#pragma once

#include "commands/registry.hpp"

#include <string>

namespace CLI {
class App;
}

namespace CLI {
class App;
class ParseError;
} // namespace CLI

namespace crudctl::cli {

/// `crudctl --help`: the commands by group, the global options, the exit codes.
std::string main_help(const CLI::App& app);

/// `crudctl COMMAND --help`: usage, aliases, its own options, an example.
std::string command_help(const CLI::App& command, const commands::CommandEntry& entry);

/// Says in our words what the parser objected to, with the word that may have been meant: throws
/// Error(usage).
[[noreturn]] void throw_usage(const CLI::App& app, const CLI::ParseError& error);

} // namespace crudctl::cli
