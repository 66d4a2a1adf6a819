#include "commands/rds/instance.hpp"

#include "config/profile/password.hpp"
#include "operation/carry_out.hpp"
#include "operation/trust/trusting.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace crudctl::commands {

namespace {

[[noreturn]] void refuse_setting(const std::string& message, const std::string& hint)
{
    throw Error(ExitCode::configuration, message, hint);
}

/// A zone is its region and a letter.
void require_zone_in(const config::Text& zone, const std::string& region)
{
    if (!zone.text.starts_with(region) || zone.text.size() == region.size()) {
        refuse_setting(fmt::format("\"{}\" ({}) is no zone of region {}",
                                   printable(shortened(zone.text, 64)), zone.origin, region),
                       fmt::format("a zone looks like \"{}a\"", region));
    }
}

/// RDS says no without saying which character it was.
void require_fit_for_rds(const Secret& password)
{
    constexpr std::size_t shortest = 8;
    constexpr std::size_t longest = 128;
    const std::string& text = password.reveal();
    const bool is_plain = std::ranges::all_of(
        text, [](char c) { return c > ' ' && c <= '~' && c != '/' && c != '"' && c != '@'; });
    if (text.size() < shortest || text.size() > longest || !is_plain) {
        refuse_setting("the master password is none that RDS takes",
                       "it takes 8 to 128 printable ASCII characters, without blanks, /, \" and @");
    }
}

std::string likeness(const aws::NewInstance& instance)
{
    return fmt::format(
        "Postgres{}{} on {} with {} GiB, {}, in {}, {}", instance.version.empty() ? "" : " ",
        instance.version, instance.instance_class, instance.storage,
        instance.is_encrypted ? "encrypted" : "NOT encrypted",
        instance.zone.empty() ? "any zone" : instance.zone,
        instance.is_public ? "with a public address" : "reached from within its VPC alone");
}

std::string backup_text(const aws::NewInstance& instance)
{
    return (instance.backup_days == 0
                ? std::string("keep NO automated backups of it")
                : fmt::format("keep its automated backups for {}",
                              counted(static_cast<std::size_t>(instance.backup_days), "day"))) +
           (instance.is_protected ? ", and protect it against deletion"
                                  : ", and not protect it against deletion");
}

std::string password_text(const aws::NewInstance& instance, config::MasterPassword source)
{
    const std::string whose = fmt::format(
        "make user \"{}\"{}", instance.master_user,
        instance.database.empty() ? "" : fmt::format(" and database \"{}\"", instance.database));
    switch (source) {
    case config::MasterPassword::managed:
        return whose + ", with a password that AWS makes and keeps in its Secrets Manager";
    case config::MasterPassword::command:
        return whose + ", with the password that password_command prints";
    case config::MasterPassword::ask:
        break;
    }
    return whose + ", with a password that you are asked for";
}

} // namespace

void InstanceCommand::create()
{
    if (const auto found = m_instances.find(m_id)) {
        if (found->status == "deleting") {
            refuse_now(*found, "it has to be gone before there can be a new one");
        }
        return already(*found, "available");
    }
    const config::InstanceSettings settings =
        m_context.settings.new_instance(m_settings.profile_name);
    aws::NewInstance wish = new_instance();
    plan::Plan plan = plan_of("create", plan::Effect::adds);
    plan.steps = {
        plan::ServiceCall{fmt::format("make RDS instance \"{}\": {}", m_id, likeness(wish))},
        plan::ServiceCall{backup_text(wish)},
        plan::ServiceCall{password_text(wish, settings.password)},
    };
    if (!m_context.options.dry_run) {
        for (const plan::Step& step : plan.steps) {
            m_context.console.note(fmt::format("  plan     {}", plan::describe(step)));
        }
        wish.password = master_password(settings);
    }
    m_context.console.note(
        fmt::format("  bills    from then on until it is deleted, and stopped it "
                    "bills for its storage: crudctl rds delete -p {}",
                    m_settings.profile_name));
    const auto act = [&] {
        if (!m_instances.create(wish)) { // or the answer to a first try was lost
            m_context.console.note(fmt::format("{} has been made in the meantime", m_id));
        }
    };
    if (carry_out(m_context, plan, circumstances({}), act)) {
        if (!m_context.options.wait) {
            m_context.console.note("it takes some ten minutes: --wait=30m waits, and so does the "
                                   "same command again");
        }
        conclude("be made", "available");
        print_way_in(wish);
    }
}

aws::NewInstance InstanceCommand::new_instance() const
{
    const config::InstanceSettings settings =
        m_context.settings.new_instance(m_settings.profile_name);
    if (settings.zone) {
        require_zone_in(*settings.zone, m_access.region().text);
    }
    if (settings.password == config::MasterPassword::command && settings.password_command.empty()) {
        refuse_setting("aws.master_password is \"command\", and there is no password_command",
                       fmt::format("name it under [profiles.{}]", m_settings.profile_name));
    }
    aws::NewInstance instance;
    instance.id = m_id;
    instance.instance_class = settings.instance_class;
    instance.version = settings.version;
    instance.zone = settings.zone ? settings.zone->text : "";
    instance.security_group = m_settings.security_group ? m_settings.security_group->text : "";
    instance.database = settings.database;
    instance.master_user = settings.master_user;
    instance.storage = settings.storage;
    instance.port = m_settings.port;
    instance.backup_days = settings.backup_days;
    instance.is_encrypted = settings.is_encrypted;
    instance.is_public = settings.is_public;
    instance.is_protected = settings.is_protected;
    instance.has_iam = settings.has_iam;
    return instance;
}

Secret InstanceCommand::master_password(const config::InstanceSettings& settings)
{
    if (settings.password == config::MasterPassword::managed) {
        return {};
    }
    if (settings.password == config::MasterPassword::command) {
        require_trusted_profile(m_context, m_settings.profile_name);
    }
    Secret password = settings.password == config::MasterPassword::ask
                          ? asked_password()
                          : config::password_of(m_settings.profile_name, settings.password_command,
                                                m_context.settings, m_context.processes);
    m_context.console.hide(password);
    require_fit_for_rds(password);
    return password;
}

Secret InstanceCommand::asked_password()
{
    Console& console = m_context.console;
    if (!console.can_ask()) {
        throw Error(ExitCode::refused,
                    "the master password has to be typed at a terminal; nothing was changed",
                    "aws.master_password = \"managed\" leaves it to AWS");
    }
    const auto first = console.ask_secret("The new master password (not shown): ");
    const auto second = console.ask_secret("The same once more: ");
    if (!first || !second || first->reveal() != second->reveal()) {
        throw Error(ExitCode::refused, "that was not twice the same; nothing was changed");
    }
    return *first;
}

void InstanceCommand::print_way_in(const aws::NewInstance& made)
{
    const aws::RdsInstance found = instance();
    Console& console = m_context.console;
    if (!found.secret.empty()) {
        console.note(fmt::format("  password in Secrets Manager: {}", printable(found.secret)));
    }
    if (!found.host.empty()) {
        console.note(fmt::format("  url      postgresql://{}@{}:{}/{}", made.master_user,
                                 printable(found.host), found.port, made.database));
    }
}

} // namespace crudctl::commands
