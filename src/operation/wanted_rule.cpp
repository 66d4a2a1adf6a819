#include "operation/wanted_rule.hpp"

#include "aws/rules/public_address.hpp"
#include "support/error.hpp"
#include "support/text/text.hpp"
#include "support/text/time_text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace crudctl::commands {

namespace {

constexpr std::chrono::seconds usual_life = std::chrono::hours(24 * 7);

[[noreturn]] void refuse(const config::Text& setting, const std::string& why,
                         const std::string& hint)
{
    throw Error(
        ExitCode::configuration,
        fmt::format("{}: \"{}\" {}", setting.place, printable(shortened(setting.text, 64)), why),
        hint);
}

/// "sg-" or "sgr-" with hexadecimal digits.
bool is_id(std::string_view text, std::string_view prefix)
{
    const std::string_view rest = text.starts_with(prefix) ? text.substr(prefix.size()) : "";
    return !rest.empty() && std::all_of(rest.begin(), rest.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    });
}

std::string group_of(const config::AwsSettings& settings)
{
    if (!settings.security_group) {
        return {};
    }
    if (!is_id(settings.security_group->text, "sg-")) {
        refuse(*settings.security_group, "is no security group's id", "it looks like \"sg-0123…\"");
    }
    return settings.security_group->text;
}

[[noreturn]] void refuse_nothing_set(const config::AwsSettings& settings)
{
    throw Error(
        ExitCode::configuration,
        fmt::format("profile \"{}\" names neither a security group nor a rule of one",
                    settings.profile_name),
        fmt::format("set security_group and security_group_rule under [profiles.{}.aws], or "
                    "DB_SG_ID and DB_SG_RULE_ID",
                    settings.profile_name));
}

void require_group(const aws::WantedRule& wish, const config::Text& rule)
{
    if (wish.group.empty()) {
        refuse(rule, "takes a security group, and none is set",
               "set security_group beside it, or DB_SG_ID");
    }
}

/// The one that the people of a workspace know it by.
std::string workspace_of(const Environment& environment, const RuleOwner& owner)
{
    for (const char* name : {"GITPOD_WORKSPACE_ID", "GITPOD_ENVIRONMENT_ID", "CODESPACE_NAME"}) {
        if (const auto value = environment.value(name)) {
            return *value;
        }
    }
    return owner.author.host;
}

std::chrono::seconds life_of(const config::AwsSettings& settings)
{
    if (!settings.rule_ttl) {
        return usual_life;
    }
    const auto life = parse_duration(settings.rule_ttl->text);
    if (!life || *life < std::chrono::minutes(5)) {
        refuse(*settings.rule_ttl, "is no time of five minutes or more",
               "such as \"8h\" or \"7d\"");
    }
    return *life;
}

aws::SharedRule shared_rule(const config::AwsSettings& settings)
{
    aws::SharedRule rule;
    rule.description = aws::legacy_description;
    if (const auto& description = settings.rule_description) {
        if (!aws::is_fixed_description(description->text)) {
            refuse(*description, "cannot be a rule's description",
                   "EC2 takes up to 255 letters, digits, blanks and ._-:/()#,@[]+=&;{}!$*; what "
                   "begins with \"crudctl:\" is for per-workspace rules");
        }
        rule.description = description->text;
    }
    return rule;
}

} // namespace

std::string owner_project(const config::Settings& settings, const config::AwsSettings& aws)
{
    if (!aws.rule || aws.rule->text != "per-workspace") {
        return {};
    }
    const std::string& name = settings.project().name;
    return name.empty() ? settings.root().filename().string() : name;
}

aws::WantedRule rule_wish(const config::AwsSettings& settings, const Environment& environment,
                          const RuleOwner& owner)
{
    aws::WantedRule wish;
    wish.group = group_of(settings);
    wish.port = settings.port;
    if (settings.rule && settings.rule->text == "per-workspace") {
        require_group(wish, *settings.rule);
        wish.rule =
            aws::WorkspaceRule{aws::WorkspaceLabel(owner.project, owner.author.user,
                                                   workspace_of(environment, owner), owner.now),
                               life_of(settings)};
        return wish;
    }
    aws::SharedRule shared = shared_rule(settings);
    if (settings.rule && settings.rule->text == "create") {
        require_group(wish, *settings.rule);
        shared.may_be_made = true;
    } else if (settings.rule) {
        if (!is_id(settings.rule->text, "sgr-")) {
            refuse(*settings.rule, "is no rule's id",
                   "it is an id (\"sgr-0123…\"), \"create\" or \"per-workspace\"");
        }
        shared.id = settings.rule->text;
    } else if (wish.group.empty()) {
        refuse_nothing_set(settings);
    }
    wish.rule = std::move(shared);
    return wish;
}

std::string cidr_of_option(const std::string& text)
{
    const std::string address = text.ends_with("/32") ? text.substr(0, text.size() - 3) : text;
    if (aws::address_kind(address) == aws::AddressKind::none) {
        throw Error(ExitCode::usage,
                    fmt::format("--ip \"{}\" is not the IPv4 address of one host",
                                printable(shortened(text, 64))),
                    "a rule is never wider than /32");
    }
    return address + "/32";
}

} // namespace crudctl::commands
