#pragma once

#include "config/toml_file.hpp"

namespace crudctl::config {

/// Throws Error(configuration) with file:line:column for the first unknown key (with the nearest
/// valid one), wrong type, impossible value or unusable profile name.
void check_against_table(const TomlFile& file);

} // namespace crudctl::config
