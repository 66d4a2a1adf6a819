#include "support/environment.hpp"

#include <utility>

namespace crudctl {

Environment::Environment(std::map<std::string, std::string, std::less<>> variables)
    : m_variables(std::move(variables))
{}

Environment Environment::from_process(const char* const* variables)
{
    Environment result;
    for (; variables != nullptr && *variables != nullptr; ++variables) {
        const std::string_view line = *variables;
        const auto equals = line.find('=');
        if (equals != std::string_view::npos) {
            result.set(std::string(line.substr(0, equals)), std::string(line.substr(equals + 1)));
        }
    }
    return result;
}

std::optional<std::string> Environment::value(std::string_view name) const
{
    const auto found = m_variables.find(name);
    if (found == m_variables.end() || found->second.empty()) {
        return std::nullopt;
    }
    return found->second;
}

void Environment::set(std::string name, std::string value)
{
    m_variables.insert_or_assign(std::move(name), std::move(value));
}

void Environment::erase(std::string_view name)
{
    const auto found = m_variables.find(name);
    if (found != m_variables.end()) {
        m_variables.erase(found);
    }
}

} // namespace crudctl
