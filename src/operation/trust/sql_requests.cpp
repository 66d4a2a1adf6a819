#include "operation/trust/sql_requests.hpp"

#include "config/profile/host_kind.hpp"
#include "database/database.hpp"
#include "database/marker.hpp"
#include "operation/script_steps.hpp"
#include "plan/plan.hpp"
#include "plan/protected_databases.hpp"
#include "script/effect/server_side.hpp"
#include "script/reader/file_rules.hpp"
#include "script/reader/psql_walk.hpp"
#include "script/sql/sql_secrets.hpp"
#include "script/sql/statement.hpp"
#include "support/system/file.hpp"
#include "support/text/sha256.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>

namespace fs = std::filesystem;

namespace crudctl::commands {

namespace {

using config::TrustRequest;

constexpr std::size_t largest_query = std::size_t{4} << 20U;
constexpr std::size_t most_lines = 12;

/// The statement as it stands; of a long one its beginning, and the digest of the whole.
TrustRequest request_for(const std::string& place, const std::string& text)
{
    TrustRequest request{place, "server", {}};
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        request.lines.push_back(line);
    }
    if (request.lines.size() > most_lines) {
        const std::size_t more = request.lines.size() - most_lines;
        request.lines.resize(most_lines);
        request.lines.push_back(
            fmt::format("… {} more, SHA-256 {}", counted(more, "line"), sha256_hex(text)));
    }
    return request;
}

void add(std::vector<TrustRequest>& requests, std::vector<TrustRequest> more)
{
    requests.insert(requests.end(), more.begin(), more.end());
}

std::vector<TrustRequest> of_script(const script::Script& script)
{
    std::vector<TrustRequest> requests;
    for (const script::ServerSide& statement : script.server_side) {
        requests.push_back(request_for(statement.place, statement.text));
    }
    return requests;
}

/// Text of one or more statements that the server gets as it stands.
std::vector<TrustRequest> of_text(const std::string& place, const std::string& text)
{
    std::vector<TrustRequest> requests;
    try {
        for (const script::Statement& statement : script::split(text)) {
            if (script::is_server_side(statement.text)) {
                requests.push_back(
                    request_for(fmt::format("{}:{}", place, statement.place.line), statement.text));
            }
        }
    } catch (const script::ScanError&) { // the server refuses it, too
        if (script::is_server_side(text)) {
            requests.push_back(request_for(place, text));
        }
    }
    return requests;
}

std::vector<TrustRequest> of_checks(const std::vector<std::string>& checks)
{
    std::vector<TrustRequest> requests;
    for (const std::string& check : checks) {
        add(requests, of_text("project.checks", check));
    }
    return requests;
}

std::vector<TrustRequest> on_own_server(const plan::Step& step)
{
    if (const auto* load = std::get_if<plan::LoadScripts>(&step)) {
        std::vector<TrustRequest> requests = of_script(*load->script);
        add(requests, of_checks(load->checks));
        return requests;
    }
    if (const auto* checks = std::get_if<plan::RunChecks>(&step)) {
        return of_checks(checks->queries);
    }
    if (const auto* query = std::get_if<plan::RunQuery>(&step)) {
        return of_text(query->file, query->text);
    }
    return {};
}

/// What can't be read, or holds what must not be sent, is refused when it is loaded.
template <typename Gather>
void try_to(std::vector<TrustRequest>& requests, Gather gather)
{
    try {
        add(requests, gather());
    } catch (const Error& error) {
        if (error.code() == ExitCode::interrupted || error.code() == ExitCode::terminated) {
            throw;
        }
    }
}

std::vector<TrustRequest> of_files(const Context& context, plan::ScriptKind kind)
{
    const plan::Step step = unexplained_script_step(context, {kind, {}, {}});
    return of_script(*std::get<plan::LoadScripts>(step).script);
}

void add_queries(const config::Project& project, std::vector<TrustRequest>& requests)
{
    std::error_code missing;
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(project.queries, missing)) {
        if (entry.path().extension() == ".sql") {
            files.push_back(entry.path());
        }
    }
    std::ranges::sort(files);
    for (const fs::path& file : files) {
        try_to(requests, [&] {
            return of_text(file.lexically_proximate(project.root).string(),
                           read_file(file, largest_query).text);
        });
    }
}

