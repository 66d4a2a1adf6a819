#include "aws/credentials/shared_profile.hpp"

#include "support/error.hpp"
#include "support/system/file.hpp"
#include "support/text/text.hpp"

#include <filesystem>

#include <fmt/format.h>

namespace crudctl::aws {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_file = std::size_t{1} << 20U;

struct Place {
    fs::path path;
    std::string shown;
};

/// Nothing where there is no home folder either.
std::optional<Place> place_of(const char* variable, const char* below_home,
                              const Environment& environment)
{
    const auto home = environment.value("HOME");
    const std::string text = environment.value(variable).value_or(fmt::format("~/{}", below_home));
    if (!text.starts_with("~/")) {
        return Place{text, text};
    }
    return home ? std::optional(Place{fs::path(*home) / text.substr(2), text}) : std::nullopt;
}

IniFile read(const std::optional<Place>& place, IniKind kind)
{
    if (!place || !is_there(place->path)) {
        return {};
    }
    return IniFile::parse(read_file(place->path, largest_file).text, place->shown, kind);
}

std::optional<Found> value_in(const IniSection* section, const std::string& shown,
                              std::string_view key)
{
    if (section == nullptr) {
        return std::nullopt;
    }
    const auto found = section->find(key);
    if (found == section->end() || found->second.text.empty()) {
        return std::nullopt;
    }
    return Found{found->second.text, fmt::format("{}:{}", shown, found->second.line)};
}

} // namespace

SharedProfile::SharedProfile(const std::optional<Found>& named, const Environment& environment)
    : m_is_named_by_settings(named.has_value()),
      m_config(read(place_of("AWS_CONFIG_FILE", ".aws/config", environment), IniKind::config)),
      m_credentials(read(place_of("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials", environment),
                         IniKind::credentials))
{
    if (named) {
        m_name = named->text;
        m_origin = named->origin;
    } else {
        for (const char* variable : {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"}) {
            if (const auto value = environment.value(variable); value && m_origin.empty()) {
                m_name = *value;
                m_origin = variable;
            }
        }
    }
    if (!m_origin.empty() && section(m_config) == nullptr && section(m_credentials) == nullptr) {
        throw Error(ExitCode::configuration,
                    fmt::format("there is no AWS profile \"{}\", which {} names",
                                printable(shortened(m_name, 64)), m_origin),
                    "the profiles are the sections of ~/.aws/config ([profile NAME]) and "
                    "~/.aws/credentials ([NAME])");
    }
}

const IniSection* SharedProfile::section(const IniFile& file) const
{
    return file.find("profile", m_name);
}

std::optional<Found> SharedProfile::value(std::string_view key) const
{
    const auto in_credentials = value_in_credentials(key);
    return in_credentials ? in_credentials : value_in_config(key);
}

std::optional<Found> SharedProfile::value_in_credentials(std::string_view key) const
{
    return value_in(section(m_credentials), m_credentials.shown(), key);
}

std::optional<Found> SharedProfile::value_in_config(std::string_view key) const
{
    return value_in(section(m_config), m_config.shown(), key);
}

std::optional<Found> SharedProfile::service_value(const std::string& block,
                                                  const std::string& key) const
{
    const auto services = value_in_config("services");
    const IniSection* section = services ? m_config.find("services", services->text) : nullptr;
    if (section == nullptr) {
        return std::nullopt;
    }
    const auto found = section->find(block);
    if (found == section->end() || !found->second.nested.contains(key)) {
        return std::nullopt;
    }
    return Found{found->second.nested.at(key),
                 fmt::format("{}:{}", m_config.shown(), found->second.line)};
}

} // namespace crudctl::aws
