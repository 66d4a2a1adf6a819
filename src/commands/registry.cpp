#include "commands/registry.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

namespace crudctl::commands {

#define COMMAND(name) extern const CommandEntry name##_command;
#include "commands/commands.inc"
#undef COMMAND

std::span<const CommandEntry> registry()
{
#define COMMAND(name) name##_command,
    static const std::vector<CommandEntry> commands = {
#include "commands/commands.inc"
    };
#undef COMMAND
    return commands;
}

const CommandEntry& registered(std::string_view name)
{
    const auto commands = registry();
    const auto found = std::ranges::find(commands, name, &CommandEntry::name);
    if (found == commands.end()) {
        throw std::logic_error("there is no command " + std::string(name));
    }
    return *found;
}

} // namespace crudctl::commands
