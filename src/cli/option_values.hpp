#pragma once

#include "support/console.hpp"

#include <chrono>
#include <string>

namespace crudctl::cli {

// What options are written like. Each throws Error(usage) that names the option and its forms.

/// "90", "90s", "2m", "1h"; `option` is for the message.
std::chrono::seconds duration(const std::string& text, const std::string& option);

/// "auto", "always", "never".
ColorMode color_mode(const std::string& text);

} // namespace crudctl::cli
