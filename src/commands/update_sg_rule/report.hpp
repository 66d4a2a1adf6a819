#pragma once

#include "aws/rules/rule_plan.hpp"
#include "aws/rules/security_group.hpp"
#include "config/profile/aws_settings.hpp"
#include "operation/context.hpp"

#include <string>

namespace crudctl::commands {

/// "prod · sgr-0123 of sg-0123 · ca-central-1 · from crudctl.toml:31"
std::string rule_target_text(const config::AwsSettings& settings, const aws::WantedRule& wish,
                             const std::string& region);

/// What update-sg-rule found or did: for people on stderr, with --json on stdout.
class RuleReport {
public:
    RuleReport(Context& context, std::string profile_name, const aws::RulePlan& plan)
        : m_context(context), m_profile_name(std::move(profile_name)), m_plan(plan)
    {}

    void unchanged() const;
    /// Throws Error(differs) where something would be changed.
    void check() const;
    /// What --dry-run would have done, on stdout.
    void planned() const;
    void done(const aws::RuleOutcome& outcome) const;

private:
    std::string difference() const;
    void print_json(const std::string& result, const aws::RuleOutcome& outcome) const;

    Context& m_context;
    std::string m_profile_name;
    const aws::RulePlan& m_plan;
};

} // namespace crudctl::commands
