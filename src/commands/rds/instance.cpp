#include "commands/rds/instance.hpp"

#include "operation/carry_out.hpp"
#include "operation/protection.hpp"
#include "operation/rds_backup.hpp"
#include "operation/report.hpp"
#include "support/text/text.hpp"
#include "support/text/time_text.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace crudctl::commands {

namespace {

/// After which AWS starts a stopped instance by itself.
constexpr std::chrono::hours longest_stop{24 * 7};

std::string required_instance(const config::AwsSettings& settings)
{
    if (!settings.instance) {
        throw Error(ExitCode::configuration,
                    fmt::format("profile \"{}\" names no RDS instance", settings.profile_name),
                    fmt::format("set instance under [profiles.{}.aws]", settings.profile_name));
    }
    return settings.instance->text;
}

void require_sound(const aws::RdsInstance& found)
{
    if (aws::outlook_of(found.status) == aws::RdsOutlook::fails) {
        throw Error(ExitCode::external,
                    fmt::format("\"{}\" is {}", found.id, printable(found.status)),
                    "RDS's events tell why: aws rds describe-events");
    }
}

} // namespace

void refuse_now(const aws::RdsInstance& found, const std::string& why)
{
    throw Error(ExitCode::busy,
                fmt::format("\"{}\" is {}: {}", found.id, printable(found.status), why),
                "--wait=15m waits for that");
}

InstanceCommand::InstanceCommand(Context& context)
    : m_context(context),
      m_settings(context.settings.aws()),
      m_id(required_instance(m_settings)),
      m_access(context, m_settings),
      m_target(fmt::format("{} · {} · {} · from {}", m_settings.profile_name, m_id,
                           m_access.region().text, m_settings.instance->origin)),
      m_api(announced_service()),
      m_instances(m_api)
{}

void InstanceCommand::status()
{
    const aws::RdsInstance found = instance();
    m_context.console.result(m_context.options.json ? rds_json(found) : rds_text(found));
}

void InstanceCommand::start()
{
    aws::RdsInstance found = instance();
    if (found.status == "stopping" && m_context.options.wait) {
        found = wait_until("stopped");
    }
    require_sound(found);
    if (found.status == "stopping") {
        refuse_now(found, "it can be started once it is stopped");
    }
    if (found.status != "stopped") {
        return already(found, "available");
    }
    const auto act = [this] {
        if (!m_instances.start(m_id)) {
            require_change("available");
        }
    };
    if (carry_out(m_context, plan_of("start", plan::Effect::adds), circumstances({}), act)) {
        conclude("start", "available");
    }
}

void InstanceCommand::stop()
{
    aws::RdsInstance found = instance();
    require_sound(found);
    if (aws::outlook_of(found.status) == aws::RdsOutlook::stops) {
        already(found, "stopped");
        return warn_of_restart(instance());
    }
    if (found.status != "available" && m_context.options.wait) {
        found = wait_until("available");
    }
    if (found.status != "available") {
        refuse_now(found, "it can be stopped once it is available");
    }
    const auto act = [this] {
        if (!m_instances.stop(m_id)) {
            require_change("stopped");
        }
    };
    if (carry_out(m_context, plan_of("stop", plan::Effect::disrupts),
                  circumstances({{"ends", "every session on the instance, of every database"}}),
                  act)) {
        conclude("stop", "stopped");
        warn_of_restart(instance());
    }
}

aws::QueryApi InstanceCommand::announced_service()
{
    m_context.console.note({{Style::bold, m_target}});
    return m_access.service("rds", aws::rds_version);
}

aws::RdsInstance InstanceCommand::instance()
{
    if (auto found = m_instances.find(m_id)) {
        return *found;
    }
    throw Error(ExitCode::external,
                fmt::format("there is no RDS instance \"{}\" in {}", printable(m_id),
                            m_access.region().text),
                "check aws.instance and the region, and whose key it is");
}

void InstanceCommand::already(const aws::RdsInstance& found, const std::string& wanted)
{
    m_context.console.note(
        fmt::format("{} is {} already: nothing to do", found.id, printable(found.status)));
    if (found.status != wanted && m_context.options.wait && !m_context.options.dry_run) {
        wait_until(wanted);
    }
    print_json();
}

