#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace crudctl {

using UtcTime = std::chrono::sys_time<std::chrono::milliseconds>;

/// "2026-11-24T09:15:00.123Z": the same on every machine, and sorted as text it is in order.
std::string utc_text(std::chrono::system_clock::time_point time);
/// "2026-11-24 10:15:00" where this machine is; what isn't such a time comes back as it is.
std::string local_time_text(const std::string& utc);
/// From "2026-11-24T09:15:00.123Z", with or without fraction; nothing for anything else.
std::optional<UtcTime> parse_utc(std::string_view text);

/// "90", "90s", "2m", "1h", "7d"; nothing for anything else, and for over ten years.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

/// A moment after `now` as people write it, in their own time zone where they don't say: "18:00"
/// (today or tomorrow), "2h", "2026-11-30", "2026-11-30T18:00", "2026-11-30T17:00:00Z". Nothing
/// for anything else.
std::optional<UtcTime> parse_moment(const std::string& text, UtcTime now);

} // namespace crudctl
