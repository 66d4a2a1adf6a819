#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::config {

/// What a .env file says.
struct Dotenv {
    std::map<std::string, std::string, std::less<>> variables;
    std::vector<std::size_t> ignored_lines; // neither NAME=VALUE nor comment
};

/// Reads `NAME=VALUE` lines: `export` in front is allowed, `#` begins a comment, '…' is literal and
/// "…" knows \n \r \t \" \\ \$; both may span lines. `$` stands for itself: nothing is expanded.
/// Throws Error(configuration) with the place of a quote that is never closed.
Dotenv parse_dotenv(std::string_view text, const std::string& shown);

} // namespace crudctl::config
