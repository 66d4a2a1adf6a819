#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace crudctl {

/// The candidate that a typo most likely meant: the nearest by edit distance (a swap of neighbours
/// counts once), at most a third of the word's length away and at least one edit is always allowed.
/// One that begins with the whole word is nearer than all others.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

} // namespace crudctl
