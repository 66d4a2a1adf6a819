#include "bench/report.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace crudctl::bench {

namespace {

// The picture in its own units, with room for the labels around the lines.
constexpr double width = 720;
constexpr double height = 400;
constexpr double left = 70;
constexpr double right = width - 150;
constexpr double top = 50;
constexpr double bottom = height - 55;

struct Style {
    Way way;
    const char* label;
    const char* color;
    const char* dashes;
};
constexpr std::array styles = {
    Style{Way::psql, "psql -f", "#b3541e", "none"},
    Style{Way::psql_one_transaction, "psql -1 -f", "#d99a2b", "6 4"},
    Style{Way::crudctl, "crudctl", "#1f6f8b", "none"},
    Style{Way::server, "the server alone", "#7a7a7a", "2 4"},
};

const Style& style_of(Way way)
{
    return *std::find_if(styles.begin(), styles.end(),
                         [way](const Style& style) { return style.way == way; });
}

std::vector<Result> from_slowest(const Comparison& comparison)
{
    std::vector<Result> results = comparison.results;
    std::sort(results.begin(), results.end(),
              [](const Result& a, const Result& b) { return a.seconds > b.seconds; });
    return results;
}

/// Where things are in the picture.
class Scales {
public:
    explicit Scales(const std::vector<Comparison>& comparisons)
    {
        double least = 1;
        double most = 1;
        for (const Comparison& comparison : comparisons) {
            m_farthest = std::max(m_farthest, static_cast<double>(comparison.distance.count()));
            for (const Result& result : comparison.results) {
                least = std::min(least, result.seconds);
                most = std::max(most, result.seconds);
            }
        }
        m_first_power = static_cast<int>(std::floor(std::log10(least)));
        m_last_power = static_cast<int>(std::ceil(std::log10(most)));
    }

    int first_power() const noexcept { return m_first_power; }
    int last_power() const noexcept { return m_last_power; }
    double x(std::chrono::milliseconds distance) const
    {
        return left + (right - left) * static_cast<double>(distance.count()) / m_farthest;
    }
    double y(double seconds) const
    {
        const double share = (std::log10(seconds) - m_first_power) / (m_last_power - m_first_power);
        return bottom - (bottom - top) * share;
    }

private:
    double m_farthest = 1;
    int m_first_power = 0;
    int m_last_power = 1;
};

std::string text_at(double x, double y, const char* anchor, const std::string& text,
                    const char* color = "#333333")
{
    return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" fill=\"{}\">{}</text>\n",
                       x, y, anchor, color, text);
}

std::string axes(const Scales& scales, const std::vector<Comparison>& comparisons)
{
    std::string svg;
    for (int power = scales.first_power(); power <= scales.last_power(); ++power) {
        const double seconds = std::pow(10, power);
        const double y = scales.y(seconds);
        svg += fmt::format("<line x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\" "
                           "stroke=\"#dddddd\"/>\n",
                           left, right, y, y);
        svg += text_at(left - 8, y + 4, "end", fmt::format("{:g} s", seconds));
    }
    for (const Comparison& comparison : comparisons) {
        svg += text_at(scales.x(comparison.distance), bottom + 20, "middle",
                       fmt::format("{} ms", comparison.distance.count()));
    }
    return svg + text_at((left + right) / 2, bottom + 42, "middle", "round trip to the server");
}

/// The line of one way; its label goes to `label_y` at the line's right end.
std::string line(const Scales& scales, const std::vector<Comparison>& comparisons,
                 const Style& style, double label_y)
{
    std::string points;
    std::string dots;
    for (const Comparison& comparison : comparisons) {
        if (const Result* result = comparison.result(style.way)) {
            const double x = scales.x(comparison.distance);
            const double y = scales.y(result->seconds);
            points += fmt::format("{:.1f},{:.1f} ", x, y);
            dots += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"/>\n", x, y,
                                style.color);
        }
    }
    return fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\" "
                       "stroke-dasharray=\"{}\"/>\n{}",
                       points, style.color, style.dashes, dots) +
           text_at(right + 10, label_y, "start", style.label, style.color);
}

} // namespace

std::string plot(const std::string& title, const std::vector<Comparison>& comparisons)
{
    const Scales scales(comparisons);
    std::string svg = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
        "height=\"{1}\" font-family=\"sans-serif\" font-size=\"13\">\n"
        "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n",
        width, height);
    svg += text_at(left, top - 22, "start", title);
    svg += axes(scales, comparisons);
    constexpr double line_height = 17;
    double free_y = 0; // labels of lines that end close together go below each other
    for (const Result& last : from_slowest(comparisons.back())) {
        const double label_y = std::max(scales.y(last.seconds) + 4, free_y);
        free_y = label_y + line_height;
        svg += line(scales, comparisons, style_of(last.way), label_y);
    }
    return svg + "</svg>\n";
}

} // namespace crudctl::bench
