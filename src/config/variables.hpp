#pragma once

#include "config/dotenv.hpp"
#include "support/environment.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::config {

struct Variable {
    std::string value;
    std::string origin; // "CONNECTION_URL", "CONNECTION_URL in .env"
};

/// The process's environment over the project's .env. An empty variable counts as unset.
class Variables {
public:
    Variables(Environment process, const Dotenv& dotenv);

    std::optional<Variable> find(std::string_view name) const;

    /// Both as one environment, for the programs that crudctl starts.
    const Environment& merged() const noexcept { return m_merged; }
    const Environment& process() const noexcept { return m_process; }

    /// Every variable that has a value.
    std::vector<std::string> names() const;

private:
    Environment m_process;
    Environment m_merged;
};

} // namespace crudctl::config
