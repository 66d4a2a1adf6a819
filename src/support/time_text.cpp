#include "support/time_text.hpp"

#include <array>
#include <charconv>
#include <ctime>

#include <fmt/format.h>

namespace crudctl {

namespace {

using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;

/// As strptime() does it, to the text's end; nothing where it doesn't fit.
std::optional<std::tm> parsed(const std::string& text, const char* format)
{
    std::tm fields = {};
    const char* end = strptime(text.c_str(), format, &fields);
    return end != nullptr && *end == '\0' ? std::optional(fields) : std::nullopt;
}

sys_seconds from_local(std::tm fields)
{
    fields.tm_isdst = -1; // whichever holds on that day
    return sys_seconds(seconds(std::mktime(&fields)));
}

/// The next time that the clock on the wall shows it.
sys_seconds next_time_of_day(const std::tm& clock, sys_seconds now)
{
    const std::time_t now_time = now.time_since_epoch().count();
    std::tm today = {};
    localtime_r(&now_time, &today);
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

std::string utc_text(sys_seconds time)
{
    const std::time_t count = time.time_since_epoch().count();
    std::tm fields = {};
    gmtime_r(&count, &fields);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.000Z", fields.tm_year + 1900,
                       fields.tm_mon + 1, fields.tm_mday, fields.tm_hour, fields.tm_min,
                       fields.tm_sec);
}

std::string time_text(const std::string& utc)
{
    const auto time = parse_utc(utc);
    if (!time) {
        return utc;
    }
    constexpr std::size_t to_the_second = 19;
    std::string text = utc_text(*time).substr(0, to_the_second);
    text[text.find('T')] = ' ';
    return text + " UTC";
}

std::optional<sys_seconds> parse_utc(std::string_view text)
{
    const std::size_t fraction = text.find('.');
    const bool has_fraction = fraction != std::string_view::npos && text.ends_with('Z');
    auto fields =
        parsed(has_fraction ? std::string(text.substr(0, fraction)) + 'Z' : std::string(text),
               "%Y-%m-%dT%H:%M:%SZ");
    if (!fields) {
        return std::nullopt;
    }
    return sys_seconds(seconds(timegm(&*fields)));
}

std::optional<seconds> parse_duration(std::string_view text)
{
    constexpr std::array units = {
        std::pair{std::string_view("s"), 1L}, std::pair{std::string_view(""), 1L},
        std::pair{std::string_view("m"), 60L}, std::pair{std::string_view("h"), 3600L},
        std::pair{std::string_view("d"), 86400L}};
    constexpr long longest = 10 * 365 * 86400L;
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

std::optional<sys_seconds> parse_moment(const std::string& text, sys_seconds now)
{
    std::optional<sys_seconds> moment = parse_utc(text);
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
