#include "config/file/values.hpp"

#include "support/error.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

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

[[noreturn]] void refuse_kind(const std::string& place, const Setting& setting,
                              const std::string& hint = {})
{
    throw Error(ExitCode::configuration,
                fmt::format("{}: \"{}\" must be {}{}", place, last_part(setting.key),
                            setting.kind == Kind::word || setting.kind == Kind::flag ? "" : "a ",
                            kind_text(setting)),
                hint);
}

std::vector<std::string> choices_of(const Setting& setting)
{
    std::vector<std::string> choices;
    std::string_view rest = setting.choices;
    while (!rest.empty()) {
        const std::string_view choice = rest.substr(0, rest.find('|'));
        choices.emplace_back(choice);
        rest.remove_prefix(std::min(rest.size(), choice.size() + 1));
    }
    return choices;
}

bool is_number_for(const Setting& setting, std::string_view text)
{
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_port = last_part(setting.key) == "port";
    return error == std::errc() && end == text.data() + text.size() &&
           number >= (is_port ? 1 : 0) && (!is_port || number <= 65535);
}

/// One field or several: a list counts as one text does.
void check_fields(const std::string& shown, const Setting& setting, const Value& value)
{
    const bool is_text = value.type == Value::Type::text && !value.text.empty();
    const bool is_list = value.type == Value::Type::list && !value.items.empty();
    const bool has_only_texts =
        std::all_of(value.items.begin(), value.items.end(), [](const Value& item) {
            return item.type == Value::Type::text && !item.text.empty();
        });
    if ((!is_text && !is_list) || !has_only_texts) {
        throw Error(ExitCode::configuration,
                    fmt::format("{}: a parameter is taken from a {}",
                                place_text(shown, value.place), kind_text(setting)),
                    "a field looks like \"request.userAttributes.name\"");
    }
}

bool is_list(Kind kind)
{
    return kind == Kind::paths || kind == Kind::statements || kind == Kind::words;
}

void check_list(const std::string& shown, const Setting& setting, const Value& value)
{
    for (const Value& item : value.items) {
        if (item.type != Value::Type::text || item.text.empty()) {
            refuse_kind(place_text(shown, item.place), setting);
        }
    }
    if (setting.kind == Kind::words && value.items.empty()) {
        throw Error(ExitCode::configuration,
                    fmt::format("{}: \"{}\" names no program", place_text(shown, value.place),
                                last_part(setting.key)));
    }
}

/// A list where one text was written, the likeliest slip.
std::string list_hint(const Setting& setting, const Value& value)
{
    return value.type == Value::Type::text
               ? fmt::format("put it into brackets: {} = [\"…\"]", last_part(setting.key))
               : std::string();
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

std::optional<Variable> variable_of(const Setting& setting, const Variables& variables)
{
    return takes_dotenv(setting) ? variables.find(setting.variable)
                                 : variables.find_real(setting.variable);
}

Values::Values(TomlFile file, Variables variables)
    : m_file(std::move(file)), m_variables(std::move(variables))
{}

std::optional<Text> Values::from_environment(const Setting& setting) const
{
    if (!setting.variable.starts_with("CRUDCTL_")) {
        return std::nullopt;
    }
    const auto variable = variable_of(setting, m_variables);
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

void check_text(const std::string& place, const Setting& setting, std::string_view text)
{
    if (setting.kind == Kind::number && !is_number_for(setting, text)) {
        refuse_kind(place, setting);
    }
    if (setting.kind == Kind::word) {
        const std::vector<std::string> choices = choices_of(setting);
        if (std::find(choices.begin(), choices.end(), text) == choices.end()) {
            const auto meant = nearest(text, choices);
            refuse_kind(place, setting, meant ? fmt::format("did you mean \"{}\"?", *meant) : "");
        }
    }
}

void check_value(const std::string& shown, const Setting& setting, const Value& value)
{
    const std::string place = place_text(shown, value.place);
    if (is_list(setting.kind)) {
        if (value.type != Value::Type::list) {
            refuse_kind(place, setting, list_hint(setting, value));
        }
        check_list(shown, setting, value);
    } else if (setting.kind == Kind::fields) {
        check_fields(shown, setting, value);
    } else if (setting.kind == Kind::flag) {
        if (value.type != Value::Type::flag) {
            refuse_kind(place, setting,
                        value.type == Value::Type::text ? "write it without quotes" : "");
        }
    } else {
        const bool is_integer = value.type == Value::Type::integer && setting.kind == Kind::number;
        if (value.type != Value::Type::text && !is_integer) {
            refuse_kind(place, setting);
        }
        if (!value.text.empty() && value.text.find("${") == std::string::npos) {
            check_text(place, setting, value.text);
        }
    }
}

} // namespace crudctl::config
