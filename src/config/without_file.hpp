#pragma once

#include "config/toml_file.hpp"
#include "config/variables.hpp"

namespace crudctl::config {

/// What holds where there is no crudctl.toml, as one would say it.
TomlFile settings_without_file(const Variables& variables);

} // namespace crudctl::config
