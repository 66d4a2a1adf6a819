#include "database/copies.hpp"

#include "support/text.hpp"
#include "support/time_text.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <tuple>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace crudctl::database {

namespace {

using Json = nlohmann::json;

std::optional<Copy> read_copy(const Json& object, const std::string& target)
{
    const Json& comment = object.at("comment");
    Comment parsed = parse_comment(comment.is_string() ? comment.get<std::string>() : "");
    if (!parsed.marker || !parsed.marker->stand_in || parsed.marker->stand_in->target != target) {
        return std::nullopt;
    }
    Copy copy;
    copy.name = object.at("name").get<std::string>();
    copy.oid = object.at("oid").get<std::string>();
    if (const Json& size = object.at("size"); size.is_number()) {
        copy.size = size.get<std::size_t>();
    }
    copy.is_valid = object.at("is_valid").get<bool>();
    copy.is_owner = object.at("is_owner").get<bool>();
    copy.comment_text = std::move(parsed.text);
    copy.marker = std::move(*parsed.marker);
    return copy;
}

std::string_view verb_of(StandInKind kind)
{
    switch (kind) {
    case StandInKind::next:
        return "begun";
    case StandInKind::previous:
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

std::vector<Copy> read_copies(const std::string& json, const std::string& target)
{
    std::vector<Copy> copies;
    if (json.empty()) {
        return copies;
    }
    for (const Json& object : Json::parse(json)) {
        if (auto copy = read_copy(object, target)) {
            copies.push_back(std::move(*copy));
        }
    }
    std::ranges::sort(copies, [](const Copy& a, const Copy& b) {
        return std::tie(a.stand_in().at, a.name) < std::tie(b.stand_in().at, b.name);
    });
    return copies;
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
    return fmt::format("\"{}\" ({}{} {} by {})", copy.name,
                       copy.size ? size_text(*copy.size) + ", " : "", verb_of(copy.stand_in().kind),
                       local_time_text(copy.stand_in().at), copy.stand_in().by);
}

std::vector<Copy> surplus(const std::vector<Copy>& copies, std::size_t kept)
{
    std::vector<Copy> aside = of_kind(copies, StandInKind::previous);
    aside.resize(aside.size() - std::min(kept, aside.size()));
    std::erase_if(aside, [](const Copy& copy) {
        return !copy.marker.built || copy.stand_in().is_protected ||
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
