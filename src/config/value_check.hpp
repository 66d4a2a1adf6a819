#pragma once

#include "config/setting_table.hpp"
#include "config/toml_file.hpp"

#include <string>
#include <string_view>

namespace crudctl::config {

/// Throws Error(configuration) with file:line:column where the value isn't of the setting's kind.
/// Text with ${…} in it is judged once it is expanded, by check_text(). Never quotes the value.
void check_value(const std::string& shown, const Setting& setting, const Value& value);

/// Throws Error(configuration), led by `place`, where a text cannot be a value of the setting.
void check_text(const std::string& place, const Setting& setting, std::string_view text);

} // namespace crudctl::config
