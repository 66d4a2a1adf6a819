#pragma once

#include "commands/registry.hpp"

#include <string>
#include <string_view>
#include <vector>

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

// Habits from elsewhere.

/// Puts what people type out of habit into crudctl's own words: `help [COMMAND]` and `version` are
/// options, and a colon in a command is a hyphen (`db:setup`, as rake has it).
std::vector<std::string> in_own_words(std::vector<std::string> arguments);

/// The way from another tool's command, such as `dbconsole`, to crudctl's; empty for a word that is
/// none.
std::string hint_for_habit(std::string_view word);

/// Whether the option answers every question in other programs, such as `--yes` or `--force=true`.
bool says_yes(const std::string& option);

} // namespace crudctl::cli