using config::TrustRequest;

/// Without a program among their arguments these only say how, or where in the database.
constexpr std::array<std::string_view, 29> harmless_commands = {
    ";",      "r",          "a",
    "C",      "H",          "T",
    "t",      "x",          "f",
    "pset",   "timing",     "echo",
    "warn",   "qecho",      "set",
    "unset",  "restrict",   "unrestrict",
    "if",     "elif",       "else",
    "endif",  "errverbose", "encoding",
    "gset",   "gdesc",      "crosstabview",
    "prompt", "password"};

std::string_view name_of(std::string_view command)
{
    command.remove_prefix(1);
    return command.substr(0, command.find_first_of(" \t\r\n'\"`:"));
}

/// What only shows: \d and all that begin like it, \l, \z.
bool only_shows(std::string_view name)
{
    return name.starts_with('d') || name == "l" || name == "l+" || name == "z";
}

/// Whether psql does no more by this command than to show something or to send SQL. What \gexec
/// makes is SQL, which needs trust only on the own server.
bool is_harmless(std::string_view command, bool is_own_server)
{
    const std::string_view name = name_of(command);
    const bool only_ends =
        (name == "g" || name == "gx") && trimmed(command.substr(name.size() + 1)).empty();
    return command.find_first_of("`|") == std::string_view::npos &&
           (std::ranges::find(harmless_commands, name) != harmless_commands.end() || only_ends ||
            (name == "copy" && script::copy_way(command.substr(5)) != script::CopyWay::other) ||
            (name == "gexec" && !is_own_server) || only_shows(name));
}

/// As it is shown: without its secrets, and then with the digest of what it is in truth.
std::string shown(const std::string& line)
{
    const std::string masked = script::masked_sql(line);
    return masked == line ? line : fmt::format("{}, SHA-256 {}", masked, sha256_hex(line));
}

using Statements = std::vector<script::OutsideStatement>;

std::vector<std::string> databases_in(const Statements& statements)
{
    std::vector<std::string> names;
    for (const script::OutsideStatement& statement : statements) {
        names.insert(names.end(), statement.databases.begin(), statement.databases.end());
    }
    return names;
}

/// The protected profile that leads to the database of that name on the same server. One that
/// cannot be resolved, since a variable is not set, leads nowhere.
std::optional<std::string> why_protected(const Context& context, const std::string& database)
{
    const pg::ConnInfo other = context.settings.profile().conn_info.with_database(database);
    for (const std::string& name : context.settings.profile_names()) {
        try {
            const config::Profile profile = context.settings.profile(name);
            if (profile.protection.is_protected && profile.has_target &&
                config::lead_to_same_database(other, profile.conn_info)) {
                return fmt::format("is that of the protected profile \"{}\"", name);
            }
        } catch (const Error& /*unresolved*/) {
            continue;
        }
    }
    return std::nullopt;
}

/// Why nothing of this run may reach into that database; nothing where it may.
std::optional<std::string> objection_to(const Context& context, const plan::Plan& plan,
                                        const database::OtherDatabase& database)
{
    if (database::protects(database::parse_comment(database.comment))) {
        return "is marked prod";
    }
    if (auto profile = why_protected(context, database.name)) {
        return profile;
    }
    const auto sightings = plan::ProtectedDatabases::of_user(context.settings.environment());
    if (!sightings || plan.server_identity.empty()) {
        return std::nullopt;
    }
    const auto seen = sightings->find(plan.server_identity, database.name, database.oid);
    return seen ? std::optional(
                      fmt::format("was seen under the protected profile \"{}\"", seen->profile))
                : std::nullopt;
}

