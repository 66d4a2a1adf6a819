#pragma once

#include "config/interpolation.hpp"
#include "config/setting_table.hpp"
#include "config/toml_file.hpp"
#include "config/variables.hpp"

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

/// The setting for "profiles.prod.url"; there must be one.
const Setting& setting_for(const std::string& key);

} // namespace crudctl::config
