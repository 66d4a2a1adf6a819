#pragma once

#include "config/file/interpolation.hpp"
#include "config/file/setting_table.hpp"
#include "config/file/toml_file.hpp"
#include "config/file/variables.hpp"
#include "support/process/environment.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::config {

/// A setting's value, expanded.
struct Text {
    std::string text;
    std::string origin; // for people: "CONNECTION_URL", "crudctl.toml:14"
    std::string place;  // in front of an error about it: "crudctl.toml:14:7"
};

/// The settings of the file and of the environment, by full key ("profiles.prod.url"). A value is
/// expanded when it is asked for, so that an unset variable disturbs only who needs it.
class Values {
public:
    /// The file must have passed check_against_table().
    Values(TomlFile file, Variables variables);

    /// From CRUDCTL_…, else from the file; nothing where it is unset or empty. Throws
    /// Error(configuration) for an unset variable or for text that is not of the setting's kind.
    std::optional<Text> text(const std::string& key) const;
    std::optional<int> number(const std::string& key) const;
    std::optional<bool> flag(const std::string& key) const;
    /// Nothing where the key isn't there; SQL is taken as it stands.
    std::optional<std::vector<std::string>> list(const std::string& key) const;

    /// The file's entry, nullptr where there is none.
    const Entry* entry(const std::string& key) const;
    /// "crudctl.toml:14" where the file has the key, else "default".
    std::string origin(const std::string& key) const;
    /// In the order in which they stand in the file.
    std::vector<std::string> profile_names() const;

    const TomlFile& file() const noexcept { return m_file; }
    const Variables& variables() const noexcept { return m_variables; }

private:
    std::optional<Text> from_environment(const Setting& setting) const;

    TomlFile m_file;
    Variables m_variables;
};

/// The variable that sets it, where that has a value: from .env, too, unless the setting is a path
/// or says where requests go.
std::optional<Variable> variable_of(const Setting& setting, const Variables& variables);

/// The setting for "profiles.prod.url"; there must be one.
const Setting& setting_for(const std::string& key);

/// Everything that settings are made from.
struct Sources {
    Environment environment;
    std::filesystem::path working_directory;          // absolute
    std::optional<std::filesystem::path> config_file; // --config
    std::optional<std::string> profile;               // -p, or PROFILE on the command line
    std::optional<std::string> database;              // --database
    std::optional<int> connect_timeout;               // --connect-timeout, in seconds
};

/// Throws Error(configuration) with file:line:column where the value isn't of the setting's kind.
/// Text with ${…} in it is judged once it is expanded, by check_text(). Never quotes the value.
void check_value(const std::string& shown, const Setting& setting, const Value& value);

/// Throws Error(configuration), led by `place`, where a text cannot be a value of the setting.
void check_text(const std::string& place, const Setting& setting, std::string_view text);

} // namespace crudctl::config
