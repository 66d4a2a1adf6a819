#pragma once

#include "operation/context.hpp"
#include "support/terminal/console.hpp"

#include <chrono>
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

/// What to do, or the text to print instead (help, version). Without a command both: the text is
/// for where there is no project.
struct ParsedCommandLine {
    std::optional<commands::Invocation> invocation;
    std::string text;
};
/// Pure: no file, no socket, no environment. Throws Error(usage).
ParsedCommandLine parse_command_line(std::vector<std::string> arguments);

// What options are written like. Each throws Error(usage) that names the option and its forms.

/// "90", "90s", "2m", "1h"; `option` is for the message.
std::chrono::seconds duration(const std::string& text, const std::string& option);

/// "auto", "always", "never".
ColorMode color_mode(const std::string& text);

} // namespace crudctl::cli
