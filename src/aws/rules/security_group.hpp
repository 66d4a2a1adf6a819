#pragma once

#include "aws/request/query_api.hpp"

#include <optional>
#include <string>
#include <vector>

namespace crudctl::aws {

/// One rule of a security group.
struct SecurityGroupRule {
    std::string id; // "sgr-…"
    std::string group;
    bool is_egress = false;
    std::string protocol; // "tcp"; "-1" is all
    int from_port = 0;
    int to_port = 0;
    std::string cidr; // empty where it names no IPv4 network but something else
    std::string description;
};

/// "203.0.113.7/32 on tcp 5432"
std::string rule_text(const SecurityGroupRule& rule);

/// Where a change is made, or only asked for: AWS then checks rights and parameters.
enum class Trial { no, yes };

/// The rules of security groups. All of it throws as QueryApi::call() does; a change may be asked
/// for twice without harm.
class SecurityGroups {
public:
    explicit SecurityGroups(QueryApi& ec2) : m_ec2(ec2) {}

    std::vector<SecurityGroupRule> rules_of(const std::string& group);
    /// Nothing where there is no such rule.
    std::optional<SecurityGroupRule> rule(const std::string& id);

    /// Replaces all fields of the rule with this id.
    void modify(const SecurityGroupRule& rule, Trial trial);
    /// Makes a rule; gives its id, which is empty for a trial.
    std::string authorize(const SecurityGroupRule& rule, Trial trial);
    void revoke(const SecurityGroupRule& rule, Trial trial);

private:
    std::shared_ptr<pugi::xml_document> change(const std::string& action, Parameters parameters,
                                               Trial trial);

    QueryApi& m_ec2;
};

} // namespace crudctl::aws
