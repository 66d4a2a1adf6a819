#include "config/variables.hpp"

#include <utility>

namespace crudctl::config {

Variables::Variables(Environment process, const Dotenv& dotenv)
    : m_process(std::move(process)), m_merged(m_process)
{
    for (const auto& [name, value] : dotenv.variables) {
        if (!m_process.value(name)) {
            m_merged.set(name, value);
        }
    }
}

std::optional<Variable> Variables::find(std::string_view name) const
{
    const auto value = m_merged.value(name);
    if (!value) {
        return std::nullopt;
    }
    const bool is_from_process = m_process.value(name).has_value();
    return Variable{*value, std::string(name) + (is_from_process ? "" : " in .env")};
}

std::vector<std::string> Variables::names() const
{
    std::vector<std::string> names;
    for (const auto& [name, value] : m_merged.variables()) {
        if (!value.empty()) {
            names.push_back(name);
        }
    }
    return names;
}

} // namespace crudctl::config
