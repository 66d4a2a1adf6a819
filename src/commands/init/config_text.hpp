#pragma once

#include "config/project/repository.hpp"

#include <filesystem>
#include <string>

namespace crudctl::commands {

/// The crudctl.toml for such a repository, each of its lines explained. No value of a variable gets
/// in.
std::string config_text(const config::Repository& repository);

/// What `setup` would lack with that file; empty where it would go through.
std::string missing_for_setup(const config::Repository& repository,
                              const std::filesystem::path& root);

} // namespace crudctl::commands
