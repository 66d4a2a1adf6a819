#include "database/marker.hpp"

#include "database/database.hpp"
#include "support/text/text.hpp"
#include "support/text/time_text.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace crudctl::database {

namespace {

using MarkerJson = nlohmann::ordered_json;

constexpr std::string_view line_head = "crudctl: ";
// As a line may begin with it by another hand: in any case, and with or without blanks.
constexpr std::string_view line_word = "crudctl:";

constexpr std::array speakers = {
    std::pair{SaidBy::run, std::string_view("run")},
    std::pair{SaidBy::person, std::string_view("person")},
};

constexpr std::array kinds = {
    std::pair{StandInKind::next, std::string_view("next")},
    std::pair{StandInKind::previous, std::string_view("previous")},
    std::pair{StandInKind::saved, std::string_view("saved")},
    std::pair{StandInKind::schema, std::string_view("schema")},
    std::pair{StandInKind::seeded, std::string_view("seeded")},
    std::pair{StandInKind::dropping, std::string_view("dropping")},
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

std::string text_in(const MarkerJson& object, const char* key)
{
    return object.value(key, std::string());
}

SaidBy speaker_of(const std::string& name)
{
    for (const auto& [speaker, text] : speakers) {
        if (text == name) {
            return speaker;
        }
    }
    return SaidBy::untold;
}

bool means_prod(std::string_view environment)
{
    return equal_ignoring_case(trimmed(environment), "prod") ||
           equal_ignoring_case(trimmed(environment), "production");
}

/// As we write it. Throws for a word that isn't ours: it may mean what ought to be protected.
std::string environment_of(const std::string& written)
{
    const std::string word = lower_ascii(trimmed(written));
    if (means_prod(word)) {
        return "prod";
    }
    if (word.empty() || word == "staging" || word == "dev") {
        return word;
    }
    throw std::invalid_argument("an environment " + written);
}

Marker read_marker(const MarkerJson& document)
{
    Marker marker;
    marker.environment = environment_of(text_in(document, "environment"));
    marker.said_by = speaker_of(text_in(document, "said_by"));
    marker.allows_plan_ids = text_in(document, "confirm") == "plan";
    if (const auto used = document.find("used_ids"); used != document.end()) {
        marker.used_ids = used->get<std::vector<std::string>>();
    }
    marker.server = text_in(document, "server");
    marker.oid = text_in(document, "oid");
    if (const auto built = document.find("built"); built != document.end()) {
        marker.built = Build{text_in(*built, "at"), text_in(*built, "by"), text_in(*built, "git"),
                             text_in(*built, "files")};
    }
    if (const auto seeds = document.find("seeds"); seeds != document.end()) {
        marker.seeds = seeds->get<std::map<std::string, std::string>>();
    }
    marker.loading = text_in(document, "loading");
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
                                  aside->value("protected", false),
                                  text_in(*aside, "name"),
                                  text_in(*aside, "builder")};
    }
    return marker;
}

/// Leaves out what is empty.
void put(MarkerJson& object, const char* key, const std::string& value)
{
    if (!value.empty()) {
        object[key] = value;
    }
}

MarkerJson to_json(const Marker& marker)
{
    MarkerJson document = MarkerJson::object();
    put(document, "environment", marker.environment);
    put(document, "said_by", std::string(speaker_name(marker.said_by)));
    put(document, "confirm", marker.allows_plan_ids ? "plan" : "");
    if (!marker.used_ids.empty()) {
        document["used_ids"] = marker.used_ids;
    }
    put(document, "server", marker.server);
    put(document, "oid", marker.oid);
    if (marker.built) {
        MarkerJson& built = document["built"] = MarkerJson::object();
        put(built, "at", marker.built->at);
        put(built, "by", marker.built->by);
        put(built, "git", marker.built->git);
        put(built, "files", marker.built->files);
    }
    if (!marker.seeds.empty()) {
        document["seeds"] = marker.seeds;
    }
    put(document, "loading", marker.loading);
    if (marker.freeze) {
        MarkerJson& freeze = document["locked"] = MarkerJson::object();
        put(freeze, "reason", marker.freeze->reason);
        put(freeze, "by", marker.freeze->by);
        put(freeze, "until", marker.freeze->until);
    }
    if (marker.stand_in) {
        MarkerJson& aside = document["stands_in"] = MarkerJson::object();
        aside["kind"] = kind_name(marker.stand_in->kind);
        put(aside, "name", marker.stand_in->name);
        put(aside, "for", marker.stand_in->target);
        put(aside, "label", marker.stand_in->label);
        put(aside, "at", marker.stand_in->at);
        put(aside, "by", marker.stand_in->by);
        if (marker.stand_in->is_protected) {
            aside["protected"] = true;
        }
        put(aside, "builder", marker.stand_in->builder);
    }
    return document;
}

