#include "script/load/hint.hpp"

#include "script/queries.hpp"
#include "script/reader/script_reader.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace crudctl::script {

namespace {

using std::string_view;

constexpr std::array<string_view, 6> no_roles = {"public",       "current_user", "current_role",
                                                 "session_user", "group",        "none"};
constexpr std::size_t most_roles_shown = 20;

/// The words of a statement, as the server reads them.
std::vector<std::string> words_of(string_view statement)
{
    std::vector<std::string> words;
    TokenReader reader(statement);
    while (const Token* token = reader.next()) {
        const bool is_name =
            token->kind == TokenKind::word || token->kind == TokenKind::quoted_name;
        words.push_back(is_name ? folded_name(reader.text_of(*token))
                                : std::string(reader.text_of(*token)));
    }
    return words;
}

/// Whether a list of roles begins behind the word with that index.
bool begins_list(const std::vector<std::string>& words, std::size_t at)
{
    const std::string& first = words.front();
    const std::string& word = words[at];
    const std::string& before = at > 0 ? words[at - 1] : word;
    const bool is_about_policy = words.size() > 1 && words[1] == "policy";
    const bool gives = first == "grant" || first == "revoke" || is_about_policy ||
                       (first == "alter" && words.size() > 1 && words[1] == "default");
    return (word == "to" && (gives || before == "owner")) || (word == "from" && gives) ||
           (before == "for" && (word == "role" || word == "user")) || word == "authorization";
}

/// a, b, GROUP c
void take_list(const std::vector<std::string>& words, std::size_t at, std::set<std::string>& roles)
{
    for (bool goes_on = true; goes_on && at < words.size(); ++at) {
        const bool is_none = std::ranges::find(no_roles, words[at]) != no_roles.end();
        if (!is_none) {
            roles.insert(words[at]);
        }
        goes_on = words[at] == "group";
        if (!goes_on && at + 1 < words.size() && words[at + 1] == ",") {
            goes_on = true;
            ++at;
        }
    }
}

/// CREATE ROLE a, CREATE USER a
std::string created_role(const std::vector<std::string>& words)
{
    const bool is_role = words.size() > 2 && words[0] == "create" &&
                         (words[1] == "role" || words[1] == "user" || words[1] == "group");
    return is_role ? words[2] : std::string();
}

std::vector<std::string> missing_of(pg::Connection& connection, const std::set<std::string>& roles)
{
    const pg::Result rows =
        connection.exec(queries::missing_roles, nlohmann::json(roles).dump(-1, ' ', true));
    std::vector<std::string> missing;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        missing.push_back(rows[i].text("name"));
    }
    return missing;
}

/// All that the file names, but for those that it makes itself.
std::set<std::string> roles_of(const FileOutline& file, const ScriptSettings& settings,
                               const Variables& variables)
{
    std::set<std::string> roles;
    std::set<std::string> made;
    ScriptReader reader(file.source, settings, variables);
    while (const auto piece = reader.next()) {
        if (piece->has_copy_data) {
            reader.skip_copy_data();
            continue;
        }
        const auto of_statement = roles_in(piece->text);
        roles.insert(of_statement.begin(), of_statement.end());
        if (std::string role = created_role(words_of(piece->text.substr(0, 200))); !role.empty()) {
            made.insert(std::move(role));
        }
    }
    std::erase_if(roles, [&](const std::string& role) { return made.contains(role); });
    return roles;
}

} // namespace

std::vector<std::string> roles_in(string_view statement)
{
    constexpr std::array<string_view, 4> verbs = {"alter", "create", "grant", "revoke"};
    TokenReader reader(statement);
    const Token* first = reader.next();
    if (first == nullptr ||
        std::ranges::find(verbs, lower_ascii(reader.text_of(*first))) == verbs.end()) {
        return {};
    }
    const std::vector<std::string> words = words_of(statement);
    std::set<std::string> roles;
    for (std::size_t at = 1; at < words.size(); ++at) {
        if (begins_list(words, at)) {
            take_list(words, at + 1, roles);
        }
    }
    return {roles.begin(), roles.end()};
}

std::string hint_about_roles(pg::Connection& connection, const FileOutline& file,
                             const ScriptSettings& settings, const Variables& variables,
                             const ScriptFailure& failure)
{
    if (!may_look_again(file) ||
        connection.transaction_status() != pg::Connection::TransactionStatus::idle) {
        return {};
    }
    std::vector<std::string> missing = missing_of(connection, roles_of(file, settings, variables));
    const bool is_about_one = std::ranges::any_of(missing, [&](const std::string& role) {
        return std::ranges::find(failure.names, role) != failure.names.end();
    });
    if (!is_about_one) {
        return {};
    }
    std::ranges::transform(missing, missing.begin(),
                           [](const std::string& role) { return "\"" + printable(role) + "\""; });
    const std::size_t shown = std::min(missing.size(), most_roles_shown);
    return fmt::format(
        "this server has no {} {}{}: make {}, or dump without them: pg_dump "
        "--no-owner --no-privileges",
        missing.size() == 1 ? "role" : "roles",
        fmt::join(missing.begin(), missing.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
        shown < missing.size() ? fmt::format(" and {} more", missing.size() - shown) : "",
        missing.size() == 1 ? "it" : "them");
}

} // namespace crudctl::script
