#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace crudctl {

namespace {

struct Range {
    char32_t first;
    char32_t last;
};

// East Asian Wide and Fullwidth ranges and the emoji that terminals draw two columns wide.
constexpr std::array wide_ranges = {
    Range{0x1100, 0x115F},   Range{0x231A, 0x231B},   Range{0x23E9, 0x23EC},
    Range{0x2E80, 0x303E},   Range{0x3041, 0x33FF},   Range{0x3400, 0x4DBF},
    Range{0x4E00, 0x9FFF},   Range{0xA000, 0xA4CF},   Range{0xA960, 0xA97F},
    Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE6F},
    Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6},   Range{0x1F300, 0x1F64F},
    Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1F9FF}, Range{0x20000, 0x3FFFD},
};

constexpr std::array combining_ranges = {
    Range{0x0300, 0x036F}, Range{0x0483, 0x0489}, Range{0x0591, 0x05BD}, Range{0x064B, 0x065F},
    Range{0x0E31, 0x0E31}, Range{0x0E34, 0x0E3A}, Range{0x1AB0, 0x1AFF}, Range{0x1DC0, 0x1DFF},
    Range{0x20D0, 0x20FF}, Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F}, Range{0xE0100, 0xE01EF},
};

// What a terminal obeys or hides instead of showing: C0, DEL, C1, zero-width and bidi controls.
constexpr std::array unprintable_ranges = {
    Range{0x0000, 0x001F}, Range{0x007F, 0x009F}, Range{0x061C, 0x061C}, Range{0x200B, 0x200F},
    Range{0x2028, 0x202E}, Range{0x2060, 0x2069}, Range{0xFEFF, 0xFEFF}, Range{0xE0000, 0xE007F},
};

bool contains(std::span<const Range> ranges, char32_t c)
{
    return std::any_of(ranges.begin(), ranges.end(),
                       [c](const Range& range) { return c >= range.first && c <= range.last; });
}

std::size_t character_width(const Utf8Character& c)
{
    if (!c.valid || !contains(combining_ranges, c.code_point)) {
        return c.valid && contains(wide_ranges, c.code_point) ? 2 : 1;
    }
    return 0;
}

constexpr char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr char32_t smallest_of_length[] = {0, 0, 0x80, 0x800, 0x10000};

bool means_itself(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_./~:@%+=,-").find(c) != std::string_view::npos;
}

/// Damerau-Levenshtein with neighbouring swaps only ("optimal string alignment").
std::size_t edit_distance(std::string_view a, std::string_view b)
{
    std::vector<std::vector<std::size_t>> cost(a.size() + 1,
                                               std::vector<std::size_t>(b.size() + 1, 0));
    for (std::size_t i = 0; i <= a.size(); ++i) {
        cost[i][0] = i;
    }
    for (std::size_t j = 0; j <= b.size(); ++j) {
        cost[0][j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replace = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, replace});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
            }
        }
    }
    return cost[a.size()][b.size()];
}

bool begins_with(std::string_view candidate, std::string_view word)
{
    constexpr std::size_t shortest_beginning = 3; // shorter ones could be anything
    const std::size_t dashes = std::min(word.find_first_not_of('-'), word.size());
    return word.size() - dashes >= shortest_beginning && candidate.starts_with(word);
}

} // namespace

Utf8Character utf8_at(std::string_view text, std::size_t at)
{
    const auto first = static_cast<unsigned char>(text[at]);
    if (first < 0x80) {
        return {first, 1, true};
    }
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || at + length > text.size()) {
        return {first, 1, false};
    }
    char32_t code_point = first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        const auto next = static_cast<unsigned char>(text[at + i]);
        if ((next & 0xC0) != 0x80) {
            return {first, 1, false};
        }
        code_point = (code_point << 6) | (next & 0x3F);
    }
    const bool is_surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    if (code_point < smallest_of_length[length] || code_point > 0x10FFFF || is_surrogate) {
        return {first, 1, false};
    }
    return {code_point, length, true};
}

bool is_valid_utf8(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Character c = utf8_at(text, at);
        if (!c.valid) {
            return false;
        }
        at += c.length;
    }
    return true;
}

std::string printable(std::string_view text, KeepLines keep)
{
    std::string result;
    result.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Character c = utf8_at(text, at);
        const bool is_kept =
            keep == KeepLines::yes && (c.code_point == U'\n' || c.code_point == U'\t');
        if (!c.valid) {
            result += fmt::format("\\x{:02x}", static_cast<unsigned>(c.code_point));
        } else if (!is_kept && contains(unprintable_ranges, c.code_point)) {
            result += c.code_point <= 0xFF
                          ? fmt::format("\\x{:02x}", static_cast<unsigned>(c.code_point))
                          : fmt::format("\\u{:04x}", static_cast<unsigned>(c.code_point));
        } else {
            result += text.substr(at, c.length);
        }
        at += c.length;
    }
    return result;
}

