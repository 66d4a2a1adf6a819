#include "config/listing.hpp"

#include "config/profile/foreign_url.hpp"
#include "config/profile/password.hpp"
#include "support/error.hpp"
#include "support/text/text.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace crudctl::config {

namespace {

constexpr const char* masked_value = "***";

/// A URL as it is told: parsed, without its password.
std::string masked_url(const std::string& url)
{
    try {
        const pg::ConnInfo info = pg::ConnInfo::parse(read_foreign_url(url).text);
        const std::string text = info.url(pg::ConnInfo::ShowPassword::no);
        return secrets_in(url).empty() ? text : text + " (its password is not shown)";
    } catch (const Error&) {
        return "(cannot be read)";
    }
}

std::string shown_value(const Setting& setting, const std::string& text)
{
    switch (setting.kind) {
    case Kind::secret:
        return masked_value;
    case Kind::url:
        return masked_url(text);
    default:
        return text;
    }
}

/// A program's arguments may hold a token.
std::string shown_list(const Setting& setting, const std::vector<std::string>& items)
{
    if (setting.kind == Kind::words) {
        return items.size() == 1 ? items.front()
                                 : fmt::format("{} (and {})", items.front(),
                                               counted(items.size() - 1, "argument"));
    }
    return fmt::format("{}", fmt::join(items, ", "));
}

/// The variables that an entry's text, or one of its items, names and that are not set.
std::vector<std::string> unset_in(const Value& value, const Setting& setting,
                                  const Variables& variables)
{
    if (setting.kind == Kind::statements) {
        return {};
    }
    std::vector<std::string> unset = unset_variables(value.text, variables);
    for (const Value& item : value.items) {
        const auto more = unset_variables(item.text, variables);
        unset.insert(unset.end(), more.begin(), more.end());
    }
    return unset;
}

class Listing {
public:
    explicit Listing(const Values& values) : m_values(values) {}

    void add(SettingLine line) { m_lines.push_back(std::move(line)); }

    void add_setting(const std::string& key)
    {
        try {
            m_lines.push_back(line_for(key, setting_for(key)));
        } catch (const Error& error) {
            m_lines.push_back({key, {}, false, error.what()});
        }
    }

    std::vector<SettingLine> take() { return std::move(m_lines); }

private:
    SettingLine line_for(const std::string& key, const Setting& setting) const
    {
        const Entry* entry = m_values.entry(key);
        if (entry == nullptr) {
            return line_outside_the_file(key, setting);
        }
        const auto unset = unset_in(entry->value, setting, m_values.variables());
        if (!unset.empty()) {
            return {key,
                    {},
                    false,
                    fmt::format("{}: {} not set", m_values.origin(key), fmt::join(unset, ", "))};
        }
        if (setting.kind == Kind::flag) {
            return {key, entry->value.text, true, m_values.origin(key)};
        }
        if (entry->value.type == Value::Type::list) {
            return {key, shown_list(setting, *m_values.list(key)), true, m_values.origin(key)};
        }
        const auto text = m_values.text(key);
        return text ? SettingLine{key, shown_value(setting, text->text), true, text->origin}
                    : SettingLine{key, {}, false, m_values.origin(key)};
    }

    SettingLine line_outside_the_file(const std::string& key, const Setting& setting) const
    {
        if (setting.variable.starts_with("CRUDCTL_")) {
            if (const auto text = m_values.text(key)) {
                return {key, shown_value(setting, text->text), true, text->origin};
            }
        }
        std::string value(setting.default_text);
        value.erase(std::remove(value.begin(), value.end(), '`'), value.end());
        const bool is_set = value != "none";
        return {key, is_set ? value : std::string(), is_set, "default"};
    }

    const Values& m_values;
    std::vector<SettingLine> m_lines;
};

SettingLine config_line(const Location& location)
{
    return location.file ? SettingLine{"config", location.file->string(), true, location.origin}
                         : SettingLine{"config", {}, false, "no crudctl.toml"};
}

/// Only what a profile has is worth a line, but for what the program decides by.
bool is_listed(const Setting& setting, const Values& values, const std::string& key)
{
    const bool is_own_key =
        !is_connection_keyword(setting) && setting.key.find(".aws.") == std::string_view::npos;
    return is_own_key || values.entry(key) != nullptr;
}

} // namespace

std::vector<SettingLine> list_settings(const Values& values, const Sources& sources,
                                       const Location& location)
{
    constexpr std::string_view profile_prefix = "profiles.NAME.";
    Listing listing(values);
    listing.add(config_line(location));
    const Text chosen = chosen_profile_name(sources, values.variables());
    listing.add({"profile", chosen.text, true, chosen.origin});
    if (sources.database) {
        listing.add({"database", *sources.database, true, "--database"});
    }
    for (const Setting& setting : setting_table()) {
        if (setting.key.starts_with("project.") || setting.key.starts_with("server.")) {
            listing.add_setting(std::string(setting.key));
        }
    }
    for (const std::string& name : values.profile_names()) {
        for (const Setting& setting : setting_table()) {
            const std::string key = fmt::format("profiles.{}.{}", name,
                                                setting.key.starts_with(profile_prefix)
                                                    ? setting.key.substr(profile_prefix.size())
                                                    : std::string_view());
            if (!key.ends_with('.') && is_listed(setting, values, key)) {
                listing.add_setting(key);
            }
        }
    }
    for (const Entry& entry : values.file().entries) {
        if (entry.path.front() == "lambda" && entry.value.type != Value::Type::table) {
            listing.add_setting(fmt::format("{}", fmt::join(entry.path, ".")));
        }
    }
    return listing.take();
}

} // namespace crudctl::config
