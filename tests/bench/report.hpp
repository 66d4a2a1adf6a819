#pragma once

#include "bench/comparison.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::bench {

/// Times as a Markdown table: a row each, a column for every way.
std::string time_table(const std::vector<Comparison>& comparisons);
/// The same of the programs' memory.
std::string memory_table(const std::vector<Comparison>& comparisons);

/// How the time of one thing grows with the distance, as an SVG picture: a line for every way, the
/// time on a logarithmic scale.
std::string plot(const std::string& title, const std::vector<Comparison>& comparisons);

/// The text with what stands between the lines `<!-- speed -->` and `<!-- /speed -->` replaced.
/// Throws std::runtime_error where they are missing.
std::string with_speed_section(const std::string& text, std::string_view section);

} // namespace crudctl::bench
