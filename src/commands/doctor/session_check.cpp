#include "commands/doctor/session_check.hpp"

#include "commands/doctor/fix.hpp"
#include "commands/doctor/network_checks.hpp"
#include "operation/aws_access.hpp"
#include "pg/connecting.hpp"
#include "support/process/interrupt.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

namespace crudctl::commands {

namespace {

constexpr const char* may_signal = "select pg_catalog.pg_has_role('pg_signal_backend', 'USAGE')";

/// The log-in was let through, and then the database was not.
bool is_about_the_database(const pg::ConnectError& error)
{
    return error.sqlstate() == pg::sqlstate::missing_database ||
           error.sqlstate() == pg::sqlstate::insufficient_privilege ||
           error.sqlstate() == pg::sqlstate::wrong_state;
}

/// Where sslmode lets it, TLS was tried, too: then it is not for the lack of that.
std::string encryption_fix(const Context& context, const Target& target, const std::string& reason)
{
    const std::string mode = target.info.value("sslmode").value_or("prefer");
    return mode == "disable" || mode == "allow"
               ? parameter_fix(context, target, "sslmode", "require")
               : access_fix(target, reason);
}

std::string log_in_fix(const Context& context, const Target& target, const pg::ConnectError& error)
{
    try {
        explain_iam_refusal(target.profile, error);
    } catch (const pg::ConnectError& explained) {
        return explained.hint();
    }
    if (error.sqlstate() == pg::sqlstate::invalid_password ||
        error.fault() == pg::Fault::no_password) {
        return password_fix(context, target);
    }
    if (error.fault() == pg::Fault::not_encrypted) {
        return encryption_fix(context, target, error.reason());
    }
    if (error.fault() == pg::Fault::no_access) {
        return access_fix(target, error.reason());
    }
    if (error.fault() == pg::Fault::no_log_in_right) {
        return fmt::format("as an administrator: ALTER ROLE \"{}\" LOGIN", target.info.user());
    }
    if (error.sqlstate() == pg::sqlstate::cannot_connect_now) {
        return command_text(target, "status") + " --wait";
    }
    return error.hint().empty() ? "the server's log tells more" : error.hint();
}

/// What a person would have to hear of each, in the words of the commands that need it.
std::string objection(void (*require)(const database::Survey&), const database::Survey& survey)
{
    try {
        require(survey);
        return {};
    } catch (const Error& error) {
        return fmt::format("{}{}{}", error.what(), error.hint().empty() ? "" : ": ", error.hint());
    }
}

/// The first thing that keeps the role from `crudctl setup`; empty where nothing does.
std::string objection_to_setup(const database::Survey& survey)
{
    using Require = void (*)(const database::Survey&);
    constexpr std::array<Require, 4> requirements = {
        [](const database::Survey& whole) { database::require_primary(whole); },
        database::require_creatable, database::require_valid, database::require_droppable};
    for (const Require require : requirements) {
        if (std::string text = objection(require, survey); !text.empty()) {
            return text;
        }
    }
    return {};
}

} // namespace

SessionCheck::SessionCheck(Context& context, const Target& target, Diagnosis& diagnosis,
                           std::function<void()> on_wait)
    : m_context(context), m_target(target), m_diagnosis(diagnosis), m_on_wait(std::move(on_wait))
{}

void SessionCheck::run()
{
    try {
        const auto connection = open(m_target.info.database());
        add(DoctorStep::tls, Verdict::passes, tls_text(m_target.info, connection->tls_version()));
        add(DoctorStep::log_in, Verdict::passes, "as " + m_target.info.user());
        look_inside(*connection);
    } catch (const pg::ConnectError& error) {
        judge_log_in(error);
    } catch (const Error& error) { // of whoever makes passwords
        interrupt::throw_if_pending();
        add(DoctorStep::log_in, Verdict::fails, error.what(),
            error.hint().empty() ? command_text(m_target, "status") : error.hint());
    }
}

std::unique_ptr<pg::Connection> SessionCheck::open(const std::string& database)
{
    pg::ConnectionObserver observer;
    observer.on_wait = m_on_wait;
    auto connection = std::make_unique<pg::Connection>(
        m_target.info.with_database(database).with("application_name", "crudctl doctor"),
        std::move(observer));
    database::require_supported(*connection);
    return connection;
}

void SessionCheck::judge_log_in(const pg::ConnectError& error)
{
    if (!is_about_the_database(error)) {
        add(DoctorStep::log_in, Verdict::fails, error.reason(),
            log_in_fix(m_context, m_target, error));
        return;
    }
    add(DoctorStep::log_in, Verdict::passes, "as " + m_target.info.user());
    add(DoctorStep::database, Verdict::fails, error.reason(), database_fix(error));
}

/// Another database may tell more, if there is one that this role may use.
std::optional<database::Survey> SessionCheck::survey_from_aside()
{
    try {
        const auto connection = open(m_target.profile.maintenance_database);
        return database::take_survey(*connection, m_target.info.database());
    } catch (const Error&) {
        interrupt::throw_if_pending();
        return std::nullopt;
    }
}

std::string SessionCheck::database_fix(const pg::ConnectError& error)
{
    const std::string database = m_target.info.database();
    const std::string user = m_target.info.user();
    if (error.sqlstate() == pg::sqlstate::insufficient_privilege) {
        return fmt::format("as an administrator: GRANT CONNECT ON DATABASE \"{}\" TO \"{}\"",
                           database, user);
    }
    const auto survey = survey_from_aside();
    if (error.sqlstate() == pg::sqlstate::missing_database) {
        return !survey || survey->may_create
                   ? command_text(m_target, "create")
                   : fmt::format("as an administrator: CREATE DATABASE \"{}\" OWNER \"{}\"",
                                 database, user);
    }
    return !survey || survey->is_valid
               ? fmt::format("as an administrator: ALTER DATABASE \"{}\" ALLOW_CONNECTIONS true",
                             database)
               : command_text(m_target, "copies") + " shows what could take its place";
}

void SessionCheck::look_inside(pg::Connection& connection)
{
    bool signals = false;
    try {
        signals = ask_first_question(connection);
    } catch (const Error& error) {
        interrupt::throw_if_pending();
        add(DoctorStep::database, Verdict::fails,
            fmt::format("it took the log-in, and then: {}", error.what()),
            "the log of the server, or of a pooler in front of it, tells more");
        return;
    }
    add(DoctorStep::database, Verdict::passes, m_target.info.database() + " is there");
    try {
        const database::Survey survey = database::take_survey(connection, m_target.info.database());
        if (const std::string advice = advice_to_mark(m_target, survey); !advice.empty()) {
            add(DoctorStep::database, Verdict::passes,
                fmt::format("{} is there, and not marked: {} protects it through every profile",
                            m_target.info.database(), advice));
        }
        print_rights(survey, signals);
    } catch (const pg::ServerError& error) {
        add(DoctorStep::rights, Verdict::unknown, error.what());
        add(DoctorStep::pooler, Verdict::unknown, "was not found out either");
    }
}

/// Whether the role may end other roles' sessions. A pooler may take a log-in and have no server.
bool SessionCheck::ask_first_question(pg::Connection& connection)
{
    const auto timeout = pg::connect_timeout_of(m_target.info);
    connection.start_script(may_signal);
    if (!connection.script_is_done(timeout)) {
        throw Error(ExitCode::connection,
                    fmt::format("no question was answered within {} s", timeout.count()));
    }
    return connection.finish_script().back().scalar() == "t";
}

void SessionCheck::print_rights(const database::Survey& survey, bool signals)
{
    std::string text = objection_to_setup(survey);
    if (text.empty() && !signals) {
        text = fmt::format("role \"{}\" may run crudctl setup, but not end other roles' sessions: "
                           "GRANT pg_signal_backend TO \"{}\"",
                           survey.role, survey.role);
    }
    add(DoctorStep::rights, text.empty() ? Verdict::passes : Verdict::told,
        text.empty() ? fmt::format("role \"{}\" may run crudctl setup", survey.role) : text);
    add(DoctorStep::pooler, survey.is_behind_pooler ? Verdict::told : Verdict::passes,
        survey.is_behind_pooler
            ? "a pooler stands in between: setup and whatever else changes databases as a whole "
              "need the server itself"
            : "none: the session is the server's own");
}

void SessionCheck::add(DoctorStep step, Verdict verdict, const std::string& text,
                       const std::string& fix)
{
    m_diagnosis.add(step, {verdict, text, fix});
}

} // namespace crudctl::commands
