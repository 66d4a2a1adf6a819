#include "aws/request/host.hpp"
#include "aws/rules/public_address.hpp"
#include "aws/rules/rule_plan.hpp"
#include "aws/rules/security_group.hpp"
#include "commands/update_sg_rule/report.hpp"
#include "operation/aws_access.hpp"
#include "operation/carry_out.hpp"
#include "operation/command_entry.hpp"
#include "operation/trust/trusting.hpp"
#include "operation/wanted_rule.hpp"
#include "support/text/time_text.hpp"

#include <memory>

#include <CLI/App.hpp>
#include <fmt/format.h>

namespace crudctl::commands {

namespace {

struct UpdateSgRuleOptions {
    std::optional<std::string> address; // instead of the one that the internet sees
    bool checks = false;                // only looks, and ends with `differs` where it does
    bool best_effort = false;           // what fails is a warning
};

std::string discovered_address(Context& context, AwsAccess& access,
                               const config::AwsSettings& settings)
{
    const auto& services = settings.address_services;
    const aws::PublicAddress found = aws::find_public_address(
        access.http(), services ? aws::service_list(services->text) : aws::address_services(),
        [&context](const std::string& text) { context.console.note("  address  " + text); });
    context.console.note(
        fmt::format("  address  {}, by {}", found.address, aws::host_of(found.service)));
    if (!access.http().proxy_for(found.service).empty()) {
        context.console.note("  address  it was asked for through a proxy: the database may see "
                             "another one");
    }
    const auto claimed = context.settings.environment().value("GITPOD_IP");
    if (claimed && *claimed != found.address) {
        context.console.note(fmt::format("  address  GITPOD_IP says \"{}\", which is not it and is "
                                         "not used",
                                         *claimed));
    }
    return found.address;
}

std::string wanted_cidr(Context& context, AwsAccess& access, const config::AwsSettings& settings,
                        const UpdateSgRuleOptions& options)
{
    if (!options.address) {
        return discovered_address(context, access, settings) + "/32";
    }
    std::string cidr = cidr_of_option(*options.address);
    if (aws::address_kind(cidr.substr(0, cidr.find('/'))) == aws::AddressKind::internal) {
        context.console.note(fmt::format("  address  {} is one of an inner network: the internet "
                                         "does not see it",
                                         cidr));
    }
    return cidr;
}

plan::JournalEntry journal_entry(const Context& context, const config::AwsSettings& settings,
                                 const aws::RulePlan& plan, const std::string& target,
                                 const plan::Author& author)
{
    plan::JournalEntry entry;
    entry.time = utc_text(std::chrono::system_clock::now());
    entry.command = context.command;
    entry.project = plan::project_text(context.settings.root());
    entry.profile = settings.profile_name;
    entry.target = target;
    entry.database = plan.wanted.group;
    entry.author = author;
    entry.effect = plan::effect_name(plan::Effect::adds);
    return entry;
}

void update(Context& context, const UpdateSgRuleOptions& options)
{
    const config::AwsSettings settings = context.settings.aws();
    const plan::Author author = plan::author_of(context.settings.root());
    aws::WantedRule wish = rule_wish(
        settings, context.settings.environment(),
        {author, owner_project(context.settings, settings), std::chrono::system_clock::now()});
    AwsAccess access(context, settings);
    const std::string target = rule_target_text(settings, wish, access.region().text);
    context.console.note({{Style::bold, target}});
    aws::QueryApi ec2 = access.service("ec2", "2016-11-15");
    require_trust(context, context.settings.address_trust_requests(settings.profile_name));
    wish.cidr = wanted_cidr(context, access, settings, options);

    const auto tell = [&context](const std::string& text) {
        context.console.note("  rule     " + text);
    };
    aws::SecurityGroups groups(ec2);
    const aws::RulePlan plan = aws::plan_rule(groups, wish, tell);
    RuleReport report(context, settings.profile_name, plan);
    if (options.checks) {
        report.check();
        return;
    }
    if (context.options.dry_run) {
        aws::try_out(groups, plan);
        report.planned();
        return;
    }
    if (plan.action == aws::RuleAction::nothing && plan.stale.empty()) {
        report.unchanged();
        return;
    }
    run_journaled(context, journal_entry(context, settings, plan, target, author),
                  [&](plan::JournalEntry& /*entry*/) {
                      report.done(aws::carry_out(groups, plan, access.pacing(), tell));
                  });
}

/// Needs no server, and no database.
void run_update_sg_rule(Context& context, const UpdateSgRuleOptions& options)
{
    if (options.address) {
        cidr_of_option(*options.address); // a wrong word is never a warning
    }
    try {
        update(context, options);
    } catch (const Error& error) {
        const bool is_signal =
            error.code() == ExitCode::interrupted || error.code() == ExitCode::terminated;
        if (!options.best_effort || is_signal) {
            throw;
        }
        context.console.warning(fmt::format("the rule was not updated: {}", error.what()));
        if (!error.hint().empty()) {
            context.console.note("hint: " + error.hint());
        }
    }
}

void add_update_sg_rule(CLI::App& command, Invocation& chosen)
{
    const auto options = std::make_shared<UpdateSgRuleOptions>();
    command
        .add_option("--ip", options->address,
                    "this address instead of the one that the internet sees")
        ->type_name("ADDRESS");
    auto* check = command.add_flag("--check", options->checks,
                                   "only look; exit code 7 where the rule is another");
    command
        .add_flag("--best-effort", options->best_effort,
                  "what fails is a warning: for start-up hooks")
        ->excludes(check);
    command.callback([&chosen, options] {
        if (options->checks) {
            chosen.action_class = CommandClass::reads;
        }
        chosen.run = [options](Context& context) { run_update_sg_rule(context, *options); };
    });
}

} // namespace

extern const CommandEntry update_sg_rule_command = {
    .name = "update-sg-rule",
    .aliases = {"rds-update-sg-rule"},
    .group = "AWS",
    .command_class = CommandClass::adds,
    .takes_profile = TakesProfile::positional,
    .summary = "let this workspace's address in to the database",
    .example = "crudctl update-sg-rule prod --best-effort",
    .add = add_update_sg_rule,
};

} // namespace crudctl::commands