/// Whether an object of JSON says prod, by its own words: also where the rest cannot be read, or
/// where the key is there twice.
bool says_prod(std::string_view text)
{
    bool is_environment = false;
    bool found = false;
    const auto look = [&](int depth, MarkerJson::parse_event_t event, const MarkerJson& value) {
        if (event == MarkerJson::parse_event_t::key) {
            is_environment =
                depth == 1 && equal_ignoring_case(value.get<std::string>(), "environment");
        } else if (event == MarkerJson::parse_event_t::value && is_environment &&
                   value.is_string()) {
            found = found || means_prod(value.get<std::string>());
        }
        return true;
    };
    constexpr bool throws = false;
    const MarkerJson ignored = MarkerJson::parse(text, look, throws);
    return found;
}

/// The JSON of a line that is ours; nothing for the user's.
std::optional<std::string_view> json_of(std::string_view line)
{
    line = trimmed(line);
    if (!equal_ignoring_case(line.substr(0, line_word.size()), line_word)) {
        return std::nullopt;
    }
    const std::string_view rest = trimmed(line.substr(line_word.size()));
    const bool is_ours = rest.starts_with('{') || rest.starts_with('[');
    return is_ours ? std::optional(rest) : std::nullopt;
}

bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Whether one of a line's words is prod or production.
bool has_word_prod(std::string_view line)
{
    while (!line.empty()) {
        const auto* const end = std::ranges::find_if_not(line, is_letter);
        const auto length = static_cast<std::size_t>(end - line.begin());
        if (means_prod(line.substr(0, length))) {
            return true;
        }
        line.remove_prefix(std::min(length + 1, line.size()));
    }
    return false;
}

/// Whether a text may begin a line here: any byte that is no printable ASCII is taken for a line
/// break or a blank, as those of Unicode are.
bool may_begin_line(std::string_view before)
{
    const std::size_t last = before.find_last_not_of(" \t");
    return last == std::string_view::npos || before[last] <= ' ' || before[last] > '~';
}

/// Whether what the user wrote has a mark that somebody typed by hand, or that an editor or a form
/// put behind a blank of Unicode: a line that begins as ours do, with the word prod in it.
bool has_prod_by_hand(const std::string& text)
{
    const std::string lower = lower_ascii(text);
    for (std::size_t at = lower.find(line_word); at != std::string::npos;
         at = lower.find(line_word, at + 1)) {
        const std::string_view rest = std::string_view(lower).substr(at + line_word.size());
        if (may_begin_line(std::string_view(lower).substr(0, at)) &&
            has_word_prod(rest.substr(0, rest.find_first_of("\r\n")))) {
            return true;
        }
    }
    return false;
}

/// How long the line break is that ends before a place.
std::size_t break_before(std::string_view text, std::size_t at)
{
    if (at > 1 && text.substr(at - 2, 2) == "\r\n") {
        return 2;
    }
    return at > 0 ? 1 : 0;
}

