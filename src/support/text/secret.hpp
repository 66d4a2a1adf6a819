#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace crudctl {

/// A password or a token. It has no formatter and no operator<<: whoever needs the text says so
/// with reveal(), and hands it to libpq or to a child's environment, never to argv or a message.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value);

    const std::string& reveal() const noexcept { return m_value; }
    bool empty() const noexcept { return m_value.empty(); }

private:
    std::string m_value;
};

/// Replaces every known secret in a text by `***`: as it stands and percent-encoded. Secrets of
/// under four characters are left alone, since they would blot out half of any text.
class SecretFilter {
public:
    void add(const Secret& secret);
    std::string masked(std::string_view text) const;

private:
    std::vector<std::string>
        m_forms; // longest first, so that a longer form is never cut by a shorter
};

/// The text with everything but RFC 3986's unreserved characters as %XX, upper case.
std::string percent_encoded(std::string_view text);

/// No core file of this process, which could hold a password, nor of the programs that it starts
/// or becomes; they may allow themselves one again.
void forbid_core_files() noexcept;

} // namespace crudctl
