#pragma once

#include "aws/rule_label.hpp"
#include "aws/security_group.hpp"

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
struct RuleWish {
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
RulePlan plan_rule(SecurityGroups& groups, const RuleWish& wish,
                   const std::function<void(const std::string&)>& tell);

/// The same for a workspace's rule among the group's rules.
RulePlan plan_workspace_rule(const std::vector<SecurityGroupRule>& rules, const RuleWish& wish);

} // namespace crudctl::aws
