#include "aws/rule_change.hpp"

#include "support/error.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace crudctl::aws {

namespace {

using namespace std::chrono_literals;

/// EC2 shows a change late now and then; after these it is only told.
constexpr std::array pauses = {100ms, 250ms, 500ms, 1000ms, 2000ms, 3000ms, 4000ms};

bool lets_in(const SecurityGroupRule& rule, const SecurityGroupRule& wanted)
{
    return !rule.is_egress && rule.protocol == wanted.protocol &&
           rule.from_port == wanted.from_port && rule.to_port == wanted.to_port &&
           rule.cidr == wanted.cidr;
}

std::optional<SecurityGroupRule> rule_that_lets_in(SecurityGroups& groups,
                                                   const SecurityGroupRule& wanted)
{
    const auto rules = groups.rules_of(wanted.group);
    const auto found = std::find_if(rules.begin(), rules.end(), [&](const SecurityGroupRule& rule) {
        return lets_in(rule, wanted);
    });
    return found == rules.end() ? std::nullopt : std::optional(*found);
}

/// As EC2 shows it by now.
std::optional<SecurityGroupRule> shown(SecurityGroups& groups, const SecurityGroupRule& wanted)
{
    if (wanted.id.empty()) {
        return rule_that_lets_in(groups, wanted);
    }
    const auto rule = groups.rule(wanted.id);
    return rule && lets_in(*rule, wanted) && rule->description == wanted.description ? rule
                                                                                     : std::nullopt;
}

/// False where it does not show within a dozen seconds.
bool wait_until_shown(SecurityGroups& groups, SecurityGroupRule& rule, const Pacing& pacing)
{
    for (const auto pause : pauses) {
        if (const auto seen = shown(groups, rule)) {
            rule = *seen;
            return true;
        }
        pacing.sleep(pause);
    }
    return shown(groups, rule).has_value();
}

/// Does it; false where EC2 has such a rule already.
bool change(SecurityGroups& groups, const RulePlan& plan, SecurityGroupRule& rule)
{
    try {
        if (plan.action == RuleAction::make) {
            rule.id = groups.authorize(rule, Trial::no);
        } else {
            groups.modify(rule, Trial::no);
        }
        return true;
    } catch (const ServiceError& error) {
        if (error.service_code() != "InvalidPermission.Duplicate") {
            throw;
        }
        return false;
    }
}

void remove_stale(SecurityGroups& groups, const RulePlan& plan, RuleOutcome& outcome,
                  const std::function<void(const std::string&)>& tell)
{
    for (const SecurityGroupRule& rule : plan.stale) {
        try {
            groups.revoke(rule, Trial::no);
            outcome.removed.push_back(rule.id);
        } catch (const ServiceError& error) {
            if (error.service_code() != "InvalidSecurityGroupRuleId.NotFound") {
                tell(fmt::format("the stale rule {} stays: {}", rule.id, error.what()));
            }
        }
    }
}

} // namespace

RuleOutcome carry_out(SecurityGroups& groups, const RulePlan& plan, const Pacing& pacing,
                      const std::function<void(const std::string&)>& tell)
{
    RuleOutcome outcome;
    outcome.rule = plan.wanted;
    if (plan.action != RuleAction::nothing) {
        if (change(groups, plan, outcome.rule)) {
            outcome.is_visible = wait_until_shown(groups, outcome.rule, pacing);
        } else {
            // Another one, or ours, where the answer to the first try was lost.
            outcome.rule.id.clear();
            outcome.is_visible = wait_until_shown(groups, outcome.rule, pacing);
            outcome.is_by_another_rule = plan.action == RuleAction::make
                                             ? outcome.rule.description != plan.wanted.description
                                             : outcome.rule.id != plan.wanted.id;
        }
    }
    remove_stale(groups, plan, outcome, tell);
    return outcome;
}

void try_out(SecurityGroups& groups, const RulePlan& plan)
{
    if (plan.action == RuleAction::make) {
        groups.authorize(plan.wanted, Trial::yes);
    } else if (plan.action == RuleAction::modify) {
        groups.modify(plan.wanted, Trial::yes);
    }
    for (const SecurityGroupRule& rule : plan.stale) {
        groups.revoke(rule, Trial::yes);
    }
}

} // namespace crudctl::aws
