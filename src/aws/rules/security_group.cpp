#include "aws/rules/security_group.hpp"

#include "support/error.hpp"

#include <set>
#include <string_view>

#include <fmt/format.h>
#include <pugixml.hpp>

namespace crudctl::aws {

namespace {

constexpr const char* describe = "DescribeSecurityGroupRules";
constexpr const char* page_size = "1000";

SecurityGroupRule rule_from(const pugi::xml_node& item)
{
    SecurityGroupRule rule;
    rule.id = item.child_value("securityGroupRuleId");
    rule.group = item.child_value("groupId");
    rule.is_egress = item.child("isEgress").text().as_bool();
    rule.protocol = item.child_value("ipProtocol");
    rule.from_port = item.child("fromPort").text().as_int();
    rule.to_port = item.child("toPort").text().as_int();
    rule.cidr = item.child_value("cidrIpv4");
    rule.description = item.child_value("description");
    return rule;
}

std::vector<SecurityGroupRule> rules_in(const pugi::xml_document& document)
{
    std::vector<SecurityGroupRule> rules;
    for (const pugi::xml_node& item :
         document.document_element().child("securityGroupRuleSet").children("item")) {
        rules.push_back(rule_from(item));
    }
    return rules;
}

} // namespace

std::string rule_text(const SecurityGroupRule& rule)
{
    const std::string ports = rule.from_port == rule.to_port
                                  ? fmt::format("{}", rule.from_port)
                                  : fmt::format("{} to {}", rule.from_port, rule.to_port);
    return fmt::format("{} on {} {}", rule.cidr.empty() ? "no IPv4 network" : rule.cidr,
                       rule.protocol == "-1" ? "all" : rule.protocol, ports);
}

std::vector<SecurityGroupRule> SecurityGroups::rules_of(const std::string& group)
{
    std::vector<SecurityGroupRule> rules;
    std::set<std::string> tokens;
    std::string token;
    do {
        Parameters parameters = {{"Filter.1.Name", "group-id"}, {"Filter.1.Value.1", group}};
        parameters.emplace_back("MaxResults", page_size);
        if (!token.empty()) {
            parameters.emplace_back("NextToken", token);
        }
        const auto document = m_ec2.call(describe, parameters);
        const auto page = rules_in(*document);
        rules.insert(rules.end(), page.begin(), page.end());
        token = document->document_element().child_value("nextToken");
        if (!token.empty() && !tokens.insert(token).second) {
            throw Error(ExitCode::external,
                        fmt::format("ec2 {} gives the same page again and again", describe));
        }
    } while (!token.empty());
    return rules;
}

std::optional<SecurityGroupRule> SecurityGroups::rule(const std::string& id)
{
    try {
        const auto document = m_ec2.call(describe, {{"SecurityGroupRuleId.1", id}});
        for (SecurityGroupRule& rule : rules_in(*document)) {
            if (rule.id == id) {
                return std::move(rule);
            }
        }
        return std::nullopt;
    } catch (const ServiceError& error) {
        if (error.service_code() == "InvalidSecurityGroupRuleId.NotFound") {
            return std::nullopt;
        }
        throw;
    }
}

void SecurityGroups::modify(const SecurityGroupRule& rule, Trial trial)
{
    const std::string prefix = "SecurityGroupRule.1.SecurityGroupRule.";
    change("ModifySecurityGroupRules",
           {{"GroupId", rule.group},
            {"SecurityGroupRule.1.SecurityGroupRuleId", rule.id},
            {prefix + "IpProtocol", rule.protocol},
            {prefix + "FromPort", fmt::format("{}", rule.from_port)},
            {prefix + "ToPort", fmt::format("{}", rule.to_port)},
            {prefix + "CidrIpv4", rule.cidr},
            {prefix + "Description", rule.description}},
           trial);
}

std::string SecurityGroups::authorize(const SecurityGroupRule& rule, Trial trial)
{
    const std::string prefix = "IpPermissions.1.";
    const auto document = change("AuthorizeSecurityGroupIngress",
                                 {{"GroupId", rule.group},
                                  {prefix + "IpProtocol", rule.protocol},
                                  {prefix + "FromPort", fmt::format("{}", rule.from_port)},
                                  {prefix + "ToPort", fmt::format("{}", rule.to_port)},
                                  {prefix + "IpRanges.1.CidrIp", rule.cidr},
                                  {prefix + "IpRanges.1.Description", rule.description}},
                                 trial);
    const auto made = document ? rules_in(*document) : std::vector<SecurityGroupRule>();
    return made.empty() ? std::string() : made.front().id;
}

void SecurityGroups::revoke(const SecurityGroupRule& rule, Trial trial)
{
    change("RevokeSecurityGroupIngress",
           {{"GroupId", rule.group}, {"SecurityGroupRuleId.1", rule.id}}, trial);
}

std::shared_ptr<pugi::xml_document> SecurityGroups::change(const std::string& action,
                                                           Parameters parameters, Trial trial)
{
    if (trial == Trial::no) {
        return m_ec2.call(action, parameters);
    }
    parameters.emplace_back("DryRun", "true");
    try {
        m_ec2.call(action, parameters);
    } catch (const ServiceError& error) {
        if (error.service_code() == "DryRunOperation") { // it would have been done
            return nullptr;
        }
        throw;
    }
    throw Error(ExitCode::external,
                fmt::format("ec2 {} did not say what it would have done", action),
                "the endpoint may not know DryRun, and have done it");
}

} // namespace crudctl::aws
