#pragma once

#include <string>
#include <utility>

namespace crudctl::plan {
class Guard;
}

namespace crudctl::database {

/// Leave to destroy. Only the guard can make one, so that a command which forgets to ask it does
/// not compile.
class Permit {
public:
    /// A comment in SQL that says whose leave it is: every statement that destroys begins with it.
    const std::string& tag() const noexcept { return m_tag; }

private:
    friend class plan::Guard;
    explicit Permit(std::string tag) : m_tag(std::move(tag)) {}

    std::string m_tag;
};

} // namespace crudctl::database
