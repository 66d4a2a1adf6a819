#pragma once

#include "config/project/discovery.hpp"
#include "config/settings.hpp"

#include <vector>

namespace crudctl::config {

/// Every setting of the table with its value and origin: those of the project and the server, then
/// those of each profile, its connection keywords only where they are set. Never throws.
std::vector<SettingLine> list_settings(const Values& values, const Sources& sources,
                                       const Location& location);

} // namespace crudctl::config
