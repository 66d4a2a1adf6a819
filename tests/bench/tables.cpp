#include "bench/report.hpp"

#include <stdexcept>

#include <fmt/format.h>

namespace crudctl::bench {

namespace {

constexpr const char* empty_cell = "–";

std::string seconds_text(double seconds)
{
    if (seconds < 0.1) {
        return fmt::format("{:.0f} ms", seconds * 1000);
    }
    return fmt::format("{:.{}f} s", seconds, seconds < 10 ? 2 : 1);
}

std::string seconds_cell(const Result* result)
{
    return result == nullptr || !result->failure.empty() ? empty_cell
                                                         : seconds_text(result->seconds);
}

std::string trips_cell(const Result* result)
{
    return result == nullptr || result->trips.log_ins == 0
               ? empty_cell
               : fmt::format("{} + {}", result->trips.log_ins, result->trips.others);
}

std::string memory_cell(const Result* result)
{
    return result == nullptr || !result->failure.empty()
               ? empty_cell
               : fmt::format("{:.0f} MiB", static_cast<double>(result->peak_bytes) / (1U << 20U));
}

/// How many times as long the first takes as the second.
std::string ratio_cell(const Result* first, const Result* second)
{
    if (first == nullptr || second == nullptr || !second->failure.empty()) {
        return empty_cell;
    }
    const double ratio = first->seconds / second->seconds;
    return fmt::format("{:.{}f}×", ratio, ratio < 10 ? 1 : 0);
}

} // namespace

std::string time_table(const std::vector<Comparison>& comparisons)
{
    std::string text = "| what | away | crudctl | trips | psql | trips | psql ÷ crudctl | psql -1 "
                       "| the server alone |\n"
                       "|---|--:|--:|--:|--:|--:|--:|--:|--:|\n";
    for (const Comparison& comparison : comparisons) {
        const Result* crudctl = comparison.result(Way::crudctl);
        const Result* psql = comparison.result(Way::psql);
        text += fmt::format("| {} | {} ms | {} | {} | {} | {} | {} | {} | {} |\n", comparison.what,
                            comparison.distance.count(), seconds_cell(crudctl), trips_cell(crudctl),
                            seconds_cell(psql), trips_cell(psql), ratio_cell(psql, crudctl),
                            seconds_cell(comparison.result(Way::psql_one_transaction)),
                            seconds_cell(comparison.result(Way::server)));
    }
    return text;
}

std::string memory_table(const std::vector<Comparison>& comparisons)
{
    std::string text = "| peak memory | crudctl | psql |\n|---|--:|--:|\n";
    for (const Comparison& comparison : comparisons) {
        text += fmt::format("| {} | {} | {} |\n", comparison.what,
                            memory_cell(comparison.result(Way::crudctl)),
                            memory_cell(comparison.result(Way::psql)));
    }
    return text;
}

std::string with_speed_section(const std::string& text, std::string_view section)
{
    constexpr std::string_view begin_mark = "<!-- speed -->\n";
    constexpr std::string_view end_mark = "<!-- /speed -->\n";
    const auto begin = text.find(begin_mark);
    const auto end = text.find(end_mark);
    if (begin == std::string::npos || end == std::string::npos || end < begin) {
        throw std::runtime_error("the place of the figures is not marked");
    }
    const auto inside = begin + begin_mark.size();
    return text.substr(0, inside) + std::string(section) + text.substr(end);
}

} // namespace crudctl::bench
