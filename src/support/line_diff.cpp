#include "support/line_diff.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include <fmt/format.h>

namespace crudctl {

namespace {

constexpr std::size_t context_lines = 3;

using Lines = std::vector<std::string_view>;

/// One line of the way from the old text to the new one.
struct Step {
    char sign; // ' ', '-', '+'
    std::string_view line;
};

Lines lines_of(std::string_view text)
{
    Lines lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

/// The lengths of the longest common subsequences of what is left of both from [i, j] on.
class CommonLengths {
public:
    CommonLengths(const Lines& before, const Lines& after)
        : m_width(after.size() + 1), m_lengths((before.size() + 1) * m_width)
    {
        for (std::size_t i = before.size(); i-- > 0;) {
            for (std::size_t j = after.size(); j-- > 0;) {
                m_lengths[i * m_width + j] = before[i] == after[j]
                                                 ? at(i + 1, j + 1) + 1
                                                 : std::max(at(i + 1, j), at(i, j + 1));
            }
        }
    }
    unsigned at(std::size_t i, std::size_t j) const { return m_lengths[i * m_width + j]; }

private:
    std::size_t m_width;
    std::vector<unsigned> m_lengths;
};

void add_middle(std::vector<Step>& steps, const Lines& before, const Lines& after)
{
    const CommonLengths lengths(before, after);
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < before.size() || j < after.size()) {
        if (i < before.size() && j < after.size() && before[i] == after[j]) {
            steps.push_back({' ', before[i++]});
            ++j;
        } else if (j == after.size() ||
                   (i < before.size() && lengths.at(i + 1, j) >= lengths.at(i, j + 1))) {
            steps.push_back({'-', before[i++]});
        } else {
            steps.push_back({'+', after[j++]});
        }
    }
}

std::vector<Step> steps_between(Lines before, Lines after)
{
    const auto first = std::ranges::mismatch(before, after);
    const auto same = first.in1 - before.begin();
    Lines tail;
    while (std::ssize(before) > same && std::ssize(after) > same && before.back() == after.back()) {
        tail.push_back(before.back());
        before.pop_back();
        after.pop_back();
    }
    std::vector<Step> steps;
    for (auto line = before.begin(); line != before.begin() + same; ++line) {
        steps.push_back({' ', *line});
    }
    add_middle(steps, {before.begin() + same, before.end()}, {after.begin() + same, after.end()});
    std::ranges::reverse(tail);
    for (const std::string_view line : tail) {
        steps.push_back({' ', line});
    }
    return steps;
}

bool is_change(const Step& step)
{
    return step.sign != ' ';
}

/// The end of the hunk that a change begins: so many unchanged lines end it.
std::size_t end_of_hunk(const std::vector<Step>& steps, std::size_t at)
{
    std::size_t end = at;
    for (; at < steps.size() && at - end <= 2 * context_lines; ++at) {
        end = is_change(steps[at]) ? at + 1 : end;
    }
    return std::min(end + context_lines, steps.size());
}

/// "12,3": where a hunk begins, and how many lines it has.
std::string range_text(std::size_t before, std::size_t count)
{
    return fmt::format("{},{}", count == 0 ? before : before + 1, count);
}

std::string hunk_text(const std::vector<Step>& steps, std::size_t begin, std::size_t end)
{
    const auto count = [&](std::size_t from, std::size_t to, char without) {
        return static_cast<std::size_t>(
            std::count_if(steps.begin() + static_cast<std::ptrdiff_t>(from),
                          steps.begin() + static_cast<std::ptrdiff_t>(to),
                          [without](const Step& step) { return step.sign != without; }));
    };
    std::string text =
        fmt::format("@@ -{} +{} @@\n", range_text(count(0, begin, '+'), count(begin, end, '+')),
                    range_text(count(0, begin, '-'), count(begin, end, '-')));
    for (std::size_t i = begin; i < end; ++i) {
        text += fmt::format("{}{}\n", steps[i].sign, steps[i].line);
    }
    return text;
}

} // namespace

std::string unified_diff(std::string_view before, std::string_view after, const std::string& from,
                         const std::string& to)
{
    const std::vector<Step> steps = steps_between(lines_of(before), lines_of(after));
    std::string text;
    std::size_t done = 0;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (is_change(steps[i])) {
            const std::size_t begin = std::max(done, i - std::min(i, context_lines));
            done = end_of_hunk(steps, i);
            text += hunk_text(steps, begin, done);
            i = done;
        }
    }
    return text.empty() ? text : fmt::format("--- {}\n+++ {}\n{}", from, to, text);
}

} // namespace crudctl
