#pragma once

#include "aws/rules/rule_plan.hpp"
#include "config/settings.hpp"
#include "plan/author.hpp"
#include "support/process/environment.hpp"

#include <chrono>
#include <string>

namespace crudctl::commands {

/// Whose rule it is, and when.
struct RuleOwner {
    plan::Author author;
    std::string project;
    std::chrono::system_clock::time_point now;
};

/// The project for a RuleOwner: only a workspace's own rule is named after it, so that its other
/// settings needn't be right for the rest.
std::string owner_project(const config::Settings& settings, const config::AwsSettings& aws);

/// What the settings ask for; the address is added later. Throws Error(configuration), naming the
/// setting, for what is missing or cannot be.
aws::WantedRule rule_wish(const config::AwsSettings& settings, const Environment& environment,
                          const RuleOwner& owner);

/// "203.0.113.7/32" for what --ip says. Throws Error(usage) for anything but one host's address.
std::string cidr_of_option(const std::string& text);

} // namespace crudctl::commands
