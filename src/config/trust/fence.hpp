#pragma once

#include "support/process/environment.hpp"

#include <string>
#include <vector>

namespace crudctl::config {

/// The limits of this run, set by CRUDCTL_ONLY and CRUDCTL_READ_ONLY in the
/// real environment. No option, file or .env lifts it.
class Fence {
public:
    explicit Fence(const Environment& real);

    bool allows(const std::string& profile) const;
    /// Throws Error(refused) for a profile that CRUDCTL_ONLY does not name.
    void require(const std::string& profile) const;
    bool is_read_only() const noexcept { return !m_read_only.empty(); }
    /// Throws Error(refused) where only reading is allowed; `what` is what would do more.
    void require_reading(const std::string& what, bool reads) const;
    bool is_there() const noexcept { return m_has_only || is_read_only(); }

    /// For people, one line for each: "CRUDCTL_ONLY=local allows only the profile \"local\"".
    std::vector<std::string> lines() const;

private:
    std::string only_text() const;

    bool m_has_only = false;
    std::string m_only;
    std::vector<std::string> m_profiles;
    std::string m_read_only;
};

} // namespace crudctl::config
