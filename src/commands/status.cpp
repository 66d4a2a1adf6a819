#include "config/project/sql_files.hpp"
#include "database/survey.hpp"
#include "operation/command_entry.hpp"
#include "operation/marking.hpp"
#include "operation/protection.hpp"
#include "operation/report.hpp"
#include "operation/target.hpp"
#include "support/text/text.hpp"

#include <filesystem>

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace crudctl::commands {

namespace {

/// What `status` can tell; empty members were not to be had.
struct Findings {
    std::string target;
    std::string protection; // why; empty where it isn't protected
    std::string server;
    std::string leads_to; // another database than the one that was dialled
    std::string database; // size and content, or that it's missing
    std::string sessions;
    std::vector<std::pair<std::string, std::string>> marker; // label and text
    std::string copies;                                      // how many of which kind
    std::optional<server::ServerStatus> own_server;
    std::vector<std::string> missing_files;
    std::string problem; // why the server couldn't be asked
    std::string next;    // the command to type next
};

void look_at_files(Context& context, Findings& findings)
{
    const config::Project& project = context.settings.project();
    for (const auto* files : {&project.schema, &project.seeds}) {
        for (const std::filesystem::path& file : *files) {
            if (std::error_code ignored; !std::filesystem::exists(file, ignored)) {
                findings.missing_files.push_back(file.string());
            }
        }
    }
}

/// What to do with a database that is there. Of a protected one nothing is proposed that destroys.
std::string next_with_database(const Target& target, bool is_empty)
{
    if (is_empty) {
        return fmt::format("{}, then {}", command_text(target, "schema-load"),
                           command_text(target, "seed"));
    }
    const std::string connect = command_text(target, "connect") + " opens psql";
    return target.profile.protection.is_protected
               ? connect
               : fmt::format("{}, {} rebuilds it", connect, command_text(target, "setup"));
}

void print_contents(const std::vector<database::TableRows>& tables, const Target& target,
                    Findings& findings)
{
    std::size_t size = 0;
    for (const database::TableRows& table : tables) {
        size += table.size;
    }
    findings.database =
        fmt::format("{}, {} in its tables",
                    database::contents_text(tables, database::RowCount::formerly), size_text(size));
    findings.next = next_with_database(target, tables.empty());
}

/// "2 set aside, 1 saved: crudctl copies"; empty where there is none.
std::string copies_text(const Target& target, const database::Survey& survey)
{
    std::string text;
    const auto add = [&](database::StandInKind kind, std::string_view word) {
        const std::size_t count = database::of_kind(survey.copies, kind).size();
        if (count > 0) {
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, word);
        }
    };
    add(database::StandInKind::previous, "set aside");
    add(database::StandInKind::saved, "saved");
    add(database::StandInKind::next, "half built by a run that was killed or is under way");
    add(database::StandInKind::dropping, "half dropped by a run that was killed or is under way");
    if (!survey.others.empty()) {
        text += fmt::format("{}{} left alone", text.empty() ? "" : ", ", survey.others.size());
    }
    return text.empty() ? "" : text + ": " + command_text(target, "copies");
}

void print_survey(Context& context, const Target& target, const database::Survey& survey,
                  Findings& findings)
{
    remember_protected(context, target, survey);
    findings.server = survey.version.substr(0, survey.version.find(" on ")) +
                      (survey.is_standby ? ", a standby: it only reads" : "");
    if (survey.answered != survey.dialed) {
        findings.leads_to = fmt::format("the name leads to database \"{}\"", survey.answered);
        findings.next = fmt::format("{} opens psql; to change anything, the profile has to name "
                                    "\"{}\" and the server itself",
                                    command_text(target, "connect"), survey.answered);
    }
    findings.protection = protection_of(target, survey).value_or("");
    findings.sessions = survey.sessions;
    if (survey.exists) {
        findings.marker = marker_facts(survey);
        if (const std::string advice = advice_to_mark(target, survey); !advice.empty()) {
            findings.marker.emplace_back(survey.comment.marker ? "not its own" : "not marked",
                                         advice + " protects it through every profile");
        }
    }
    findings.copies = copies_text(target, survey);
}

void look_at_server(Context& context, const Target& target, Findings& findings)
{
    const std::string database = target.info.database();
    Connector connector(context, target);
    try {
        const auto connection = connector.connect();
        const auto [survey, tables] = database::take_survey_within(*connection, database);
        print_contents(tables, target, findings);
        print_survey(context, target, survey, findings);
    } catch (const pg::ConnectError& error) {
        if (error.sqlstate() != pg::sqlstate::missing_database) {
            throw;
        }
        findings.database = "does not exist";
        findings.next = command_text(target, "setup") + " makes and fills it";
        const auto maintenance = connector.connect_to_maintenance();
        print_survey(context, target, database::take_survey(*maintenance, database), findings);
    }
}

/// Setup is proposed only where there is nothing that it could replace.
std::string next_without_server(server::ServerState state)
{
    switch (state) {
    case server::ServerState::absent:
        return "crudctl setup makes the server, and makes and fills the database";
    case server::ServerState::stopped:
        return "crudctl server start starts it, and so does every command that needs it";
    default:
        return "crudctl server status and crudctl server logs tell more";
    }
}

/// What setup lacks, where it would not go through; empty where it would.
std::string missing_for_setup(const Context& context)
{
    const config::Project& project = context.settings.project();
    return project.schema.empty() && !project.has_schema_program()
               ? config::no_schema_text(project.root, project.schema_candidates)
               : std::string();
}

Findings look_around(Context& context, const Target& target)
{
    Findings findings;
    findings.target = target.text;
    findings.protection = target.profile.protection.reason;
    look_at_files(context, findings);
    if (target.is_own_server) {
        findings.own_server = own_server(context).status();
        if (findings.own_server->state != server::ServerState::running) {
            findings.next = next_without_server(findings.own_server->state);
            return findings;
        }
    }
    try {
        look_at_server(context, target, findings);
    } catch (const pg::ConnectError& error) {
        findings.problem = error.what();
        findings.next = error.hint();
    }
    return findings;
}

/// What comes next is set last: without a schema no setup is.
Findings look(Context& context, const Target& target)
{
    Findings findings = look_around(context, target);
    const bool leads_to_setup = findings.next.find(" setup") != std::string::npos ||
                                findings.next.find(" schema-load") != std::string::npos;
    if (const std::string missing = missing_for_setup(context);
        leads_to_setup && !missing.empty()) {
        findings.next = missing;
    }
    return findings;
}

std::string text_of(const Findings& findings)
{
    std::string text = printable(findings.target) + "\n";
    const auto line = [&](std::string_view label, const std::string& value) {
        if (!value.empty()) {
            text += fmt::format("  {:<10} {}\n", label, printable(value));
        }
    };
    line("protected", findings.protection.empty() ? "no" : findings.protection);
    line("server", findings.server);
    line("alias", findings.leads_to);
    line("database", findings.database);
    for (const auto& [label, value] : findings.marker) {
        line(label, value);
    }
    line("copies", findings.copies);
    line("sessions", findings.sessions);
    if (findings.own_server) {
        line("own server", own_server_lines(*findings.own_server).front().second);
        line("data", findings.own_server->data_directory.string());
    }
    for (const std::string& file : findings.missing_files) {
        line("missing", file);
    }
    line("problem", findings.problem);
    line("next", findings.next);
    return text;
}

std::string json_of(const Findings& findings, const Target& target)
{
    nlohmann::ordered_json document = {{"profile", target.profile.name},
                                       {"database", target.info.database()},
                                       {"target", findings.target},
                                       {"protected", !findings.protection.empty()},
                                       {"protected_because", findings.protection},
                                       {"server", findings.server},
                                       {"alias", findings.leads_to},
                                       {"content", findings.database},
                                       {"copies", findings.copies},
                                       {"sessions", findings.sessions},
                                       {"missing_files", findings.missing_files},
                                       {"problem", findings.problem},
                                       {"next", findings.next}};
    for (const auto& [label, value] : findings.marker) {
        document["marker"][label] = value;
    }
    if (findings.own_server) {
        for (const auto& [label, value] : own_server_lines(*findings.own_server)) {
            document["own_server"][label] = value;
        }
    }
    return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

void run_status(Context& context)
{
    const Target target = find_target(context);
    const Findings findings = look(context, target);
    context.console.result(context.options.json ? json_of(findings, target) : text_of(findings));
    if (!findings.problem.empty()) {
        throw Error(ExitCode::connection, "the server could not be asked",
                    doctor_text(context.options));
    }
}

void add_status(CLI::App& command, Invocation& chosen)
{
    runs(command, chosen, run_status);
}

} // namespace

extern const CommandEntry status_command = {
    .name = "status",
    .aliases = {},
    .group = "Look",
    .command_class = CommandClass::reads,
    .takes_profile = TakesProfile::positional,
    .summary = "show where a command would work, and what is there",
    .example = "crudctl status prod",
    .add = add_status,
};

} // namespace crudctl::commands
