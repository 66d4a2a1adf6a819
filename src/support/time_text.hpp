#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace crudctl {

/// "2026-11-24T09:15:00.000Z".
std::string utc_text(std::chrono::sys_seconds time);
/// For people: "2026-11-24 09:15:00 UTC"; what isn't such a time stays as it is.
std::string time_text(const std::string& utc);
/// From "2026-11-24T09:15:00.123Z", with or without fraction; nothing for anything else.
std::optional<std::chrono::sys_seconds> parse_utc(std::string_view text);

/// "90", "90s", "2m", "1h", "7d"; nothing for anything else, and for over ten years.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

/// A moment after `now` as people write it, in their own time zone where they don't say: "18:00"
/// (today or tomorrow), "2h", "2026-11-30", "2026-11-30T18:00", "2026-11-30T17:00:00Z". Nothing
/// for anything else.
std::optional<std::chrono::sys_seconds> parse_moment(const std::string& text,
                                                     std::chrono::sys_seconds now);

} // namespace crudctl