[[noreturn]] void refuse(const Statements& statements, const std::string& database,
                         const std::string& objection)
{
    const auto statement = std::ranges::find_if(statements, [&](const auto& one) {
        return std::ranges::find(one.databases, database) != one.databases.end();
    });
    throw Error(ExitCode::refused,
                fmt::format("{} reaches into database \"{}\", which {}; nothing was changed",
                            statement->text(), database, objection),
                "take the statement out of the file");
}

} // namespace

std::vector<TrustRequest> sql_requests_of_steps(const std::vector<plan::Step>& steps,
                                                bool is_own_server)
{
    std::vector<TrustRequest> requests;
    for (const plan::Step& step : steps) {
        if (is_own_server) {
            add(requests, on_own_server(step));
        }
        if (const auto* run = std::get_if<plan::RunPsql>(&step)) {
            add(requests, psql_requests(*run, is_own_server));
        }
    }
    return requests;
}

std::vector<TrustRequest> sql_requests_of_project(Context& context)
{
    const config::Project& project = context.settings.project();
    std::vector<TrustRequest> requests;
    for (const plan::ScriptKind kind : {plan::ScriptKind::schema, plan::ScriptKind::seeds}) {
        try_to(requests, [&] { return of_files(context, kind); });
    }
    add_queries(project, requests);
    add(requests, of_checks(project.checks));
    add(requests, of_checks(project.seed_checks));
    return requests;
}

std::vector<TrustRequest> psql_requests(const plan::RunPsql& run, bool is_own_server)
{
    using Kind = script::PsqlPiece::Kind;
    std::vector<TrustRequest> requests;
    script::walk_psql_files(run.files, run.variables, [&](const script::PsqlPiece& piece) {
        const std::string place = fmt::format("{}:{}", piece.file, piece.line);
        if (piece.kind == Kind::unread) {
            requests.push_back({piece.file,
                                "runs",
                                {fmt::format("psql on {}, which psql may read otherwise than "
                                             "crudctl, SHA-256 {}",
                                             piece.file, piece.text)}});
        } else if (piece.kind == Kind::command && !is_harmless(piece.text, is_own_server)) {
            requests.push_back(
                {place, "runs", {"psql's " + shown(std::string(trimmed(piece.text)))}});
        } else if (piece.kind == Kind::statement && is_own_server &&
                   script::is_server_side(piece.text)) {
            requests.push_back({place, "server", {shown(piece.text)}});
        }
    });
    return requests;
}

OutsideReach require_harmless_outside(const Context& context, const plan::Plan& plan,
                                      pg::Connection& connection)
{
    OutsideReach reach{plan::outside_statements(plan), {}};
    const Statements& statements = reach.statements;
    if (const auto names = databases_in(statements); !names.empty()) {
        for (const auto& database : database::other_databases(connection, names)) {
            if (const auto objection = objection_to(context, plan, database)) {
                refuse(statements, database.name, *objection);
            }
            reach.oids.push_back(database.oid);
        }
    }
    const auto shared = std::ranges::find_if(
        statements, [](const script::OutsideStatement& one) { return one.changes_catalog; });
    if (shared != statements.end()) {
        throw Error(ExitCode::refused,
                    fmt::format("{} changes a catalog that all databases of the server share; "
                                "nothing was changed",
                                shared->text()),
                    "take the statement out of the file");
    }
    const auto unread = std::ranges::find_if(
        statements, [](const script::OutsideStatement& one) { return one.has_unknown_name; });
    if (unread != statements.end()) {
        throw Error(ExitCode::refused,
                    fmt::format("{} names a database that crudctl cannot read; nothing was changed",
                                unread->text()),
                    "write the name itself, in a file without psql's commands");
    }
    return reach;
}

void print_outside(Context& context, const Statements& statements)
{
    for (const script::OutsideStatement& statement : statements) {
        context.console.note(fmt::format("  outside  {}", statement.text()));
    }
}

} // namespace crudctl::commands
