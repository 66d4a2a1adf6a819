#pragma once

#include "operation/command_entry.hpp"

#include <span>
#include <string_view>

namespace crudctl::commands {

/// Every command in the order of the help.
std::span<const CommandEntry> registry();

/// The entry of a command by its name; an unknown one throws std::logic_error.
const CommandEntry& registered(std::string_view name);

} // namespace crudctl::commands
