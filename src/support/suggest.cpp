#include "support/suggest.hpp"

#include <algorithm>
#include <vector>

namespace crudctl {

namespace {

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
