#include "config/known_secrets.hpp"

#include "pg/conn_info.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <optional>

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

/// Variables that hold a secret and nothing else.
bool is_secret_variable(std::string_view name)
{
    return name == "PGPASSWORD" || name == "AWS_SECRET_ACCESS_KEY" || name == "AWS_SESSION_TOKEN";
}

/// Of a setting's own text: a password key's value, or the passwords in a URL.
std::vector<Secret> secrets_in_setting(const Setting& setting, const std::string& text)
{
    if (setting.kind == Kind::secret && !text.empty()) {
        return {Secret(text)};
    }
    return setting.kind == Kind::url ? secrets_in(text) : std::vector<Secret>();
}

void append(std::vector<Secret>& secrets, const std::vector<Secret>& more)
{
    secrets.insert(secrets.end(), more.begin(), more.end());
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

std::vector<Secret> secrets_in(const std::string& url)
{
    if (!looks_like_target(url)) {
        return {};
    }
    try {
        const pg::ConnInfo info = pg::ConnInfo::parse(url);
        std::vector<Secret> secrets;
        if (!info.password().empty()) {
            secrets.push_back(info.password());
        }
        if (const auto key_password = info.value("sslpassword")) {
            secrets.emplace_back(*key_password);
        }
        return secrets;
    } catch (const Error&) {
        return {Secret(url)};
    }
}

std::vector<Secret> known_secrets(const Values& values)
{
    std::vector<Secret> secrets;
    for (const Entry& entry : values.file().entries) {
        const Setting* setting = setting_of(entry);
        const auto text =
            setting == nullptr ? std::nullopt : expanded(entry, *setting, values.variables());
        if (text) {
            append(secrets, secrets_in_setting(*setting, *text));
        }
    }
    for (const auto& [name, value] : values.variables().merged().variables()) {
        append(secrets, is_secret_variable(name) ? std::vector{Secret(value)} : secrets_in(value));
    }
    return secrets;
}

bool holds_password(const TomlFile& file)
{
    return std::any_of(file.entries.begin(), file.entries.end(), [](const Entry& entry) {
        const Setting* setting = setting_of(entry);
        return setting != nullptr &&
               !secrets_in_setting(*setting, without_variables(entry.value.text)).empty();
    });
}

bool holds_password(const Dotenv& dotenv)
{
    return std::any_of(dotenv.variables.begin(), dotenv.variables.end(), [](const auto& variable) {
        return (variable.first == "PGPASSWORD" && !variable.second.empty()) ||
               !secrets_in(variable.second).empty();
    });
}

} // namespace crudctl::config
