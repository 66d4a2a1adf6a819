#include "database/content.hpp"

#include "database/database.hpp"
#include "database/queries.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace crudctl::database {

namespace {

/// The rows of one kind.
struct Content {
    std::set<std::string> objects;
    std::set<std::string> texts; // of grants and parts
};

Content content_of(const pg::Result& result)
{
    Content content;
    for (std::size_t i = 0; i < result.size(); ++i) {
        const pg::Row row = result[i];
        if (row.text("kind") == "object") {
            content.objects.insert(row.text("object"));
        } else {
            content.texts.insert(row.text("text"));
        }
    }
    return content;
}

Losses losses_between(const pg::Result& before, const pg::Result& now)
{
    const Content after = content_of(now);
    Losses losses;
    for (std::size_t i = 0; i < before.size(); ++i) {
        const pg::Row row = before[i];
        const std::string text = row.text("text");
        if (row.text("kind") == "object" || after.texts.contains(text)) {
            continue;
        }
        if (row.text("kind") == "part") {
            losses.parts.push_back(text);
        } else if (after.objects.contains(row.text("object"))) {
            losses.grants.push_back(text);
        }
    }
    return losses;
}

pg::Result result_within(pg::Connection& connection, const std::string& query)
{
    auto results = connection.exec_each(pg::Connection::look_within(query));
    return std::move(results.at(results.size() - 2));
}

} // namespace

Losses compare(pg::Connection& old_one, pg::Connection& new_one)
{
    const pg::Result before = old_one.look(queries::content);
    return losses_between(before, new_one.look(queries::content));
}

Holdings holdings_of(pg::Connection& connection)
{
    return {connection.look(queries::inventory), connection.look(queries::content)};
}

Holdings holdings_within(pg::Connection& connection)
{
    return {result_within(connection, queries::inventory),
            result_within(connection, queries::content)};
}

Losses losses_between(const Holdings& before, const Holdings& now)
{
    return losses_between(before.grants, now.grants);
}

std::string installed_versions(pg::Connection& connection)
{
    return connection.look(queries::installed_extensions).scalar().value_or("");
}

std::string available_versions(pg::Connection& connection, const std::string& installed)
{
    return connection.look(queries::available_extensions, installed).scalar().value_or("");
}

CallableFunctions callable_functions(pg::Connection& connection)
{
    const auto results = connection.look(
        std::array<pg::BoundStatement, 2>{pg::BoundStatement{queries::generator_extensions, {}},
                                          pg::BoundStatement{queries::row_functions, {}}});
    CallableFunctions functions;
    for (std::size_t i = 0; i < results.at(0).size(); ++i) {
        const pg::Row row = results.at(0)[i];
        functions.generators[row.text("name")] = row.text("schema");
    }
    for (std::size_t i = 0; i < results.at(1).size(); ++i) {
        functions.of_rows.insert(results.at(1)[i].text("name"));
    }
    return functions;
}

std::string require_no_acting_function_sql(const pg::Connection& connection,
                                           const std::set<std::string>& names)
{
    const std::string list =
        nlohmann::json(names).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return with_literal(queries::acting_functions, "crudctl.names", connection.literal(list));
}

std::vector<OwnedPart> owned_parts(pg::Connection& connection)
{
    const pg::Result rows = connection.look(queries::owned);
    std::vector<OwnedPart> parts;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        parts.push_back({rows[i].text("kind"), rows[i].text("schema"), rows[i].text("name"),
                         rows[i].text("owner")});
    }
    return parts;
}

std::vector<std::string> missing_parts(const Holdings& before, const Holdings& now)
{
    const pg::Result& there = before.things;
    const pg::Result& left = now.things;
    std::set<std::string> missing;
    for (std::size_t i = 0; i < there.size(); ++i) {
        missing.insert(there[i].text("thing"));
    }
    for (std::size_t i = 0; i < left.size(); ++i) {
        missing.erase(left[i].text("thing"));
    }
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < there.size(); ++i) {
        const pg::Row row = there[i];
        if (missing.contains(row.text("thing")) && !missing.contains(row.text("whole"))) {
            parts.push_back(row.text("thing"));
        }
    }
    std::ranges::sort(parts);
    return parts;
}

Fingerprint fingerprint_of(pg::Connection& connection)
{
    const pg::Result found = connection.look(queries::fingerprint);
    return {found[0].text("oid"), found[0].text("objects")};
}

std::string rows_digest(pg::Connection& connection)
{
    return connection.look(queries::rows_digest).scalar().value_or("");
}

std::string OwnedPart::text() const
{
    return fmt::format("{} {}{}", kind, name, owner.empty() ? "" : " of role " + owner);
}

std::string OwnedPart::group() const
{
    constexpr std::array<std::string_view, 5> relations = {"table", "view", "materialized view",
                                                           "foreign table", "sequence"};
    return std::ranges::find(relations, kind) != relations.end() ? "relation"
           : kind.starts_with("text search")                     ? "text search"
                                                                 : kind;
}

const std::string& emptying_sql()
{
    return queries::emptying;
}

bool is_untouched(pg::Connection& connection)
{
    return !has_content(connection) && connection.look(queries::has_traces).scalar() != "t";
}

bool has_content(pg::Connection& connection)
{
    return connection.look(queries::has_content).scalar() == "t";
}

std::string require_empty_sql()
{
    return fmt::format(R"(do $do$
declare
    path_before constant pg_catalog.text := pg_catalog.current_setting('search_path');
begin
    perform pg_catalog.set_config('search_path', '', true);
    if ({}) then
        raise 'the database is not empty any more';
    end if;
    perform pg_catalog.set_config('search_path', path_before, true);
end $do$;)",
                       queries::has_content);
}

ContentLook look_at_content(pg::Connection& connection)
{
    const auto results = connection.look(
        std::array<pg::BoundStatement, 2>{pg::BoundStatement{queries::has_content, {}},
                                          pg::BoundStatement{queries::content_look, {}}});
    const pg::Row row = results.at(1)[0];
    ContentLook content;
    content.has_content = results.at(0).scalar() == "t";
    Comment comment = parse_comment(row.text("comment"));
    if (comment.marker && is_written_for(*comment.marker, "", row.text("oid"))) {
        content.marker = std::move(comment.marker);
    }
    return content;
}

} // namespace crudctl::database
