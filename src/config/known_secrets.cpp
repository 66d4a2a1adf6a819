#include "config/known_secrets.hpp"

#include "pg/conn_info.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

#include <algorithm>

namespace crudctl::config {

namespace {

bool looks_like_target(const std::string& text)
{
    return lower_ascii(text.substr(0, 8)) == "postgres" ||
           text.find("password=") != std::string::npos;
}

const Setting* setting_of(const Entry& entry)
{
    return find_setting(generic_key(entry.path));
}

/// Of a setting's own text: a password key's value, or the password in a URL.
std::optional<Secret> secret_in_setting(const Setting& setting, const std::string& text)
{
    if (text.empty() || setting.kind == Kind::secret) {
        return text.empty() ? std::nullopt : std::optional(Secret(text));
    }
    return setting.kind == Kind::url ? secret_in(text) : std::nullopt;
}

/// The variables' values that are in the text, too: they may be passwords within a URL.
std::optional<std::string> expanded(const Entry& entry, const Setting& setting,
                                    const Variables& variables)
{
    try {
        const auto encoding = setting.kind == Kind::url ? Encoding::url : Encoding::literal;
        return expand(entry.value.text, {}, encoding, variables).text;
    } catch (const Error&) {
        return std::nullopt; // whoever needs the value is told
    }
}

} // namespace

std::optional<Secret> secret_in(const std::string& url)
{
    if (!looks_like_target(url)) {
        return std::nullopt;
    }
    try {
        const Secret password = pg::ConnInfo::parse(url).password();
        return password.empty() ? std::nullopt : std::optional(password);
    } catch (const Error&) {
        return Secret(url);
    }
}

std::vector<Secret> known_secrets(const Values& values)
{
    std::vector<Secret> secrets;
    for (const Entry& entry : values.file().entries) {
        const Setting* setting = setting_of(entry);
        const auto text =
            setting == nullptr ? std::nullopt : expanded(entry, *setting, values.variables());
        if (auto secret = text ? secret_in_setting(*setting, *text) : std::nullopt) {
            secrets.push_back(std::move(*secret));
        }
    }
    for (const auto& [name, value] : values.variables().merged().variables()) {
        if (name == "PGPASSWORD") {
            secrets.emplace_back(value);
        } else if (auto secret = secret_in(value)) {
            secrets.push_back(std::move(*secret));
        }
    }
    return secrets;
}

bool holds_password(const TomlFile& file)
{
    return std::any_of(file.entries.begin(), file.entries.end(), [](const Entry& entry) {
        const Setting* setting = setting_of(entry);
        return setting != nullptr &&
               secret_in_setting(*setting, without_variables(entry.value.text)).has_value();
    });
}

bool holds_password(const Dotenv& dotenv)
{
    return std::any_of(dotenv.variables.begin(), dotenv.variables.end(), [](const auto& variable) {
        return (variable.first == "PGPASSWORD" && !variable.second.empty()) ||
               secret_in(variable.second).has_value();
    });
}

} // namespace crudctl::config