void InstanceCommand::conclude(const char* action, const std::string& wanted)
{
    m_context.console.note(fmt::format("{}: told to {}", m_id, action));
    if (m_context.options.wait) {
        wait_until(wanted);
    }
    print_json();
}

void InstanceCommand::require_change(const std::string& wanted)
{
    const aws::RdsInstance found = instance();
    const bool is_wanted_to_stop = wanted == "stopped";
    const bool stops = aws::outlook_of(found.status) == aws::RdsOutlook::stops;
    if (stops != is_wanted_to_stop) {
        refuse_now(found, "that does not allow it");
    }
}

plan::Plan InstanceCommand::plan_of(const char* action, plan::Effect effect) const
{
    plan::Plan plan;
    plan.command = fmt::format("rds {}", action);
    plan.profile = m_settings.profile_name;
    plan.database = m_id;
    plan.target_text = m_target;
    plan.effect = effect;
    plan.is_protected = m_settings.protection.is_protected;
    return plan;
}

plan::Circumstances InstanceCommand::circumstances(std::vector<plan::Fact> facts) const
{
    plan::Circumstances circumstances;
    if (m_settings.protection.is_protected) {
        circumstances.protection = m_settings.protection.reason;
    }
    circumstances.is_profile_protected = m_settings.protection.is_protected;
    circumstances.profile_is_on_command_line = m_settings.name_from_command_line;
    circumstances.same_database =
        same_protected_instance(m_context, m_settings, m_access.region().text);
    circumstances.confirm = m_context.options.confirm;
    circumstances.author = plan::author_of(m_context.settings.root());
    circumstances.facts = std::move(facts);
    return circumstances;
}

aws::RdsInstance InstanceCommand::wait_until(const std::string& wanted)
{
    aws::RdsInstance found;
    const auto look = [&](std::string& state) {
        found = instance();
        state = found.status;
        require_sound(found);
        return found.status == wanted;
    };
    if (!wait_through_states(m_context, m_access.pacing(), *m_context.options.wait, look)) {
        refuse_now(found, fmt::format("not {} in the time to wait", wanted));
    }
    return found;
}

void InstanceCommand::warn_of_restart(const aws::RdsInstance& found)
{
    const std::string time = found.restart_time.empty()
                                 ? utc_text(std::chrono::system_clock::now() + longest_stop)
                                 : found.restart_time;
    m_context.console.note(fmt::format("AWS starts it again by itself at {}; storage and "
                                       "backups bill on meanwhile",
                                       local_time_text(time)));
}

void InstanceCommand::print_json()
{
    if (m_context.options.json) {
        m_context.console.result(rds_json(instance()));
    }
}

std::string rds_json(const aws::RdsInstance& found)
{
    const nlohmann::ordered_json document = {{"instance", found.id},
                                             {"status", found.status},
                                             {"class", found.instance_class},
                                             {"engine", found.engine},
                                             {"host", found.host},
                                             {"port", found.port},
                                             {"storage_gib", found.storage},
                                             {"public", found.is_public},
                                             {"backup_days", found.backup_days},
                                             {"deletion_protection", found.is_protected},
                                             {"master_user", found.master_user},
                                             {"master_secret", found.secret},
                                             {"created_at", found.created},
                                             {"restarts_at", found.restart_time}};
    return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string rds_text(const aws::RdsInstance& found)
{
    const auto yes_no = [](bool is_so) { return is_so ? "yes" : "no"; };
    std::string text =
        fmt::format("instance   {}\nstatus     {}\nclass      {}, {} GiB\n"
                    "engine     {}\n",
                    found.id, found.status, found.instance_class, found.storage, found.engine);
    if (!found.host.empty()) {
        text += fmt::format("endpoint   {}:{}\n", found.host, found.port);
    }
    text += fmt::format("public     {}\nbackups    {}\nprotected  {}\n", yes_no(found.is_public),
                        found.backup_days == 0 ? "none" : fmt::format("{} days", found.backup_days),
                        found.is_protected ? "against deletion" : "no");
    if (!found.master_user.empty()) {
        text += fmt::format(
            "master     {}{}{}\n", found.master_user,
            found.secret.empty() ? "" : ", its password in Secrets Manager: ", found.secret);
    }
    if (!found.restart_time.empty()) {
        text += fmt::format("restarts   {}\n", local_time_text(found.restart_time));
    }
    return printable(text, KeepLines::yes);
}

} // namespace crudctl::commands
