#include "operation/report.hpp"

#include "database/sessions.hpp"
#include "operation/program.hpp"
#include "operation/psql.hpp"
#include "operation/rds_backup.hpp"
#include "plan/build_log.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace crudctl::commands {

namespace {

constexpr const char* sessions_label = "sessions";
constexpr const char* standby_label = "standby";

void report(Context& context, const Target& target, const plan::Outcome& outcome,
            const std::string& text)
{
    if (!context.options.json) {
        context.console.note({{Style::green, text}});
        return;
    }
    nlohmann::ordered_json document = {{"command", context.command},
                                       {"profile", target.profile.name},
                                       {"database", target.info.database()},
                                       {"changed", outcome.has_changed},
                                       {"message", text}};
    for (const database::TableRows& table : outcome.tables) {
        document["tables"].push_back(
            {{"schema", table.schema}, {"name", table.name}, {"rows", table.rows}});
    }
    for (const std::string& grant : outcome.losses.grants) {
        document["lost_grants"].push_back(grant);
    }
    for (const std::string& part : outcome.losses.parts) {
        document["lost_parts"].push_back(part);
    }
    context.console.result(document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

std::string server_text(const database::Survey& survey)
{
    const std::string version = survey.version.substr(0, survey.version.find(" on "));
    return survey.address.empty() ? version : fmt::format("{} at {}", version, survey.address);
}

/// What it is for can be done without: a build that is left over is then dropped if it is empty.
void note_build(Context& context, const std::string& server_identity, const std::string& name)
{
    try {
        if (const auto log = plan::BuildLog::of_user(context.settings.environment())) {
            log->note(server_identity, name);
        }
    } catch (const Error& error) {
        context.console.warning(
            fmt::format("the name of what is built cannot be kept in mind: {}", error.what()));
    }
}

std::string state_text(const server::ServerStatus& status)
{
    switch (status.state) {
    case server::ServerState::absent:
        return "not made yet";
    case server::ServerState::stopped:
        return "stopped";
    case server::ServerState::running:
        return fmt::format("running, pid {}", status.pid);
    case server::ServerState::broken:
        break;
    }
    return "broken: " + status.problem;
}

} // namespace

plan::Plan plan_for(const Context& context, const Target& target,
                    const database::ShortSurvey& survey, plan::Effect effect)
{
    if (effect > worst_effect(context.command_class)) {
        throw std::logic_error(context.command + " plans more than its class allows");
    }
    if (effect != plan::Effect::reads) {
        database::require_same_name(survey);
    }
    plan::Plan plan;
    plan.command = context.command;
    plan.target_text = target.text;
    plan.profile = target.profile.name;
    plan.database = target.info.database();
    plan.effect = effect;
    plan.now = survey.now;
    plan.server_identity = survey.identity;
    plan.oid = survey.oid;
    plan.owner = survey.owner;
    plan.marker_line =
        survey.comment.marker ? database::to_line_without_ids(*survey.comment.marker) : "";
    plan.is_protected = protection_of(target, survey).has_value();
    plan.takes_id = plan.is_protected && takes_plan_ids(target, survey);
    plan.id_lifetime = target.profile.confirm_within;
    plan.used_ids =
        survey.comment.marker ? survey.comment.marker->used_ids : std::vector<std::string>();
    return plan;
}

plan::Plan plan_for(const Context& context, const Target& target, const database::Survey& survey,
                    plan::Effect effect)
{
    const database::ShortSurvey& short_one = survey;
    plan::Plan plan = plan_for(context, target, short_one, effect);
    plan.aside_at = database::moment_after(survey.copies, survey.now);
    return plan;
}

database::Surveyor surveyor_for(pg::Connection& connection, const Target& target,
                                plan::Effect effect)
{
    using Extent = database::Surveyor::Extent;
    return {connection, target.info.database(),
            effect == plan::Effect::destroys ? Extent::whole : Extent::brief};
}

plan::LockTarget lock_step(plan::Plan& plan, const database::Survey& survey,
                           const std::string& wanted_oid)
{
    database::require_own_session(survey);
    plan::LockTarget step = {survey.database, survey.oid, survey.comment.marker, {}, {}};
    // On a protected target a run that asks no question drops nothing.
    if (!plan.is_protected || plan.effect >= plan::Effect::destroys) {
        std::ranges::copy_if(survey.copies, std::back_inserter(step.left_overs),
                             [&](const database::Copy& copy) {
                                 return copy.is_left_over() && copy.oid != wanted_oid;
                             });
    }
    for (const database::Copy& copy : step.left_overs) {
        plan.deletions.push_back(database::describe(copy) + ", unfinished");
    }
    return step;
}

void prune_after(plan::Plan& plan, const database::Survey& survey)
{
    if (plan.is_protected) {
        return;
    }
    for (const database::Copy& copy : survey.copies) {
        if (copy.is(database::StandInKind::previous) && copy.sessions > 0) {
            plan.left_alone.push_back(fmt::format("{}: {} on it", database::describe(copy),
                                                  counted(copy.sessions, "session")));
        }
    }
    const std::vector<database::Copy> copies =
        database::surplus(survey.copies, database::kept_copies - 1);
    if (copies.empty()) {
        return;
    }
    for (const database::Copy& copy : copies) {
        plan.deletions.push_back(database::describe(copy));
    }
    plan.steps.emplace_back(plan::DropCopies{copies, false});
}

void print_plan(Context& context, const plan::Plan& plan)
{
    context.console.result(context.options.json ? plan::to_json(plan) : plan::to_text(plan));
}

plan::Runtime runtime_for(Context& context, Connector& connector, pg::Connection& maintenance)
{
    return {context.console,
            connector.progress(),
            maintenance,
            [&connector](const std::string& database) { return connector.connect(database); },
            [&connector](const pg::Diagnostic& notice, const std::string& place,
                         std::string_view sql) { connector.notices().print(notice, place, sql); },
            [&context, &connector](const std::string& database, const plan::RunPsql& step,
                                   const plan::OwnStatements& own) {
                run_psql(context, connector.info_for(database), step, own);
            },
            plan::usual_lock_timeout,
            [&context](const std::string& server_identity, const std::string& name) {
                note_build(context, server_identity, name);
            },
            [&context, &connector](const plan::ServiceCall& /*the only one there is*/) {
                take_snapshot(context, connector.target());
            },
            nullptr,
            [&context, &connector](const std::string& database, const plan::RunProgram& step) {
                return run_program(context, program_info(context, connector.target(), database),
                                   step);
            },
            [&connector] { connector.notices().print_rest(); }};
}

std::string built_text(const plan::Outcome& outcome)
{
    return outcome.is_uncounted
               ? fmt::format("{}, {}", counted(outcome.statements, "statement"),
                             counted(outcome.rows, "row"))
               : database::contents_text(outcome.tables, database::RowCount::just_now);
}

std::string loss_text(const database::Survey& survey)
{
    return survey.size
               ? fmt::format("database \"{}\" ({})", survey.database, size_text(*survey.size))
               : fmt::format("database \"{}\"", survey.database);
}

namespace {

/// What it holds, or why that is not known: one that refuses connections is replaced all the same.
std::string content_text(Connector& connector, const std::string& database)
{
    try {
        const auto connection = connector.connect(database);
        return database::contents_text(database::table_rows(*connection),
                                       database::RowCount::formerly) +
               ", as last counted";
    } catch (const pg::ConnectError& error) {
        return fmt::format("not known: {}", error.what());
    }
}

} // namespace

std::vector<plan::Fact> database_facts(Connector& connector, const database::Survey& survey,
                                       const plan::ProtectedBecause& protection)
{
    std::vector<plan::Fact> facts;
    if (protection) {
        facts.push_back({"server", server_text(survey)});
    }
    if (protection && survey.exists && survey.is_valid) {
        facts.push_back({"content", (survey.size ? size_text(*survey.size) + ", " : "") +
                                        content_text(connector, survey.database)});
    }
    if (!survey.sessions.empty()) {
        facts.push_back({sessions_label, survey.sessions});
    }
    if (!survey.standbys.empty() && survey.exists) {
        facts.push_back({standby_label, survey.standbys + ": sessions there keep the old database "
                                                          "until they reconnect"});
    }
    return facts;
}

std::vector<plan::Fact> live_facts(Connector& connector, const plan::Plan& plan,
                                   const database::Survey& survey,
                                   const plan::ProtectedBecause& protection)
{
    std::vector<plan::Fact> facts = database_facts(connector, survey, protection);
    if (protection || plan.effect == plan::Effect::past_undo) {
        const auto backups = backup_facts(connector.context(), connector.target(), survey.size);
        facts.insert(facts.end(), backups.begin(), backups.end());
    }
    return facts;
}

plan::Circumstances circumstances_with_facts(Connector& connector, const plan::Plan& plan,
                                             const database::Survey& survey)
{
    plan::Circumstances circumstances =
        circumstances_of(connector.context(), connector.target(), survey);
    circumstances.facts = live_facts(connector, plan, survey, circumstances.protection);
    return circumstances;
}

std::string ended_text(const plan::Outcome& outcome)
{
    return outcome.ended_sessions == 0 ? ""
                                       : " · ended " + counted(outcome.ended_sessions, "session");
}

std::string undo_hint(const Target& target, const plan::Outcome& outcome)
{
    return outcome.set_aside.empty() ? ""
                                     : " · the old one: " + option_command_text(target, "undo");
}

void warn_of_loss(Context& context, const plan::Plan& plan, const std::vector<plan::Fact>& facts)
{
    for (const std::string& loss : plan.losses) {
        context.console.note(fmt::format("  at stake {}", loss));
    }
    for (const plan::Fact& fact : facts) {
        if (fact.label == sessions_label) {
            context.console.note(fmt::format("  ending   the sessions of {}", fact.text));
        } else if (fact.label == standby_label) {
            context.console.note(fmt::format("  standby  {}", fact.text));
        } else if (fact.label == undone_label) {
            context.console.note(fmt::format("  undoing  {}", fact.text));
        }
    }
}

void report_change(Context& context, const Target& target, const plan::Outcome& outcome,
                   const std::string& text)
{
    report(context, target, outcome, text);
}

void report_no_change(Context& context, const Target& target, const std::string& text)
{
    plan::Outcome outcome;
    outcome.has_changed = false;
    report(context, target, outcome, text + ": nothing to do");
}

std::vector<std::pair<std::string, std::string>>
own_server_lines(const server::ServerStatus& status)
{
    std::vector<std::pair<std::string, std::string>> lines = {
        {"state", state_text(status)},
        {"version", status.version},
        {"data", status.data_directory.string()},
        {"socket", status.socket_directory.string()},
        {"port", status.port == 0 ? "" : fmt::format("{} on 127.0.0.1", status.port)},
        {"log", status.log.string()},
        {"binaries", status.binaries.empty()
                         ? status.why_binaries
                         : fmt::format("{} ({})", status.binaries.string(), status.why_binaries)},
    };
    std::erase_if(lines, [](const auto& line) { return line.second.empty(); });
    return lines;
}

} // namespace crudctl::commands
