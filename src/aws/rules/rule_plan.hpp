#pragma once

#include "aws/request/query_api.hpp"
#include "aws/rules/rule_label.hpp"
#include "aws/rules/security_group.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace crudctl::aws {

/// One rule that everybody shares, known by its id or by its description.
struct SharedRule {
    std::string id; // may be empty
    std::string description;
    bool may_be_made = false; // where there is none
};

/// A rule for each user and workspace.
struct WorkspaceRule {
    WorkspaceLabel label; // with the time of now
    std::chrono::seconds life;
};

/// What is to be let in, and by which rule.
struct WantedRule {
    std::string group; // may be empty where a shared rule's id is known
    std::string cidr;  // of one address: "203.0.113.7/32"
    int port = 5432;
    std::variant<SharedRule, WorkspaceRule> rule;
};

enum class RuleAction { nothing, modify, make };

/// What has to be done for it.
struct RulePlan {
    RuleAction action = RuleAction::nothing;
    SecurityGroupRule wanted;                // without an id where it is to be made
    std::optional<SecurityGroupRule> before; // the rule as it is
    std::vector<SecurityGroupRule> stale;    // of workspaces that are gone: to be removed
};

/// Looks at the rules there are; changes nothing. `tell` hears what a person should know. Throws
/// Error(refused) for a rule that is of another kind or somebody else's, Error(external) where
/// there is none and none may be made, and what SecurityGroups throws.
RulePlan plan_rule(SecurityGroups& groups, const WantedRule& wish,
                   const std::function<void(const std::string&)>& tell);

/// The same for a workspace's rule among the group's rules.
RulePlan plan_workspace_rule(const std::vector<SecurityGroupRule>& rules, const WantedRule& wish);

/// Whether the rule is one for what comes in over TCP to this port, from any source.
bool is_for_incoming(const SecurityGroupRule& rule, int port);

/// Whether it lets this IPv4 address in to the port. Of one that names a prefix list, another group
/// or an IPv6 network that cannot be told: false.
bool lets_in(const SecurityGroupRule& rule, const std::string& address, int port);

/// How a plan ended.
struct RuleOutcome {
    SecurityGroupRule rule;           // that lets the address in
    std::vector<std::string> removed; // ids of stale rules
    bool is_by_another_rule = false;  // there was one already; ours is as it was
    bool is_visible = true;           // it was read back
};

/// Does what the plan says, and waits until EC2 shows it. Stale rules that cannot be removed are
/// told and stay. Throws what SecurityGroups throws.
RuleOutcome carry_out(SecurityGroups& groups, const RulePlan& plan, const Pacing& pacing,
                      const std::function<void(const std::string&)>& tell);

/// Has AWS check rights and parameters of what the plan says, and changes nothing.
void try_out(SecurityGroups& groups, const RulePlan& plan);

} // namespace crudctl::aws