void read_line(Comment& comment, std::string_view json)
{
    comment.says_prod = comment.says_prod || says_prod(json);
    try {
        comment.marks.push_back(read_marker(MarkerJson::parse(json)));
    } catch (const std::exception&) {
        comment.is_marker_broken = true;
    }
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

std::string_view speaker_name(SaidBy speaker)
{
    for (const auto& [each, text] : speakers) {
        if (each == speaker) {
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
    Comment parsed;
    // A copy without our lines: each goes with the line break before it, the first one with the one
    // behind it.
    std::size_t kept_until = 0;
    bool is_first_ours = false;
    for (std::size_t begin = 0; begin <= comment.size();) {
        const std::size_t end = std::min(comment.find_first_of("\r\n", begin), comment.size());
        if (const auto json = json_of(comment.substr(begin, end - begin))) {
            read_line(parsed, *json);
            is_first_ours = is_first_ours || begin == 0;
            const std::size_t cut = begin - break_before(comment, begin);
            parsed.text += comment.substr(kept_until, std::max(cut, kept_until) - kept_until);
            kept_until = end;
        }
        begin = end + 1;
    }
    parsed.text += comment.substr(kept_until);
    if (is_first_ours) {
        parsed.text.erase(0, parsed.text.starts_with("\r\n") ? 2 : 1);
    }
    if (!parsed.marks.empty()) {
        parsed.marker = parsed.marks.back();
    }
    parsed.says_prod = parsed.says_prod || has_prod_by_hand(parsed.text);
    return parsed;
}

bool protects(const Comment& comment)
{
    return comment.says_prod || comment.is_marker_broken ||
           std::ranges::any_of(comment.marks, [](const Marker& mark) {
               return mark.stand_in && mark.stand_in->is_protected;
           });
}

bool is_said_harmless(const Marker& marker)
{
    return marker.said_by != SaidBy::untold && !marker.environment.empty() &&
           marker.environment != "prod";
}

std::string to_line(const Marker& marker)
{
    constexpr int compact = -1;
    constexpr bool ascii_only = true;
    return std::string(line_head) +
           to_json(marker).dump(compact, ' ', ascii_only, MarkerJson::error_handler_t::replace);
}

std::string to_line_without_ids(Marker marker)
{
    marker.used_ids.clear();
    return to_line(marker);
}

bool is_written_for(const Marker& marker, std::string_view server, std::string_view oid)
{
    const bool is_server = marker.server.empty() || server.empty() || marker.server == server;
    return is_server && marker.oid == oid;
}

std::string put_line_sql(const pg::Connection& connection, const std::string& database,
                         const std::string& line)
{
    // The user's part is read where it is written: the files of this very run may have set it. The
    // line break in front makes the first line one like all others.
    const std::string put = fmt::format(
        R"(
execute (
    select pg_catalog.format('comment on database %I is %L', d.datname,
               pg_catalog.concat_ws(e.lf, nullif(pg_catalog.regexp_replace(
                   pg_catalog.regexp_replace(
                       e.lf || coalesce(pg_catalog.shobj_description(d.oid, 'pg_database'), ''),
                       e.line_break || e.blanks || 'crudctl:' || e.blanks || '[{{][^' || e.cr || e.lf
                           || ']*', '', 'gi'),
                   '^' || e.line_break, ''), ''),
               nullif(pg_catalog.replace(pg_catalog.replace({1}::text,
                   '"oid":"{2}"', '"oid":"' || d.oid || '"'),
                   '"builder":"{3}"', (
                      select '"builder":"' || a.pid || ' ' || pg_catalog.to_char(
                                 a.backend_start at time zone 'UTC', 'YYYYMMDDHH24MISSUS') || '"'
                        from pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()) a)),
               '')))
      from pg_catalog.pg_database d,
           (select c.*, '(' || c.cr || c.lf || '|' || c.lf || '|' || c.cr || ')' as line_break
              from (select pg_catalog.chr(10) as lf, pg_catalog.chr(13) as cr,
                           '[ ' || pg_catalog.chr(9) || pg_catalog.chr(11) || pg_catalog.chr(12)
                               || ']*' as blanks) c) e
     where d.datname = {0});)",
        connection.literal(database), connection.literal(line), own_oid, own_session);
    return block_sql(connection, put) + "\n";
}

namespace {

std::string files_lock_name(const std::string& oid)
{
    return "crudctl files of " + oid;
}

} // namespace

std::string require_seeds_sql(const pg::Connection& connection, const std::string& oid,
                              const std::string& line)
{
    constexpr std::string_view head = "\"seeds\":{";
    const std::size_t begin = line.find(head);
    const std::string seeds =
        begin == std::string::npos
            ? "null"
            : connection.literal(line.substr(begin, line.find('}', begin) + 1 - begin));
    return block_sql(
        connection,
        fmt::format("perform pg_catalog.pg_advisory_xact_lock("
                    "pg_catalog.hashtextextended({3}, 0)); "
                    "if (select pg_catalog.substring(pg_catalog.shobj_description({0}, "
                    "'pg_database'), '(?:^|\\n)crudctl:[^\\n]*(\"seeds\":[{{][^}}]*[}}])')) is "
                    "distinct from {1} then "
                    "raise exception 'another run loaded files meanwhile' using errcode = '{2}'; "
                    "end if;",
                    oid, seeds, pg::sqlstate::other_load,
                    connection.literal(files_lock_name(oid))));
}

bool try_files_lock(pg::Connection& connection, const std::string& oid)
{
    // In a transaction pooler's session the lock would stay behind for the next client.
    return connection
               .exec("select case when pg_catalog.pg_backend_pid() operator(pg_catalog.=)"
                     " $2::pg_catalog.int4"
                     " then pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended($1, 0))"
                     " else true end",
                     files_lock_name(oid), connection.backend_pid())
               .scalar() == "t";
}

bool is_being_loaded(pg::Connection& connection, const std::string& oid)
{
    return connection
               .look("select exists (select from pg_catalog.pg_locks l"
                     " where l.locktype = 'advisory' and l.granted"
                     " and (l.classid::bigint << 32 | l.objid::bigint)"
                     " = pg_catalog.hashtextextended($1, 0))",
                     files_lock_name(oid))
               .scalar() == "t";
}

} // namespace crudctl::database
