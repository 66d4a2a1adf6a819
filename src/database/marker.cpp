#include "database/marker.hpp"

#include "support/time_text.hpp"

#include <array>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace crudctl::database {

namespace {

using Json = nlohmann::ordered_json;

// The queries look for it, too.
constexpr std::string_view line_head = "crudctl: {";

constexpr std::array kinds = {
    std::pair{StandInKind::next, std::string_view("next")},
    std::pair{StandInKind::previous, std::string_view("previous")},
    std::pair{StandInKind::saved, std::string_view("saved")},
    std::pair{StandInKind::schema, std::string_view("schema")},
    std::pair{StandInKind::seeded, std::string_view("seeded")},
};

StandInKind kind_of(const std::string& name)
{
    for (const auto& [kind, text] : kinds) {
        if (text == name) {
            return kind;
        }
    }
    throw std::invalid_argument("a stand-in of kind " + name);
}

std::string text_in(const Json& object, const char* key)
{
    return object.value(key, std::string());
}

Marker read_marker(const Json& document)
{
    Marker marker;
    marker.environment = text_in(document, "environment");
    marker.server = text_in(document, "server");
    marker.oid = text_in(document, "oid");
    if (const auto built = document.find("built"); built != document.end()) {
        marker.built = Build{text_in(*built, "at"), text_in(*built, "by"), text_in(*built, "git"),
                             text_in(*built, "files")};
    }
    if (const auto seeds = document.find("seeds"); seeds != document.end()) {
        marker.seeds = seeds->get<std::map<std::string, std::string>>();
    }
    if (const auto freeze = document.find("locked"); freeze != document.end()) {
        marker.freeze =
            Freeze{text_in(*freeze, "reason"), text_in(*freeze, "by"), text_in(*freeze, "until")};
    }
    if (const auto aside = document.find("stands_in"); aside != document.end()) {
        marker.stand_in = StandIn{kind_of(text_in(*aside, "kind")),
                                  text_in(*aside, "for"),
                                  text_in(*aside, "label"),
                                  text_in(*aside, "at"),
                                  text_in(*aside, "by"),
                                  aside->value("protected", false)};
    }
    return marker;
}

/// Leaves out what is empty.
void put(Json& object, const char* key, const std::string& value)
{
    if (!value.empty()) {
        object[key] = value;
    }
}

Json to_json(const Marker& marker)
{
    Json document = Json::object();
    put(document, "environment", marker.environment);
    put(document, "server", marker.server);
    put(document, "oid", marker.oid);
    if (marker.built) {
        Json& built = document["built"] = Json::object();
        put(built, "at", marker.built->at);
        put(built, "by", marker.built->by);
        put(built, "git", marker.built->git);
        put(built, "files", marker.built->files);
    }
    if (!marker.seeds.empty()) {
        document["seeds"] = marker.seeds;
    }
    if (marker.freeze) {
        Json& freeze = document["locked"] = Json::object();
        put(freeze, "reason", marker.freeze->reason);
        put(freeze, "by", marker.freeze->by);
        put(freeze, "until", marker.freeze->until);
    }
    if (marker.stand_in) {
        Json& aside = document["stands_in"] = Json::object();
        aside["kind"] = kind_name(marker.stand_in->kind);
        put(aside, "for", marker.stand_in->target);
        put(aside, "label", marker.stand_in->label);
        put(aside, "at", marker.stand_in->at);
        put(aside, "by", marker.stand_in->by);
        if (marker.stand_in->is_protected) {
            aside["protected"] = true;
        }
    }
    return document;
}

} // namespace

std::string_view kind_name(StandInKind kind)
{
    for (const auto& [each, text] : kinds) {
        if (each == kind) {
            return text;
        }
    }
    return "";
}

std::string describe(const Freeze& freeze)
{
    return fmt::format("by {}: {}{}", freeze.by, freeze.reason,
                       freeze.until.empty() ? "" : ", until " + local_time_text(freeze.until));
}

bool holds(const Freeze& freeze, std::string_view now)
{
    return freeze.until.empty() || freeze.until > now;
}

Comment parse_comment(std::string_view comment)
{
    const std::size_t last_line = comment.rfind('\n') + 1; // npos + 1 is 0
    const std::string_view line = comment.substr(last_line);
    if (!line.starts_with(line_head)) {
        return {std::string(comment), std::nullopt, false};
    }
    Comment parsed;
    parsed.text = comment.substr(0, last_line == 0 ? 0 : last_line - 1);
    try {
        parsed.marker = read_marker(Json::parse(line.substr(line_head.size() - 1)));
    } catch (const std::exception&) {
        parsed.is_marker_broken = true;
    }
    return parsed;
}

std::string to_line(const Marker& marker)
{
    constexpr int compact = -1;
    constexpr bool ascii_only = true;
    return std::string(line_head.substr(0, line_head.size() - 1)) +
           to_json(marker).dump(compact, ' ', ascii_only, Json::error_handler_t::replace);
}

bool is_written_for(const Marker& marker, std::string_view server, std::string_view oid)
{
    const bool is_server = marker.server.empty() || server.empty() || marker.server == server;
    return is_server && marker.oid == oid;
}

std::string put_line_sql(const pg::Connection& connection, const std::string& database,
                         const std::string& line)
{
    // The user's part is read where it is written: the files of this very run may have set it.
    const std::string block = fmt::format(
        R"(begin
execute pg_catalog.format('comment on database %I is %L', {0}::text,
    pg_catalog.concat_ws(pg_catalog.chr(10), nullif(pg_catalog.regexp_replace(coalesce(
        (select pg_catalog.shobj_description(oid, 'pg_database')
           from pg_catalog.pg_database where datname = {0}), ''),
        '(^|' || pg_catalog.chr(10) || ')crudctl: [{{][^' || pg_catalog.chr(10) || ']*$', ''), ''),
        nullif({1}::text, '')));
end)",
        connection.literal(database), connection.literal(line));
    return fmt::format("do language plpgsql {};\n", connection.literal(block));
}

} // namespace crudctl::database
