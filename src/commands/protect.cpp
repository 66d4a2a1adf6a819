#include "commands/templates.hpp"
#include "config/profile/host_kind.hpp"
#include "operation/command_entry.hpp"
#include "operation/marking.hpp"
#include "operation/protection.hpp"
#include "operation/target.hpp"
#include "support/text/text.hpp"

#include <string>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace crudctl::commands {

namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

/// What the lines below it come to.
std::string protection_text(const Target& target, const database::Survey& survey)
{
    const auto because = protection_of(target, survey);
    return because ? "yes: " + *because : "NO";
}

std::string profile_text(const Target& target)
{
    const config::Protection& protection = target.profile.protection;
    if (protection.is_protected) {
        return "protects it: " + protection.reason;
    }
    return protection.is_declared_false
               ? "protects nothing: it says protected = false"
               : "protects nothing, neither by its name nor by protected = true";
}

std::string mark_text(const Target& target, const database::Survey& survey)
{
    const std::string advice = advice_to_mark(target, survey);
    return advice.empty()
               ? marker_facts(survey).front().second
               : fmt::format("NOT as prod: {} protects it through every profile", advice);
}

std::string managed_roles_text(const database::Survey& survey)
{
    if (!survey.managed_roles.empty()) {
        return fmt::format("a managed service's, which protects what nobody marked otherwise: {}",
                           survey.managed_roles);
    }
    return config::is_public_host(survey.address)
               ? fmt::format(
                     "answers from the public address {}, which protects what nobody marked "
                     "otherwise",
                     survey.address)
               : "neither a managed service's nor public: it protects nothing by itself";
}

std::string confirmation_text(const Target& target, const database::Survey& survey)
{
    if (!protection_of(target, survey)) {
        return "NOT asked for what undo brings back";
    }
    return takes_plan_ids(target, survey)
               ? "a person at a terminal, or in a script the id of a plan"
               : "a person at a terminal";
}

std::string role_text(const database::Survey& survey)
{
    if (!survey.is_owner) {
        return fmt::format("\"{}\" may neither drop nor rename it", survey.role);
    }
    return fmt::format("\"{}\" MAY drop and rename it: the role below may not", survey.role);
}

Lines lines_of(const Target& target, const database::Survey& survey)
{
    Lines lines = {{"protected", protection_text(target, survey)},
                   {"profile", profile_text(target)},
                   {"marked", mark_text(target, survey)}};
    if (const database::Marker* marker = survey.marker(); marker && marker->freeze) {
        lines.emplace_back("locked", database::describe(*marker->freeze));
    }
    lines.emplace_back("server", managed_roles_text(survey));
    lines.emplace_back("confirms", confirmation_text(target, survey));
    lines.emplace_back("role", role_text(survey));
    return lines;
}

void replace_all(std::string& text, std::string_view word, const std::string& value)
{
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at)) {
        text.replace(at, word.size(), value);
        at += value.size();
    }
}

std::string role_sql(const pg::Connection& connection, const database::Survey& survey)
{
    constexpr std::size_t longest_name = 63;
    constexpr std::string_view ending = "_loader";
    std::string name = survey.database;
    if (name.size() + ending.size() > longest_name) {
        name = "crudctl";
    }
    std::string sql = templates::loader_role_sql;
    replace_all(sql, "@role@", connection.quoted(name + std::string(ending)));
    replace_all(sql, "@database@", connection.quoted(survey.database));
    replace_all(sql, "@owner@", connection.quoted(survey.owner));
    return sql;
}

std::string text_of(const Target& target, const Lines& lines, const std::string& sql)
{
    std::string text = printable(target.text) + "\n";
    for (const auto& [label, value] : lines) {
        text += fmt::format("  {:<10} {}\n", label, printable(value));
    }
    return text + "\n" + printable(sql, KeepLines::yes);
}

std::string json_of(const Target& target, const Lines& lines, const std::string& sql)
{
    nlohmann::ordered_json document = {{"profile", target.profile.name},
                                       {"database", target.info.database()},
                                       {"target", target.text}};
    for (const auto& [label, value] : lines) {
        document["protection"][label] = value;
    }
    document["loader_role_sql"] = sql;
    return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// Tells what keeps a database from an accident; changes nothing.
void run_protect(Context& context)
{
    const Target target = find_target(context);
    Connector connector(context, target);
    const auto connection = connector.connect();
    const database::Survey survey = database::take_survey(*connection, target.info.database());
    remember_protected(context, target, survey);
    const Lines lines = lines_of(target, survey);
    const std::string sql = role_sql(*connection, survey);
    context.console.result(context.options.json ? json_of(target, lines, sql)
                                                : text_of(target, lines, sql));
}

void add_protect(CLI::App& command, Invocation& chosen)
{
    runs(command, chosen, run_protect);
}

} // namespace

extern const CommandEntry protect_command = {
    .name = "protect",
    .aliases = {},
    .group = "Safety",
    .command_class = CommandClass::reads,
    .takes_profile = TakesProfile::positional,
    .summary = "show what keeps a database from an accident",
    .example = "crudctl protect prod",
    .add = add_protect,
};

} // namespace crudctl::commands
