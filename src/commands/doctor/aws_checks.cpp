#include "commands/doctor/aws_checks.hpp"

#include "aws/request/host.hpp"
#include "aws/rules/public_address.hpp"
#include "aws/rules/rule_plan.hpp"
#include "commands/doctor/instance_check.hpp"
#include "config/profile/host_kind.hpp"
#include "operation/wanted_rule.hpp"
#include "support/process/interrupt.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace crudctl::commands {

namespace {

/// Only a variable of the script's says so, which may be meant for another profile.
bool is_of_the_profile(const std::optional<config::Text>& setting)
{
    return setting && setting->place != "DB_SG_ID" && setting->place != "DB_SG_RULE_ID";
}

/// An endpoint's name has what the settings may lack.
void complete(config::AwsSettings& settings, const std::string& host)
{
    const auto known = aws::parse_rds_host(host);
    if (!known) {
        return;
    }
    const auto from_host = [](const std::string& text) {
        return config::Text{text, from_host_name, from_host_name};
    };
    if (!settings.instance) {
        settings.instance = from_host(known->instance);
        settings.region = settings.region ? settings.region : from_host(known->region);
    }
}

/// Nothing where the target has to do with no AWS. Throws Error(configuration).
std::optional<config::AwsSettings> settings_of(const Context& context, const Target& target)
{
    config::AwsSettings settings = context.settings.aws(target.profile.name);
    const std::string host =
        settings.endpoint ? settings.endpoint->text.substr(0, settings.endpoint->text.find(':'))
                          : target.info.host();
    complete(settings, host);
    const bool names_group = is_of_the_profile(settings.security_group) ||
                             is_of_the_profile(settings.rule) ||
                             (settings.security_group && config::is_public_host(host));
    return settings.instance || names_group ? std::optional(std::move(settings)) : std::nullopt;
}

/// None of it can be asked, for one reason.
void give_up(const Error& error, Diagnosis& diagnosis)
{
    constexpr std::array steps = {DoctorStep::instance, DoctorStep::is_public, DoctorStep::rule};
    for (const DoctorStep step : steps) {
        if (diagnosis.find(step) == nullptr) {
            diagnosis.add(step, {Verdict::unknown, could_not_text(error)});
        }
    }
}

/// Nobody answers: where AWS lets this machine in, what is left is nearer; where it could not be
/// asked, that comes first.
void judge_silence(const Target& target, const WayIn& way, Diagnosis& diagnosis)
{
    const Finding* rule = diagnosis.find(DoctorStep::rule);
    if (!way.met_silence() || rule == nullptr) {
        return;
    }
    if (rule->verdict == Verdict::unknown) {
        diagnosis.set_fix(DoctorStep::tcp,
                          "let AWS be asked (the lines above say what is missing), "
                          "then " +
                              command_text(target, "doctor"));
    } else if (rule->verdict == Verdict::passes) {
        diagnosis.set_fix(DoctorStep::tcp,
                          fmt::format("let this machine's own network out to port {}, or give the "
                                      "instance's subnet a route to the internet",
                                      target.info.places().front().port));
    }
}

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
    aws::WantedRule wish = rule_wish(scene.settings, settings.environment(), owner);
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

void look_at_aws(Context& context, const Target& target, const WayIn& way, Diagnosis& diagnosis)
{
    if (target.is_own_server) {
        return;
    }
    try {
        const auto settings = settings_of(context, target);
        if (!settings) {
            return;
        }
        AwsAccess access(context, *settings);
        const AwsScene scene{context, target, *settings, access, way, diagnosis};
        const auto instance = look_at_instance(scene);
        look_at_rules(scene, instance);
    } catch (const Error& error) {
        interrupt::throw_if_pending();
        give_up(error, diagnosis);
    }
    judge_silence(target, way, diagnosis);
}

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
