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
    /// Of the plan, where no person but its id gave leave: it has to be used up first.
    const std::string& plan_id() const noexcept { return m_plan_id; }

private:
    friend class plan::Guard;
    explicit Permit(std::string tag, std::string plan_id = {})
        : m_tag(std::move(tag)), m_plan_id(std::move(plan_id))
    {}

    std::string m_tag;
    std::string m_plan_id;
};

} // namespace crudctl::database
