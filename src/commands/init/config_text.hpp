#pragma once

#include "config/project/repository.hpp"

#include <string>

namespace crudctl::commands {

/// The crudctl.toml for such a repository, each of its lines explained. No value of a variable gets
/// in.
std::string config_text(const config::Repository& repository);

} // namespace crudctl::commands
