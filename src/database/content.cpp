#include "database/content.hpp"

#include "database/queries.hpp"

#include <set>
#include <utility>

#include <fmt/format.h>

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

} // namespace

Losses compare(pg::Connection& old_one, pg::Connection& new_one)
{
    const pg::Result before = old_one.exec(queries::content);
    const Content after = content_of(new_one.exec(queries::content));
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

std::string installed_versions(pg::Connection& connection)
{
    return connection.exec(queries::installed_extensions).scalar().value_or("");
}

std::string available_versions(pg::Connection& connection, const std::string& installed)
{
    return connection.exec(queries::available_extensions, installed).scalar().value_or("");
}

const std::string& emptying_sql()
{
    return queries::emptying;
}

bool has_content(pg::Connection& connection)
{
    return connection.exec(queries::has_content).scalar() == "t";
}

std::string require_empty_sql()
{
    return fmt::format("do $do$ begin if ({}) then raise 'the database is not empty any more'; "
                       "end if; end $do$;",
                       queries::has_content);
}

Glance take_glance(pg::Connection& connection)
{
    const auto results = connection.exec_script(queries::has_content + ";\n" + queries::glance);
    const pg::Row row = results.at(1)[0];
    Glance glance;
    glance.has_content = results.at(0).scalar() == "t";
    Comment comment = parse_comment(row.text("comment"));
    if (comment.marker && is_written_for(*comment.marker, "", row.text("oid"))) {
        glance.marker = std::move(comment.marker);
    }
    return glance;
}

} // namespace crudctl::database
