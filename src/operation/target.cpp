#include "operation/target.hpp"

#include "config/profile/password.hpp"
#include "operation/aws_access.hpp"
#include "operation/marking.hpp"
#include "operation/protection.hpp"
#include "operation/trust/trusting.hpp"
#include "script/sql/sql_secrets.hpp"
#include "support/process/interrupt.hpp"
#include "support/text/text.hpp"

#include <array>
#include <thread>

#include <fmt/format.h>

namespace crudctl::commands {

namespace {

using namespace std::chrono_literals;

constexpr auto between_tries = 250ms;
constexpr std::size_t shown_sql_bytes = std::size_t{16} << 10U; // more than a line, for its secrets

pg::ConnInfo connection_info(Context& context, const Target& target)
{
    const config::Profile& profile = target.profile;
    if (target.is_own_server) {
        return own_server(context).connection_info().with_database(profile.conn_info.database());
    }
    return profile.auth == config::Auth::rds_iam
               ? with_iam_token(context, profile)
               : config::with_password(profile, context.settings, context.processes);
}

} // namespace

std::string target_text(const Target& target)
{
    return fmt::format("{} · {} · {} · from {}", target.profile.name, target.info.database(),
                       target.is_own_server ? "own server on port " + target.info.port()
                                            : target.info.server_text(),
                       target.profile.origin);
}

std::string command_text(const Target& target, std::string_view command)
{
    return fmt::format("crudctl {}{}{}", command,
                       target.profile.name_from_command_line ? " " + target.profile.name : "",
                       target.choice);
}

std::string option_command_text(const Target& target, std::string_view command)
{
    return fmt::format("crudctl {}{}{}", command,
                       target.profile.name_from_command_line ? " -p " + target.profile.name : "",
                       target.choice);
}

namespace {

/// It may be looked at; own_server() is for what starts its programs.
server::LocalServer described_server(Context& context)
{
    const config::Settings& settings = context.settings;
    server::ServerOptions options;
    options.project_name = settings.project().name;
    options.project_root = settings.project().root;
    options.data_directory = settings.server().data_directory;
    options.binaries = settings.server().binaries;
    options.port = settings.server().port;
    options.environment = settings.environment();
    return {std::move(options), context.processes};
}

} // namespace

bool is_for_own_server(Context& context, const config::Profile& profile)
{
    return profile.own_server &&
           (!profile.has_target || described_server(context).owns(profile.conn_info));
}

server::LocalServer own_server(Context& context)
{
    require_trusted_server(context);
    return described_server(context);
}

std::optional<std::size_t> room_of(Context& context, const Target& target)
{
    return target.is_own_server ? own_server(context).room() : std::nullopt;
}

Target find_target(Context& context)
{
    Target target;
    target.profile = context.settings.profile();
    require_trusted_profile(context, target.profile.name);
    target.is_own_server = is_for_own_server(context, target.profile);
    target.info = connection_info(context, target);
    context.console.hide(target.info.password());
    target.choice = choice_text(context.options);
    target.text = target_text(target);
    for (const std::string& note : target.profile.notes) {
        context.console.note(note);
    }
    for (const std::string& warning : target.profile.warnings) {
        context.console.warning(warning);
    }
    return target;
}

Target announced_target(Context& context)
{
    Target target = find_target(context);
    context.console.note({{Style::bold, target.text}});
    return target;
}

pg::ConnInfo start_own_server(Context& context, const Target& target)
{
    if (!target.is_own_server) {
        return target.info;
    }
    if (context.options.dry_run) {
        throw Error(ExitCode::connection,
                    "the project's own server does not run, and --dry-run does not start it",
                    "crudctl server start");
    }
    const auto tell = [&](std::string_view text) {
        context.console.note(fmt::format("  server   {}", text));
    };
    const pg::ConnInfo info = own_server(context).ensure_running(tell);
    context.console.hide(info.password());
    if (info.port() != target.info.port()) {
        tell(fmt::format("listens on port {}, since {} is taken", info.port(), target.info.port()));
    }
    return info.with_database(target.info.database());
}

Connector::Connector(Context& context, const Target& target)
    : m_context(context),
      m_target(target),
      m_info(target.info),
      m_progress(context.console),
      m_notices(context.console)
{}

pg::ConnInfo Connector::info_for(const std::string& database) const
{
    return m_info.with_database(database).with("application_name", "crudctl " + m_context.command);
}

std::unique_ptr<pg::Connection> Connector::connect(const std::string& database)
{
    const auto deadline =
        std::chrono::steady_clock::now() + m_context.options.wait.value_or(std::chrono::seconds(0));
    for (;;) {
        try {
            auto connection = std::make_unique<pg::Connection>(info_for(database), observer());
            database::require_supported(*connection);
            if (m_info.has_several_hosts()) {
                m_info = connection->pinned_info(); // for all others of this run
            }
            return connection;
        } catch (const pg::ConnectError& error) {
            explain_iam_refusal(m_target.profile, error);
            const bool may_be_down =
                error.may_pass() &&
                (error.sqlstate().empty() || error.sqlstate() == pg::sqlstate::cannot_connect_now);
            if (may_be_down && m_target.is_own_server && !m_has_started_server) {
                m_has_started_server = true;
                m_info = start_own_server(m_context, m_target);
                continue;
            }
            if (error.sqlstate() == pg::sqlstate::missing_database &&
                database == m_target.info.database()) {
                throw pg::ConnectError(error.what(),
                                       command_text(m_target, "create") + " makes the database",
                                       error.sqlstate(), pg::Outlook::final);
            }
            if (!error.may_pass() || std::chrono::steady_clock::now() > deadline) {
                throw;
            }
        }
        std::this_thread::sleep_for(between_tries);
        interrupt::throw_if_pending();
    }
}

std::unique_ptr<pg::Connection> Connector::connect_to_maintenance()
{
    const std::array candidates = {m_target.profile.maintenance_database, std::string("postgres"),
                                   std::string("template1")};
    std::optional<pg::ConnectError> first_error;
    for (const std::string& database : candidates) {
        try {
            auto connection = connect(database);
            connection->keep_looking_settings();
            return connection;
        } catch (const pg::ConnectError& error) {
            const bool is_about_the_database =
                error.sqlstate() == pg::sqlstate::missing_database ||
                error.sqlstate() == pg::sqlstate::insufficient_privilege;
            if (!is_about_the_database) {
                throw;
            }
            first_error = first_error.value_or(error);
        }
    }
    throw pg::ConnectError(first_error->what(),
                           "crudctl creates and drops databases from a maintenance database; name "
                           "one that this role may connect to as maintenance_database",
                           first_error->sqlstate(), pg::Outlook::final);
}

pg::ConnectionObserver Connector::observer()
{
    pg::ConnectionObserver observer;
    observer.on_notice = [this](const pg::Diagnostic& notice) { m_notices.print(notice, {}, {}); };
    observer.on_wait = [this] { m_progress.tick(); };
    observer.on_query = [this](std::string_view sql, std::chrono::duration<double> took) {
        const std::string masked = script::masked_sql(sql.substr(0, shown_sql_bytes));
        const std::string_view text = trimmed(masked);
        m_context.console.detail(fmt::format("  sql      {}  {}",
                                             shortened(text.substr(0, text.find('\n')), 100),
                                             duration_text(took.count())));
    };
    return observer;
}

plan::ProtectedBecause protection_of(const Target& target, const database::ShortSurvey& survey)
{
    const config::Protection& by_profile = target.profile.protection;
    return plan::protection_of(by_profile.is_protected ? plan::ProtectedBecause(by_profile.reason)
                                                       : std::nullopt,
                               by_profile.is_declared_false, survey);
}

bool takes_plan_ids(const Target& target, const database::ShortSurvey& survey)
{
    const database::Marker* marker = survey.marker();
    return target.profile.confirms_by_plan && marker != nullptr && marker->allows_plan_ids &&
           survey.comment.marks.size() == 1 && survey.is_owner;
}

std::string command_to_mark(const Target& target)
{
    return fmt::format("crudctl mark {}{}", target.profile.name, target.choice);
}

std::string advice_to_mark(const Target& target, const database::ShortSurvey& survey)
{
    const bool is_marked = survey.marker() != nullptr && survey.marker()->environment == "prod";
    if (!target.profile.protection.is_protected || !survey.exists || is_marked ||
        is_marked_by_person(survey)) {
        return "";
    }
    return fmt::format("{} --as {}", command_to_mark(target), environment_of(target));
}

plan::Circumstances circumstances_of(const Context& context, const Target& target,
                                     const database::ShortSurvey& survey)
{
    plan::Circumstances circumstances;
    circumstances.protection = protection_of(target, survey);
    circumstances.lacks_word = circumstances.protection &&
                               target.profile.protection.is_declared_false &&
                               !target.profile.protection.is_protected && !survey.comment.says_prod;
    circumstances.find_same_database = [&] {
        return look_for_same_database(context, target, survey);
    };
    if (const std::string advice = advice_to_mark(target, survey); !advice.empty()) {
        circumstances.unmarked = advice + " protects it through every profile";
    }
    circumstances.mark_command = command_to_mark(target);
    circumstances.is_profile_protected = target.profile.protection.is_protected;
    circumstances.same_database = same_protected_database(context, target, survey);
    circumstances.is_marker_broken = survey.comment.is_marker_broken;
    circumstances.is_marked_prod = survey.comment.says_prod;
    if (const database::Marker* marker = survey.marker();
        marker != nullptr && marker->freeze && database::holds(*marker->freeze, survey.now)) {
        circumstances.freeze = marker->freeze;
    }
    circumstances.profile_is_on_command_line = target.profile.name_from_command_line;
    circumstances.confirm = context.options.confirm;
    circumstances.author = plan::author_of(context.settings.root());
    return circumstances;
}

} // namespace crudctl::commands
