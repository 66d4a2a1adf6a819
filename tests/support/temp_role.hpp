#pragma once

#include <string>

namespace crudctl::tests {

/// A role of the running cluster for one test case, whose password is the canary; dropped at the
/// end of its life, so it has to outlive the databases that it owns.
class TempRole {
public:
    /// `attributes` as CREATE ROLE takes them: "login createdb".
    explicit TempRole(const std::string& attributes = "login");
    ~TempRole();
    TempRole(const TempRole&) = delete;
    TempRole& operator=(const TempRole&) = delete;

    const std::string& name() const noexcept { return m_name; }

private:
    std::string m_name;
};

} // namespace crudctl::tests
