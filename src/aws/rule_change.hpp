#pragma once

#include "aws/pacing.hpp"
#include "aws/rule_plan.hpp"

#include <functional>
#include <string>
#include <vector>

namespace crudctl::aws {

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
