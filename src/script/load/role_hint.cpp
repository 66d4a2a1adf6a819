#include "script/load/hint.hpp"

#include "script/effect/role_names.hpp"
#include "script/queries.hpp"
#include "script/reader/script_reader.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace crudctl::script {

namespace {

constexpr std::size_t most_roles_shown = 20;

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
    RoleNames roles;
    ScriptReader reader(file.source, settings, variables);
    while (const auto piece = reader.next()) {
        roles.add(piece->text, piece->backslashes);
        if (piece->has_copy_data) {
            reader.skip_copy_data();
        }
    }
    std::erase_if(roles.wanted, [&](const std::string& role) { return roles.made.contains(role); });
    return roles.wanted;
}

} // namespace

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
