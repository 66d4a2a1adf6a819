#include "config/trust/fence.hpp"

#include "support/error.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace crudctl::config {

namespace {

std::vector<std::string> profiles_in(std::string_view list)
{
    std::vector<std::string> names;
    while (!list.empty()) {
        const std::string_view name = list.substr(0, list.find(','));
        if (!trimmed(name).empty()) {
            names.emplace_back(trimmed(name));
        }
        list.remove_prefix(std::min(list.size(), name.size() + 1));
    }
    return names;
}

bool says_no(const std::string& text)
{
    const std::string word = lower_ascii(text);
    return word == "0" || word == "false" || word == "no" || word == "off";
}

std::string profiles_text(const std::vector<std::string>& profiles)
{
    std::string text;
    for (const std::string& profile : profiles) {
        text += fmt::format("{}\"{}\"", text.empty() ? "" : ", ", profile);
    }
    return text.empty()
               ? "no profile"
               : (profiles.size() == 1 ? "only the profile " : "only the profiles ") + text;
}

} // namespace

// What can't be read as a "no" counts: a fence with a typo in it still stands.
Fence::Fence(const Environment& real)
{
    if (const auto only = real.value("CRUDCTL_ONLY")) {
        m_has_only = true;
        m_only = *only;
        m_profiles = profiles_in(*only);
    }
    const auto read_only = real.value("CRUDCTL_READ_ONLY");
    if (read_only && !says_no(*read_only)) {
        m_read_only = *read_only;
    }
}

bool Fence::allows(const std::string& profile) const
{
    return !m_has_only || std::ranges::find(m_profiles, profile) != m_profiles.end();
}

std::string Fence::only_text() const
{
    return fmt::format("CRUDCTL_ONLY={} in the environment allows {}",
                       printable(shortened(m_only, 64)), printable(profiles_text(m_profiles)));
}

void Fence::require(const std::string& profile) const
{
    if (!allows(profile)) {
        throw Error(ExitCode::refused,
                    fmt::format("profile \"{}\" is not used: {}. Nothing was contacted",
                                printable(shortened(profile, 64)), only_text()));
    }
}

void Fence::require_reading(const std::string& what, bool reads) const
{
    if (is_read_only() && !reads) {
        throw Error(ExitCode::refused,
                    fmt::format("{} is not run: CRUDCTL_READ_ONLY={} in the environment allows "
                                "reading only. Nothing was changed",
                                what, printable(shortened(m_read_only, 64))));
    }
}

std::vector<std::string> Fence::lines() const
{
    std::vector<std::string> lines;
    if (m_has_only) {
        lines.push_back(only_text());
    }
    if (is_read_only()) {
        lines.push_back(fmt::format("CRUDCTL_READ_ONLY={} in the environment allows reading only",
                                    printable(shortened(m_read_only, 64))));
    }
    return lines;
}

} // namespace crudctl::config
