#pragma once

#include "support/process/environment.hpp"

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

/// The same, once it is known to be ours: Error(configuration) where it is there and is a link or a
/// folder of another user's, is open to others, or is no folder. Root, who may use a user's home,
/// takes what that user owns. One that is missing will be made.
std::optional<std::filesystem::path> own_state_folder(const Environment& environment);

} // namespace crudctl
