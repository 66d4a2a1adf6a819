#pragma once

#include "commands/context.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace crudctl::cli {

/// The whole command line, with every command of the registry declared; parsing it fills `chosen`,
/// which has to outlive it.
std::shared_ptr<CLI::App> make_app(commands::Invocation& chosen);

/// What to do, or the text to print instead (help, version). Pure: no file, no socket, no
/// environment. Throws Error(usage).
struct ParsedCommandLine {
    std::optional<commands::Invocation> invocation;
    std::string text;
};
ParsedCommandLine parse_command_line(std::vector<std::string> arguments);

} // namespace crudctl::cli
