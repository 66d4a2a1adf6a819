#include "database/sessions.hpp"
#include "operation/command_entry.hpp"
#include "operation/target.hpp"
#include "script/sql/sql_secrets.hpp"
#include "support/text/text.hpp"
#include "support/text/text_table.hpp"

#include <memory>

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace crudctl::commands {

namespace {

struct SessionsOptions {
    bool all = false; // of every database
};

std::string age_text(const std::optional<double>& seconds)
{
    return seconds ? duration_text(*seconds) : "";
}

TextTable table_of(const std::vector<database::Session>& sessions)
{
    using Align = TextTable::Align;
    TextTable table({{"PID", Align::right},
                     {"USER", Align::left, true},
                     {"DATABASE", Align::left, true},
                     {"CLIENT", Align::left, true},
                     {"APPLICATION", Align::left, true},
                     {"STATE"},
                     {"FOR", Align::right},
                     {"QUERY", Align::right}});
    for (const database::Session& session : sessions) {
        table.add({fmt::format("{}{}", session.is_own ? "*" : "", session.pid), session.role,
                   session.database, session.client, session.application, session.state,
                   age_text(session.state_age), age_text(session.query_age)});
    }
    return table;
}

std::string json_of(const std::vector<database::Session>& sessions)
{
    nlohmann::ordered_json document = nlohmann::ordered_json::array();
    const auto number = [](const std::optional<double>& value) {
        return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
    };
    for (const database::Session& session : sessions) {
        document.push_back({{"pid", session.pid},
                            {"user", session.role},
                            {"database", session.database},
                            {"client", session.client},
                            {"application", session.application},
                            {"state", session.state},
                            {"state_seconds", number(session.state_age)},
                            {"query_seconds", number(session.query_age)},
                            {"query", script::masked_sql(session.query)},
                            {"started", session.started},
                            {"own", session.is_own}});
    }
    return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

void run_sessions(Context& context, const SessionsOptions& options)
{
    const Target target = find_target(context);
    Connector connector(context, target);
    const auto connection = connector.connect();
    const auto found = database::sessions(
        *connection, options.all ? std::nullopt : std::optional(target.info.database()));
    if (context.options.json) {
        context.console.result(json_of(found));
        return;
    }
    const Terminal& terminal = context.console.terminal();
    context.console.result(table_of(found).to_text(terminal.output ? terminal.columns : 0));
    context.console.note("* is this command's own session");
}

void add_sessions(CLI::App& command, Invocation& chosen)
{
    const auto options = std::make_shared<SessionsOptions>();
    command.add_flag("-a,--all", options->all, "of every database on the server");
    runs(command, chosen, [options](Context& context) { run_sessions(context, *options); });
}

} // namespace

extern const CommandEntry sessions_command = {
    .name = "sessions",
    .aliases = {"db-sessions"},
    .group = "Database",
    .command_class = CommandClass::reads,
    .takes_profile = TakesProfile::positional,
    .summary = "show who is connected",
    .example = "crudctl sessions --json",
    .add = add_sessions,
};

} // namespace crudctl::commands
