#include "commands/doctor_rule.hpp"

#include "aws/public_address.hpp"
#include "aws/rule_match.hpp"
#include "commands/rule_wish.hpp"
#include "support/interrupt.hpp"
#include "support/text.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace crudctl::commands {

namespace {

/// The rules in front of the server.
struct Wall {
    std::vector<std::string> groups;
    std::vector<aws::SecurityGroupRule> rules;
    int port = 5432;
};

int port_of(const Target& target, const std::optional<aws::RdsInstance>& instance)
{
    return instance && instance->port != 0 ? instance->port
                                           : std::stoi(target.info.places().front().port);
}

/// The group that update-sg-rule would work on; empty where there is none.
std::string group_of_settings(const config::AwsSettings& settings, aws::SecurityGroups& groups)
{
    if (settings.security_group) {
        return settings.security_group->text;
    }
    const auto rule = settings.rule && settings.rule->text.starts_with("sgr-")
                          ? groups.rule(settings.rule->text)
                          : std::nullopt;
    return rule ? rule->group : std::string();
}

Wall wall_of(const AwsScene& scene, const std::optional<aws::RdsInstance>& instance,
             aws::SecurityGroups& groups)
{
    Wall wall;
    wall.port = port_of(scene.target, instance);
    if (instance) {
        wall.groups = instance->security_groups;
    }
    if (wall.groups.empty()) {
        if (const std::string group = group_of_settings(scene.settings, groups); !group.empty()) {
            wall.groups = {group};
        }
    }
    for (const std::string& group : wall.groups) {
        const auto rules = groups.rules_of(group);
        wall.rules.insert(wall.rules.end(), rules.begin(), rules.end());
    }
    return wall;
}

std::string own_address(const AwsScene& scene)
{
    const auto& services = scene.settings.address_services;
    return aws::find_public_address(scene.access.http(),
                                    services ? aws::service_list(services->text)
                                             : aws::address_services(),
                                    [](const std::string& /*text*/) {})
        .address;
}

/// From the inside a server sees addresses that no service in the internet tells.
bool is_inside(const WayIn& way)
{
    const auto& addresses = way.addresses();
    return !addresses.empty() &&
           std::all_of(addresses.begin(), addresses.end(), [](const std::string& address) {
               return aws::address_kind(address) == aws::AddressKind::internal;
           });
}

bool is_by_variable(const std::optional<config::Text>& setting, const char* variable)
{
    return !setting || setting->place == variable;
}

/// The command that lets this machine in, with what has to stand in front of it.
std::string update_text(const AwsScene& scene, const std::string& variables = {})
{
    const aws::Found& region = scene.access.region();
    return fmt::format("{}{}{}",
                       region.origin == from_host_name ? "AWS_REGION=" + region.text + " "
                                                       : std::string(),
                       variables, command_text(scene.target, "update-sg-rule"));
}

/// The profile's group is none of those that count.
std::string group_fix(const AwsScene& scene, const Wall& wall)
{
    const config::AwsSettings& settings = scene.settings;
    const std::string& group = wall.groups.front();
    if (!is_by_variable(settings.security_group, "DB_SG_ID")) {
        return fmt::format("set security_group = \"{}\" at {}, then {}", group,
                           settings.security_group->place, update_text(scene));
    }
    const bool names_rule = !is_by_variable(settings.rule, "DB_SG_RULE_ID");
    return update_text(
        scene, fmt::format("DB_SG_ID={} {}", group, names_rule ? "" : "DB_SG_RULE_ID=create "));
}

/// The rule is gone, or somebody else's: another one has to be made.
std::string rule_fix(const AwsScene& scene, const Wall& wall)
{
    const config::AwsSettings& settings = scene.settings;
    const std::string group =
        settings.security_group ? "" : fmt::format("DB_SG_ID={} ", wall.groups.front());
    return is_by_variable(settings.rule, "DB_SG_RULE_ID")
               ? update_text(scene, group + "DB_SG_RULE_ID=create ")
               : fmt::format("set security_group_rule = \"create\" at {}, then {}",
                             settings.rule->place, update_text(scene, group));
}

/// What update-sg-rule would do, by the settings as they are. Throws Error where it would fail.
aws::RulePlan plan_of(const AwsScene& scene, aws::SecurityGroups& groups, const std::string& cidr)
{
    const config::Settings& settings = scene.context.settings;
    const RuleOwner owner = {plan::author_of(settings.root()),
                             owner_project(settings, scene.settings),
                             std::chrono::system_clock::now()};
    aws::RuleWish wish = rule_wish(scene.settings, settings.environment(), owner);
    wish.cidr = cidr;
    return aws::plan_rule(groups, wish, [](const std::string& /*text*/) {});
}

/// What lets the address in; whether the settings are up to that is looked at.
std::string fix_for(const AwsScene& scene, const Wall& wall, aws::SecurityGroups& groups,
                    const std::string& cidr)
{
    const std::string group = group_of_settings(scene.settings, groups);
    if (std::find(wall.groups.begin(), wall.groups.end(), group) == wall.groups.end()) {
        return group_fix(scene, wall);
    }
    try {
        plan_of(scene, groups, cidr);
        return update_text(scene);
    } catch (const Error&) {
        interrupt::throw_if_pending();
        return rule_fix(scene, wall);
    }
}

std::string unjudged_text(const Wall& wall)
{
    const auto count = std::count_if(
        wall.rules.begin(), wall.rules.end(), [&](const aws::SecurityGroupRule& rule) {
            return rule.cidr.empty() && aws::is_for_incoming(rule, wall.port);
        });
    return count == 0 ? ""
                      : fmt::format("; {} without an IPv4 network cannot be judged from here",
                                    counted(static_cast<std::size_t>(count), "rule"));
}

Finding judged(const AwsScene& scene, const Wall& wall, aws::SecurityGroups& groups,
               const std::string& address)
{
    const auto rule =
        std::find_if(wall.rules.begin(), wall.rules.end(), [&](const aws::SecurityGroupRule& each) {
            return aws::lets_in(each, address, wall.port);
        });
    if (rule != wall.rules.end()) {
        return {Verdict::passes, fmt::format("{} of {} lets {} in ({})", rule->id, rule->group,
                                             address, aws::rule_text(*rule))};
    }
    const std::string text =
        fmt::format("no rule of {} lets {} in to port {}{}", fmt::join(wall.groups, ", "), address,
                    wall.port, unjudged_text(wall));
    if (scene.is_reached()) {
        return {Verdict::told, text + "; the server answers all the same, by another way in"};
    }
    const bool is_refused =
        scene.diagnosis.find(DoctorStep::tcp) != nullptr && !scene.way.met_silence();
    return {is_refused ? Verdict::told : Verdict::fails, text,
            fix_for(scene, wall, groups, address + "/32")};
}

} // namespace

void look_at_rules(const AwsScene& scene, const std::optional<aws::RdsInstance>& instance)
{
    const auto say_unknown = [&](const std::string& text) {
        scene.diagnosis.add(DoctorStep::rule, {Verdict::unknown, text});
    };
    if (is_inside(scene.way)) {
        return say_unknown("the server's address is an inner one: which address of this machine it "
                           "sees is not known");
    }
    try {
        aws::QueryApi ec2 = scene.access.service("ec2", "2016-11-15");
        aws::SecurityGroups groups(ec2);
        const Wall wall = wall_of(scene, instance, groups);
        if (wall.groups.empty()) {
            return say_unknown(
                "which security group is in front of it is not known: security_group "
                "in the profile, or DB_SG_ID");
        }
        scene.diagnosis.add(DoctorStep::rule, judged(scene, wall, groups, own_address(scene)));
    } catch (const Error& error) {
        interrupt::throw_if_pending();
        say_unknown(could_not_text(error));
    }
}

} // namespace crudctl::commands
