#include "aws/rules/rule_plan.hpp"

#include "support/error.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace crudctl::aws {

namespace {

/// The kind of rule that lets an address in to one port.
bool is_of_our_kind(const SecurityGroupRule& rule)
{
    return !rule.is_egress && rule.protocol == "tcp" && !rule.cidr.empty();
}

bool is_for_port(const SecurityGroupRule& rule, int port)
{
    return is_of_our_kind(rule) && rule.from_port == port && rule.to_port == port;
}

bool is_ours(const SecurityGroupRule& rule, const SharedRule& wish)
{
    return equal_ignoring_case(rule.description, wish.description) ||
           equal_ignoring_case(rule.description, legacy_description);
}

SecurityGroupRule wanted_rule(const WantedRule& wish, const std::string& description)
{
    SecurityGroupRule rule;
    rule.group = wish.group;
    rule.protocol = "tcp";
    rule.from_port = wish.port;
    rule.to_port = wish.port;
    rule.cidr = wish.cidr;
    rule.description = description;
    return rule;
}

bool is_same(const SecurityGroupRule& a, const SecurityGroupRule& b)
{
    return a.protocol == b.protocol && a.from_port == b.from_port && a.to_port == b.to_port &&
           a.cidr == b.cidr && a.description == b.description;
}

RulePlan change_of(const SecurityGroupRule& before, SecurityGroupRule wanted)
{
    wanted.id = before.id;
    wanted.group = before.group;
    RulePlan plan;
    plan.action = is_same(before, wanted) ? RuleAction::nothing : RuleAction::modify;
    plan.before = before;
    plan.wanted = std::move(wanted);
    return plan;
}

[[noreturn]] void refuse(const SecurityGroupRule& rule, const std::string& why,
                         const std::string& hint = {})
{
    throw Error(ExitCode::refused, fmt::format("rule {} {}; it is left alone", rule.id, why), hint);
}

/// A rule that is named by its id: a wrong id must not cut somebody else off.
void require_usable(const SecurityGroupRule& rule, const WantedRule& wish, const SharedRule& shared)
{
    if (!wish.group.empty() && rule.group != wish.group) {
        refuse(rule, fmt::format("belongs to {}, not to {}", rule.group, wish.group),
               "check aws.security_group (DB_SG_ID) and aws.security_group_rule (DB_SG_RULE_ID)");
    }
    if (rule.is_egress) {
        refuse(rule, "is for what leaves, not for what comes in");
    }
    if (rule.cidr.empty()) {
        refuse(rule, "names no IPv4 network, and EC2 cannot change that",
               "make another rule: aws.security_group_rule = \"create\" does");
    }
    if (rule.protocol != "tcp") {
        refuse(rule, fmt::format("is for {}, and not for tcp", rule_text(rule)));
    }
    if (!rule.description.empty() && !is_ours(rule, shared)) {
        refuse(rule,
               fmt::format("is described as \"{}\", so it may be somebody else's",
                           printable(rule.description)),
               "if it is yours, say so: aws.rule_description in the profile");
    }
}

/// Among rules that are described as ours; the one that is right already, if any.
std::optional<SecurityGroupRule> by_description(const std::vector<SecurityGroupRule>& rules,
                                                const WantedRule& wish, const SharedRule& shared)
{
    std::vector<SecurityGroupRule> found;
    std::copy_if(rules.begin(), rules.end(), std::back_inserter(found),
                 [&](const SecurityGroupRule& rule) {
                     return is_for_port(rule, wish.port) && is_ours(rule, shared);
                 });
    const auto right = std::find_if(found.begin(), found.end(), [&](const SecurityGroupRule& rule) {
        return rule.cidr == wish.cidr;
    });
    if (right != found.end()) {
        return *right;
    }
    if (found.size() > 1) {
        std::vector<std::string> ids;
        std::transform(found.begin(), found.end(), std::back_inserter(ids),
                       [](const SecurityGroupRule& rule) { return rule.id; });
        throw Error(ExitCode::refused,
                    fmt::format("several rules of {} are described as ours for port {}: {}",
                                wish.group, wish.port, fmt::join(ids, ", ")),
                    "name one: aws.security_group_rule, or DB_SG_RULE_ID");
    }
    return found.empty() ? std::nullopt : std::optional(found.front());
}

/// Whoever made it, it lets the address in, and EC2 takes no second one like it.
std::optional<SecurityGroupRule> same_rule_of(const std::vector<SecurityGroupRule>& rules,
                                              const WantedRule& wish)
{
    const auto same = std::find_if(rules.begin(), rules.end(), [&](const SecurityGroupRule& rule) {
        return is_for_port(rule, wish.port) && rule.cidr == wish.cidr;
    });
    return same == rules.end() ? std::nullopt : std::optional(*same);
}

RulePlan make_unless_let_in(const std::vector<SecurityGroupRule>& rules, const WantedRule& wish,
                            const std::string& description)
{
    RulePlan plan;
    if (const auto same = same_rule_of(rules, wish)) {
        plan.before = *same;
        plan.wanted = *same;
        return plan;
    }
    plan.action = RuleAction::make;
    plan.wanted = wanted_rule(wish, description);
    return plan;
}

[[noreturn]] void refuse_absent(const WantedRule& wish, const SharedRule& shared)
{
    const std::string missing = shared.id.empty() ? std::string("no rule") : "no rule " + shared.id;
    const std::string where =
        wish.group.empty() ? ", and no security group is set to look for another one in"
                           : fmt::format(" in {}, and none for tcp {} that is described as \"{}\"",
                                         wish.group, wish.port, shared.description);
    throw Error(ExitCode::external, fmt::format("there is {}{}", missing, where),
                "aws.security_group_rule = \"create\" makes one where there is none; ids differ "
                "between regions and accounts");
}

RulePlan plan_shared_rule(SecurityGroups& groups, const WantedRule& wish, const SharedRule& shared,
                          const std::function<void(const std::string&)>& tell)
{
    const SecurityGroupRule wanted = wanted_rule(wish, shared.description);
    if (!shared.id.empty()) {
        if (const auto rule = groups.rule(shared.id)) {
            require_usable(*rule, wish, shared);
            return change_of(*rule, wanted);
        }
    }
    const auto rules =
        wish.group.empty() ? std::vector<SecurityGroupRule>() : groups.rules_of(wish.group);
    if (const auto rule = by_description(rules, wish, shared)) {
        if (!shared.id.empty()) {
            tell(fmt::format("there is no rule {}; {} is taken, by its description", shared.id,
                             rule->id));
        }
        return change_of(*rule, wanted);
    }
    if (!shared.may_be_made) {
        refuse_absent(wish, shared);
    }
    return make_unless_let_in(rules, wish, shared.description);
}

std::optional<std::uint32_t> number_of(const std::string& address)
{
    in_addr parsed{};
    return ::inet_pton(AF_INET, address.c_str(), &parsed) == 1
               ? std::optional<std::uint32_t>(ntohl(parsed.s_addr))
               : std::nullopt;
}

bool is_in_network(const std::string& address, const std::string& cidr)
{
    const auto slash = cidr.find('/');
    const auto network = number_of(cidr.substr(0, slash));
    const auto number = number_of(address);
    unsigned bits = 32;
    if (slash != std::string::npos) {
        std::from_chars(cidr.data() + slash + 1, cidr.data() + cidr.size(), bits);
    }
    if (!network || !number || bits > 32) {
        return false;
    }
    return bits == 0 || *network >> (32 - bits) == *number >> (32 - bits);
}

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

RulePlan plan_workspace_rule(const std::vector<SecurityGroupRule>& rules, const WantedRule& wish)
{
    const auto& [label, life] = std::get<WorkspaceRule>(wish.rule);
    std::optional<RulePlan> plan;
    std::vector<SecurityGroupRule> stale;
    for (const SecurityGroupRule& rule : rules) {
        const auto other = WorkspaceLabel::parse(rule.description);
        if (!other || !is_for_port(rule, wish.port) || other->project != label.project) {
            continue;
        }
        const bool is_own = other->is_same_owner(label);
        if (is_own && !plan) {
            // Its time alone is not worth a request at every start.
            const bool is_fresh =
                rule.cidr == wish.cidr && other->last_use + life / 4 > label.last_use;
            plan = change_of(rule, wanted_rule(wish, is_fresh ? rule.description : label.text()));
        } else if (other->last_use + life < label.last_use) {
            stale.push_back(rule);
        }
    }
    if (!plan) {
        plan = make_unless_let_in(rules, wish, label.text());
    }
    // One that lets us in at this moment is in use, whatever its label says.
    std::erase_if(stale, [&](const SecurityGroupRule& rule) { return rule.cidr == wish.cidr; });
    plan->stale = std::move(stale);
    return *plan;
}

RulePlan plan_rule(SecurityGroups& groups, const WantedRule& wish,
                   const std::function<void(const std::string&)>& tell)
{
    if (const auto* shared = std::get_if<SharedRule>(&wish.rule)) {
        return plan_shared_rule(groups, wish, *shared, tell);
    }
    return plan_workspace_rule(groups.rules_of(wish.group), wish);
}

bool is_for_incoming(const SecurityGroupRule& rule, int port)
{
    const bool is_for_all = rule.protocol == "-1";
    const bool has_port = rule.from_port <= port && port <= rule.to_port;
    return !rule.is_egress && (is_for_all || (rule.protocol == "tcp" && has_port));
}

bool lets_in(const SecurityGroupRule& rule, const std::string& address, int port)
{
    return is_for_incoming(rule, port) && is_in_network(address, rule.cidr);
}

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
