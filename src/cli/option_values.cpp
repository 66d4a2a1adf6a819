#include "cli/option_values.hpp"

#include "support/error.hpp"
#include "support/time_text.hpp"

#include <fmt/format.h>

namespace crudctl::cli {

namespace {

constexpr std::chrono::hours longest_duration(24);

} // namespace

std::chrono::seconds duration(const std::string& text, const std::string& option)
{
    const auto parsed = parse_duration(text);
    if (!parsed || *parsed > longest_duration) {
        throw Error(ExitCode::usage, fmt::format("{} is not a time: \"{}\"", option, text),
                    "write seconds, or 90s, 2m, 1h; at most a day");
    }
    return *parsed;
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
