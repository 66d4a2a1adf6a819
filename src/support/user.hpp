#pragma once

#include "support/environment.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace crudctl {

/// The account's name, or "uid 54321" where the passwd database does not know it.
std::string user_name();

/// Empty where the system does not say.
std::string host_name();

/// Where we keep what is to outlast a run: `crudctl` in $XDG_STATE_HOME, else in ~/.local/state,
/// with the passwd database's home where HOME is not set. Nothing where no place can be told.
std::optional<std::filesystem::path> state_folder(const Environment& environment);

} // namespace crudctl