std::size_t display_width(std::string_view text)
{
    std::size_t width = 0;
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Character c = utf8_at(text, at);
        width += character_width(c);
        at += c.length;
    }
    return width;
}

std::string shortened(std::string_view text, std::size_t columns)
{
    std::size_t width = 0;
    std::size_t kept = 0; // what leaves room for the mark
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Character c = utf8_at(text, at);
        width += character_width(c);
        at += c.length;
        if (width > columns) {
            return columns == 0 ? std::string() : std::string(text.substr(0, kept)) + "…";
        }
        kept = width < columns ? at : kept;
    }
    return std::string(text);
}

std::vector<std::string> wrapped(std::string_view text, std::size_t columns)
{
    std::vector<std::string> lines;
    std::size_t begin = 0; // of the line
    std::size_t space = std::string_view::npos;
    std::size_t width = 0;
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Character c = utf8_at(text, at);
        space = text[at] == ' ' ? at : space;
        width += character_width(c);
        if (width <= columns || at == begin) {
            at += c.length;
            continue;
        }
        const bool has_space = space != std::string_view::npos && space > begin;
        lines.emplace_back(text.substr(begin, (has_space ? space : at) - begin));
        begin = has_space ? space + 1 : at;
        at = begin;
        space = std::string_view::npos;
        width = 0;
    }
    lines.emplace_back(text.substr(begin));
    return lines;
}

std::string lower_ascii(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), lower);
    return result;
}

bool equal_ignoring_case(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char one, char other) { return lower(one) == lower(other); });
}

bool contains_ignoring_case(std::string_view text, std::string_view part)
{
    return std::search(text.begin(), text.end(), part.begin(), part.end(),
                       [](char one, char other) { return lower(one) == lower(other); }) !=
           text.end();
}

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view blanks = " \t\r\n\f\v";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool consists_of(std::string_view text, bool (*is_one)(char))
{
    return !text.empty() && std::all_of(text.begin(), text.end(), is_one);
}

std::vector<std::string_view> split_at(char separator, std::string_view text)
{
    std::vector<std::string_view> parts;
    for (auto at = text.find(separator); at != std::string_view::npos; at = text.find(separator)) {
        parts.push_back(text.substr(0, at));
        text.remove_prefix(at + 1);
    }
    parts.push_back(text);
    return parts;
}

std::optional<std::string_view> between(std::string_view open, std::string_view close,
                                        std::string_view text)
{
    const auto before = text.find(open);
    if (before == std::string_view::npos) {
        return std::nullopt;
    }
    text.remove_prefix(before + open.size());
    const auto end = text.find(close);
    return end == std::string_view::npos ? std::nullopt : std::optional(text.substr(0, end));
}

std::string counted(std::size_t count, std::string_view noun, std::string_view plural)
{
    if (count != 1 && !plural.empty()) {
        return fmt::format("{} {}", count, plural);
    }
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string duration_text(double seconds)
{
    if (seconds < 10) {
        return fmt::format("{:.2f} s", seconds);
    }
    if (seconds < 60) {
        return fmt::format("{:.1f} s", seconds);
    }
    const auto whole = static_cast<long>(seconds);
    if (whole < 3600) {
        return fmt::format("{} min {:02} s", whole / 60, whole % 60);
    }
    if (whole < 86400) {
        return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
    }
    return fmt::format("{} d {:02} h", whole / 86400, whole % 86400 / 3600);
}

std::string size_text(std::size_t bytes)
{
    constexpr std::array<const char*, 5> units = {"bytes", "kB", "MB", "GB", "TB"};
    auto amount = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (amount >= 1024 && unit + 1 < units.size()) {
        amount /= 1024;
        ++unit;
    }
    return unit == 0 || amount >= 100 ? fmt::format("{:.0f} {}", amount, units[unit])
                                      : fmt::format("{:.1f} {}", amount, units[unit]);
}

std::string shell_word(const std::string& text)
{
    if (!text.empty() && std::ranges::all_of(text, means_itself)) {
        return text;
    }
    std::string quoted = "'";
    for (const char c : text) {
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return quoted + "'";
}

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates)
{
    constexpr std::size_t longest_word = 64; // longer ones are no typo, and cost is quadratic
    if (word.empty() || word.size() > longest_word) {
        return std::nullopt;
    }
    std::optional<std::string> best;
    std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const std::string& candidate : candidates) {
        const std::size_t distance =
            begins_with(candidate, word) ? 0 : edit_distance(word, candidate);
        if (distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    return best;
}

} // namespace crudctl
