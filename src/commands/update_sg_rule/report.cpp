#include "commands/update_sg_rule/report.hpp"

#include "support/text/text.hpp"

#include <variant>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace crudctl::commands {

namespace {

std::string rule_name(const aws::WantedRule& wish)
{
    if (const auto* shared = std::get_if<aws::SharedRule>(&wish.rule)) {
        return shared->id.empty() ? fmt::format("rule \"{}\"", shared->description) : shared->id;
    }
    return "this workspace's rule";
}

std::string origin_of(const config::AwsSettings& settings)
{
    return settings.rule ? settings.rule->origin : settings.security_group->origin;
}

} // namespace

std::string rule_target_text(const config::AwsSettings& settings, const aws::WantedRule& wish,
                             const std::string& region)
{
    return fmt::format("{} · {}{} · {} · from {}", settings.profile_name, rule_name(wish),
                       wish.group.empty() ? "" : " of " + wish.group, region, origin_of(settings));
}

void RuleReport::unchanged() const
{
    m_context.console.note(
        fmt::format("{}: {} already: nothing to do", m_plan.wanted.id, rule_text(m_plan.wanted)));
    print_json("unchanged", {m_plan.wanted, {}, false, true});
}

void RuleReport::check() const
{
    if (m_plan.action == aws::RuleAction::nothing) {
        unchanged();
        return;
    }
    print_json("differs", {m_plan.wanted, {}, false, true});
    throw Error(ExitCode::differs, difference(),
                fmt::format("crudctl update-sg-rule {}", m_profile_name));
}

void RuleReport::planned() const
{
    if (m_context.options.json) {
        print_json("planned", {m_plan.wanted, {}, false, true});
        return;
    }
    std::string text;
    if (m_plan.action == aws::RuleAction::nothing) {
        text = fmt::format("{}: {} already: nothing to do\n", m_plan.wanted.id,
                           rule_text(m_plan.wanted));
    } else if (m_plan.action == aws::RuleAction::make) {
        text = fmt::format("would make a rule for {}, \"{}\", in {}\n", rule_text(m_plan.wanted),
                           m_plan.wanted.description, m_plan.wanted.group);
    } else {
        text = fmt::format("would change {} to {}, \"{}\", from {}, \"{}\"\n", m_plan.wanted.id,
                           rule_text(m_plan.wanted), m_plan.wanted.description,
                           rule_text(*m_plan.before), m_plan.before->description);
    }
    for (const aws::SecurityGroupRule& rule : m_plan.stale) {
        text += fmt::format("would remove {}, {}, \"{}\"\n", rule.id, rule_text(rule),
                            rule.description);
    }
    m_context.console.result(printable(text, KeepLines::yes));
}

void RuleReport::done(const aws::RuleOutcome& outcome) const
{
    const bool is_made = m_plan.action == aws::RuleAction::make && !outcome.is_by_another_rule;
    for (const std::string& id : outcome.removed) {
        m_context.console.note(fmt::format("  removed  {}, which nobody used for long", id));
    }
    if (!outcome.is_visible) {
        m_context.console.warning("EC2 took the change, and does not show it yet");
    }
    std::string more;
    if (outcome.is_by_another_rule) {
        more = " already, by this rule of somebody else's";
    } else if (m_plan.action == aws::RuleAction::modify) {
        more = fmt::format(", before {}", rule_text(*m_plan.before));
    } else if (is_made) {
        more = ", a new rule";
    }
    m_context.console.note(fmt::format("{}: {}{}, {}", outcome.rule.id, rule_text(outcome.rule),
                                       more, duration_text(m_context.elapsed().count())));
    if (is_made && !m_context.options.json) {
        m_context.console.result(outcome.rule.id);
    }
    const bool has_changed =
        m_plan.action != aws::RuleAction::nothing && !outcome.is_by_another_rule;
    print_json(is_made ? "made" : has_changed ? "changed" : "unchanged", outcome);
}

std::string RuleReport::difference() const
{
    if (m_plan.action == aws::RuleAction::make) {
        return fmt::format("no rule of {} is there for {}", m_plan.wanted.group,
                           rule_text(m_plan.wanted));
    }
    return fmt::format("{} is for {}, \"{}\", and not for {}, \"{}\"", m_plan.wanted.id,
                       rule_text(*m_plan.before), printable(m_plan.before->description),
                       rule_text(m_plan.wanted), m_plan.wanted.description);
}

void RuleReport::print_json(const std::string& result, const aws::RuleOutcome& outcome) const
{
    if (!m_context.options.json) {
        return;
    }
    const aws::SecurityGroupRule& rule = outcome.rule;
    nlohmann::ordered_json document = {{"profile", m_profile_name},
                                       {"result", result},
                                       {"security_group", rule.group},
                                       {"rule", rule.id},
                                       {"cidr", rule.cidr},
                                       {"port", rule.from_port},
                                       {"description", rule.description}};
    document["before"] = m_plan.before && m_plan.action == aws::RuleAction::modify
                             ? nlohmann::ordered_json(m_plan.before->cidr)
                             : nlohmann::ordered_json();
    document["removed"] = outcome.removed;
    document["visible"] = outcome.is_visible;
    m_context.console.result(
        document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

} // namespace crudctl::commands
