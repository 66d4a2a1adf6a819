#include "config/values.hpp"

#include "config/value_check.hpp"
#include "support/error.hpp"

#include <charconv>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace crudctl::config {

namespace {

std::string key_of(const Entry& entry)
{
    return fmt::format("{}", fmt::join(entry.path, "."));
}

Encoding encoding_for(const Setting& setting)
{
    return setting.kind == Kind::url ? Encoding::url : Encoding::literal;
}

} // namespace

const Setting& setting_for(const std::string& key)
{
    std::vector<std::string> path;
    std::istringstream parts(key);
    for (std::string part; std::getline(parts, part, '.');) {
        path.push_back(part);
    }
    const Setting* setting = find_setting(generic_key(path));
    if (setting == nullptr) {
        throw std::logic_error("no such setting: " + key);
    }
    return *setting;
}

Values::Values(TomlFile file, Variables variables)
    : m_file(std::move(file)), m_variables(std::move(variables))
{}

std::optional<Text> Values::from_environment(const Setting& setting) const
{
    if (!setting.variable.starts_with("CRUDCTL_")) {
        return std::nullopt;
    }
    const auto variable = m_variables.find(setting.variable);
    if (!variable) {
        return std::nullopt;
    }
    check_text(variable->origin, setting, variable->value);
    return Text{variable->value, variable->origin, variable->origin};
}

std::optional<Text> Values::text(const std::string& key) const
{
    const Setting& setting = setting_for(key);
    if (auto text = from_environment(setting)) {
        return text;
    }
    const Entry* found = entry(key);
    if (found == nullptr) {
        return std::nullopt;
    }
    const std::string place = place_text(m_file.shown, found->value.place);
    Expanded expanded = expand(found->value.text, place, encoding_for(setting), m_variables);
    if (expanded.text.empty()) {
        return std::nullopt;
    }
    Text result{std::move(expanded.text), expanded.variable_origin.value_or(origin(key)),
                expanded.variable_origin.value_or(place)};
    check_text(result.place, setting, result.text);
    return result;
}

std::optional<int> Values::number(const std::string& key) const
{
    const auto found = text(key);
    if (!found) {
        return std::nullopt;
    }
    int number = 0; // check_text() made sure that it is one
    std::from_chars(found->text.data(), found->text.data() + found->text.size(), number);
    return number;
}

std::optional<bool> Values::flag(const std::string& key) const
{
    const Entry* found = entry(key);
    return found == nullptr ? std::nullopt : std::optional(found->value.text == "true");
}

std::optional<std::vector<std::string>> Values::list(const std::string& key) const
{
    const Entry* found = entry(key);
    if (found == nullptr) {
        return std::nullopt;
    }
    const bool is_sql = setting_for(key).kind == Kind::statements;
    std::vector<std::string> texts;
    for (const Value& item : found->value.items) {
        const std::string place = place_text(m_file.shown, item.place);
        texts.push_back(is_sql ? item.text
                               : expand(item.text, place, Encoding::literal, m_variables).text);
    }
    return texts;
}

const Entry* Values::entry(const std::string& key) const
{
    for (const Entry& entry : m_file.entries) {
        if (key_of(entry) == key) {
            return &entry;
        }
    }
    return nullptr;
}

std::string Values::origin(const std::string& key) const
{
    const Entry* found = entry(key);
    return found == nullptr ? "default" : fmt::format("{}:{}", m_file.shown, found->key_place.line);
}

std::vector<std::string> Values::profile_names() const
{
    std::vector<std::string> names;
    for (const Entry& entry : m_file.entries) {
        if (entry.path.size() == 2 && entry.path.front() == "profiles") {
            names.push_back(entry.path.back());
        }
    }
    return names;
}

} // namespace crudctl::config
