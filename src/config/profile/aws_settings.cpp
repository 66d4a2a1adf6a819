#include "config/profile/aws_settings.hpp"

#include "config/profile/instance_settings.hpp"
#include "support/error.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace crudctl::config {

namespace {

bool has_aws_settings(const std::string& profile_name, const Values& values)
{
    const std::vector<std::string> table = {"profiles", profile_name, "aws"};
    const auto& entries = values.file().entries;
    return std::any_of(entries.begin(), entries.end(), [&](const Entry& entry) {
        return entry.path.size() > table.size() &&
               std::equal(table.begin(), table.end(), entry.path.begin());
    });
}

std::optional<Text> variable(const Values& values, const char* name)
{
    const auto found = values.variables().find(name);
    return found ? std::optional(Text{found->value, found->origin, found->origin}) : std::nullopt;
}

int port_of(const std::string& profile_name, const Values& values)
{
    if (const auto port = values.number("profiles." + profile_name + ".port")) {
        return *port;
    }
    int number = 5432;
    if (const auto text = readable_url(profile_name, values).value("port")) {
        std::from_chars(text->data(), text->data() + text->size(), number);
    }
    return number;
}

} // namespace

AwsSettings make_aws_settings(const std::string& profile_name, const Values& values,
                              const Sources& sources)
{
    const std::string prefix = "profiles." + profile_name + ".";
    const auto text = [&](const char* key) { return values.text(prefix + "aws." + key); };
    AwsSettings settings;
    settings.profile_name = profile_name;
    settings.name_from_command_line = sources.profile == profile_name;
    settings.aws_profile = text("profile");
    settings.region = text("region");
    settings.security_group = text("security_group");
    settings.rule = text("security_group_rule");
    settings.rule_description = text("rule_description");
    settings.rule_ttl = text("rule_ttl");
    settings.address_services = text("address_services");
    settings.instance = text("instance");
    settings.endpoint = text("endpoint");
    settings.protection = declared_protection(profile_name, values);
    settings.port = port_of(profile_name, values);
    if (!settings.security_group) {
        settings.security_group = variable(values, "DB_SG_ID");
    }
    if (!settings.rule) {
        settings.rule = variable(values, "DB_SG_RULE_ID");
    }
    return settings;
}

std::string default_aws_profile(const std::string& chosen, const Values& values)
{
    std::vector<std::string> names = values.profile_names();
    std::erase_if(names, [&](const std::string& name) { return !has_aws_settings(name, values); });
    if (names.empty() || std::find(names.begin(), names.end(), chosen) != names.end()) {
        return chosen;
    }
    if (names.size() > 1) {
        throw Error(ExitCode::configuration,
                    fmt::format("several profiles have AWS settings: {}", fmt::join(names, ", ")),
                    "name one of them");
    }
    return names.front();
}

} // namespace crudctl::config
