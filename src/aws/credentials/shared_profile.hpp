#pragma once

#include "aws/credentials/ini_file.hpp"
#include "support/process/environment.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace crudctl::aws {

/// A value and, for people, where it comes from: "AWS_REGION", "~/.aws/config:12".
struct Found {
    std::string text;
    std::string origin;
};

/// A profile of the AWS tools: what ~/.aws/credentials and ~/.aws/config (or the files that
/// AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE name) say under one name.
class SharedProfile {
public:
    /// `named` is the profile that the settings ask for; without one AWS_PROFILE, then
    /// AWS_DEFAULT_PROFILE say which, then it is "default". Missing files are empty ones. Throws
    /// Error(configuration) for a file that cannot be read, and for a profile that was asked for
    /// and is in neither file.
    SharedProfile(const std::optional<Found>& named, const Environment& environment);

    const std::string& name() const noexcept { return m_name; }
    /// Who asked for it; empty for the default.
    const std::string& origin() const noexcept { return m_origin; }
    /// The settings asked for it: it is then not overruled by keys in the environment.
    bool is_named_by_settings() const noexcept { return m_is_named_by_settings; }

    /// Without the empty ones. Both files have keys; those of the credentials file win.
    std::optional<Found> value(std::string_view key) const;
    std::optional<Found> value_in_credentials(std::string_view key) const;
    std::optional<Found> value_in_config(std::string_view key) const;

    /// `key` below `block` in the [services NAME] that the profile names.
    std::optional<Found> service_value(const std::string& block, const std::string& key) const;

private:
    const IniSection* section(const IniFile& file) const;

    std::string m_name = "default";
    std::string m_origin;
    bool m_is_named_by_settings = false;
    IniFile m_config;
    IniFile m_credentials;
};

} // namespace crudctl::aws
