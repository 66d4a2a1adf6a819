#include "support/text/time_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace crudctl {

namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

/// As strptime() does it, to the text's end; nothing where it doesn't fit.
std::optional<std::tm> parsed(const std::string& text, const char* format)
{
    std::tm fields = {};
    const char* end = strptime(text.c_str(), format, &fields);
    return end != nullptr && *end == '\0' ? std::optional(fields) : std::nullopt;
}

/// "123" of ".123Z".
std::optional<std::chrono::milliseconds> parsed_fraction(std::string_view digits)
{
    unsigned count = 0;
    const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (error != std::errc() || rest != digits.data() + digits.size() || digits.size() != 3) {
        return std::nullopt;
    }
    return std::chrono::milliseconds(count);
}

sys_seconds from_local(std::tm fields)
{
    fields.tm_isdst = -1; // whichever holds on that day
    return sys_seconds(seconds(std::mktime(&fields)));
}

std::tm local_fields(UtcTime time)
{
    const std::time_t count = std::chrono::system_clock::to_time_t(time);
    std::tm fields = {};
    localtime_r(&count, &fields);
    return fields;
}

/// The next time that the clock on the wall shows it.
sys_seconds next_time_of_day(const std::tm& clock, UtcTime now)
{
    std::tm today = local_fields(now);
    today.tm_hour = clock.tm_hour;
    today.tm_min = clock.tm_min;
    today.tm_sec = 0;
    const sys_seconds time = from_local(today);
    if (time > now) {
        return time;
    }
    today.tm_mday += 1;
    return from_local(today);
}

} // namespace

std::string utc_text(std::chrono::system_clock::time_point time)
{
    const auto whole = std::chrono::floor<seconds>(time);
    const auto rest = std::chrono::floor<std::chrono::milliseconds>(time - whole);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(whole)), rest.count());
}

std::string local_time_text(const std::string& utc)
{
    const auto time = parse_utc(utc);
    return time ? fmt::format("{:%Y-%m-%d %H:%M:%S}", local_fields(*time)) : utc;
}

std::optional<UtcTime> parse_utc(std::string_view text)
{
    const std::size_t dot = text.find('.');
    if (!text.ends_with('Z')) {
        return std::nullopt;
    }
    auto fields =
        parsed(std::string(text.substr(0, std::min(dot, text.size() - 1))), "%Y-%m-%dT%H:%M:%S");
    const auto rest = dot == std::string_view::npos
                          ? std::optional(std::chrono::milliseconds(0))
                          : parsed_fraction(text.substr(dot + 1, text.size() - dot - 2));
    if (!fields || !rest) {
        return std::nullopt;
    }
    return sys_seconds(seconds(timegm(&*fields))) + *rest;
}

std::optional<seconds> parse_duration(std::string_view text)
{
    constexpr std::array units = {
        std::pair{std::string_view("s"), 1L}, std::pair{std::string_view(""), 1L},
        std::pair{std::string_view("m"), 60L}, std::pair{std::string_view("h"), 3600L},
        std::pair{std::string_view("d"), 86400L}};
    constexpr long longest = 10L * 365 * 86400;
    unsigned long amount = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, amount);
    const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
    for (const auto& [name, factor] : units) {
        if (error == std::errc() && unit == name &&
            amount <= static_cast<unsigned long>(longest / factor)) {
            return seconds(static_cast<long>(amount) * factor);
        }
    }
    return std::nullopt;
}

std::optional<UtcTime> parse_moment(const std::string& text, UtcTime now)
{
    std::optional<UtcTime> moment = parse_utc(text);
    if (const auto clock = parsed(text, "%H:%M")) {
        moment = next_time_of_day(*clock, now);
    }
    for (const char* format : {"%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"}) {
        if (const auto fields = parsed(text, format)) {
            moment = from_local(*fields);
        }
    }
    if (const auto duration = parse_duration(text)) {
        moment = now + *duration;
    }
    return moment && *moment > now ? moment : std::nullopt;
}

} // namespace crudctl
