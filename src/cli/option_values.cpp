#include "cli/option_values.hpp"

#include "support/error.hpp"

#include <charconv>
#include <string_view>

#include <fmt/format.h>

namespace crudctl::cli {

namespace {

constexpr unsigned longest_duration = 24 * 60 * 60; // seconds

unsigned seconds_in(std::string_view unit)
{
    if (unit.empty() || unit == "s") {
        return 1;
    }
    return unit == "m" ? 60 : unit == "h" ? 3600 : 0;
}

} // namespace

std::chrono::seconds duration(const std::string& text, const std::string& option)
{
    unsigned amount = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, amount);
    const unsigned factor = seconds_in({rest, static_cast<std::size_t>(end - rest)});
    if (error != std::errc() || factor == 0 || amount > longest_duration / factor) {
        throw Error(ExitCode::usage, fmt::format("{} is not a time: \"{}\"", option, text),
                    "write seconds, or 90s, 2m, 1h; at most a day");
    }
    return std::chrono::seconds(amount * factor);
}

ColorMode color_mode(const std::string& text)
{
    if (text == "auto") {
        return ColorMode::automatic;
    }
    if (text == "always" || text == "never") {
        return text == "always" ? ColorMode::always : ColorMode::never;
    }
    throw Error(ExitCode::usage, fmt::format("--color is auto, always or never, not \"{}\"", text));
}

} // namespace crudctl::cli
