#include "database/copies.hpp"

#include "database/name.hpp"
#include "database/queries.hpp"
#include "support/text/text.hpp"
#include "support/text/time_text.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace crudctl::database {

namespace {

using Json = nlohmann::json;

/// One that a run made and was killed before it could comment on it.
Marker marker_of_unmarked(const std::string& target)
{
    Marker marker;
    marker.stand_in = {StandInKind::next, target, "", "", "", false};
    return marker;
}

std::optional<Copy> read_copy(const pg::Row& row, const std::string& target)
{
    Comment parsed = parse_comment(row.text("comment"));
    Copy copy;
    copy.is_unmarked = !row["comment"].has_value();
    if (copy.is_unmarked) {
        parsed.marker = marker_of_unmarked(target);
    }
    if (!parsed.marker || !parsed.marker->stand_in || parsed.marker->stand_in->target != target) {
        return std::nullopt;
    }
    copy.name = row.text("name");
    copy.oid = row.text("oid");
    copy.owner = row.text("owner");
    if (row["size"]) {
        copy.size = static_cast<std::size_t>(row.number("size"));
    }
    copy.sessions = static_cast<std::size_t>(row.number("sessions"));
    copy.is_valid = row.is_true("is_valid");
    copy.is_owner = row.is_true("is_owner");
    copy.owner_acts_as_us = row.is_true("owner_acts_as_us");
    copy.is_mine = row.is_true("is_mine");
    copy.builder_lives = row.is_true("builder_lives");
    copy.comment_text = std::move(parsed.text);
    copy.marker = std::move(*parsed.marker);
    return copy;
}

/// Why a database is not what its comment says, whatever else speaks for it; empty where it may be.
std::string objection_to(const Copy& copy, const CopyTarget& target)
{
    const StandIn& stand_in = copy.stand_in();
    if (copy.name == target.name || copy.oid == target.oid) {
        return "it is the database itself";
    }
    if (!stand_in.name.empty() && stand_in.name != copy.name) {
        return fmt::format("it was renamed: crudctl made it as \"{}\"", stand_in.name);
    }
    if (!is_name_of(copy.name, stand_in)) {
        return "crudctl gives no such name";
    }
    const bool had_no_oid = stand_in.kind == StandInKind::next && stand_in.name.empty();
    if (copy.marker.oid != copy.oid && !(had_no_oid && copy.marker.oid.empty())) {
        return "its marker was written for another database";
    }
    return "";
}

std::string doubt_about_server(const Copy& copy, const CopyTarget& target)
{
    const std::string& written_for = copy.marker.server;
    if (written_for == target.server_identity) {
        return "";
    }
    return written_for.empty() || target.server_identity.empty()
               ? "it can't be told whether it was made on this server"
               : "it was made on another server, or before an upgrade of this one";
}

void judge(Copy& copy, const CopyTarget& target, bool owner_fits)
{
    copy.doubt = objection_to(copy, target);
    if (!copy.doubt.empty()) {
        copy.claim = Claim::foreign;
        return;
    }
    std::vector<std::string> doubts;
    if (copy.is_unmarked) {
        doubts.emplace_back("a run may have been killed before it could mark it");
    } else {
        if (copy.stand_in().name.empty()) {
            doubts.emplace_back("an older crudctl made it, whose marker doesn't have its name");
        }
        if (std::string doubt = doubt_about_server(copy, target); !doubt.empty()) {
            doubts.push_back(std::move(doubt));
        }
    }
    copy.is_only_owner = doubts.empty();
    if (!owner_fits) {
        doubts.push_back(fmt::format("role \"{}\" owns it", copy.owner));
    }
    copy.claim = doubts.empty() ? Claim::ours : Claim::unproven;
    copy.doubt = fmt::format("{}", fmt::join(doubts, ", "));
}

std::string_view verb_of(StandInKind kind)
{
    switch (kind) {
    case StandInKind::next:
        return "begun";
    case StandInKind::previous:
    case StandInKind::dropping:
        return "set aside";
    case StandInKind::saved:
        return "saved";
    case StandInKind::schema:
    case StandInKind::seeded:
        break;
    }
    return "made";
}

} // namespace

std::string stand_in_needle(const std::string& target)
{
    constexpr int compact = -1;
    constexpr bool ascii_only = true;
    return "\"for\":" + Json(target).dump(compact, ' ', ascii_only, Json::error_handler_t::replace);
}

bool Copy::is_left_over() const
{
    return (is(StandInKind::next) || is(StandInKind::dropping)) && claim == Claim::ours &&
           is_owner && sessions == 0 && !builder_lives;
}

CopiesQuery::CopiesQuery(const std::string& target, bool with_sizes)
    : values{target, stand_in_needle(target), next_prefix(target), with_sizes ? "true" : "false"}
{}

pg::BoundStatement CopiesQuery::statement() const
{
    return {queries::copies, values};
}

std::vector<Copy> read_copies(const pg::Result& rows, const CopyTarget& target)
{
    std::vector<Copy> copies;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (auto copy = read_copy(rows[i], target.name)) {
            judge(*copy, target, rows[i].is_true("owner_fits"));
            copies.push_back(std::move(*copy));
        }
    }
    sort_by_age(copies);
    return copies;
}

void sort_by_age(std::vector<Copy>& copies)
{
    std::ranges::sort(copies, [](const Copy& a, const Copy& b) {
        return std::tie(a.stand_in().at, a.name) < std::tie(b.stand_in().at, b.name);
    });
}

std::string moment_after(const std::vector<Copy>& copies, const std::string& now)
{
    if (copies.empty() || copies.back().stand_in().at < now) {
        return now;
    }
    const auto newest = parse_utc(copies.back().stand_in().at);
    return newest ? utc_text(*newest + std::chrono::milliseconds(1)) : now;
}

std::vector<Copy> of_kind(const std::vector<Copy>& copies, StandInKind kind)
{
    std::vector<Copy> found;
    std::ranges::copy_if(copies, std::back_inserter(found),
                         [kind](const Copy& copy) { return copy.is(kind); });
    return found;
}

std::string describe(const Copy& copy)
{
    const std::string size = copy.size ? size_text(*copy.size) + ", " : "";
    if (copy.is_unmarked) {
        return fmt::format("\"{}\" ({}an unfinished build)", copy.name, size);
    }
    return fmt::format("\"{}\" ({}{} {} by {})", copy.name, size, verb_of(copy.stand_in().kind),
                       local_time_text(copy.stand_in().at), copy.stand_in().by);
}

std::vector<Copy> surplus(const std::vector<Copy>& copies, std::size_t kept)
{
    std::vector<Copy> aside = of_kind(copies, StandInKind::previous);
    aside.resize(aside.size() - std::min(kept, aside.size()));
    std::erase_if(aside, [](const Copy& copy) {
        return !copy.marker.built || copy.stand_in().is_protected || copy.sessions > 0 ||
               copy.marker.environment == "prod";
    });
    return aside;
}

std::vector<Copy> set_aside_before(const std::vector<Copy>& copies, const std::string& time)
{
    std::vector<Copy> aside = surplus(copies, 0);
    std::erase_if(aside, [&](const Copy& copy) { return copy.stand_in().at >= time; });
    return aside;
}

} // namespace crudctl::database
