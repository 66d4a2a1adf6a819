#include "commands/lambda_log.hpp"

#include "support/text.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace crudctl::commands {

namespace {

/// What these classes of SQLSTATEs quote are names of tables, columns, roles and constraints.
constexpr std::array<std::string_view, 13> naming_classes = {
    "08", "0A", "23", "25", "28", "3D", "3F", "40", "42", "53", "54", "55", "57"};

constexpr const char* mask = "…";

bool quotes_names_only(const pg::Diagnostic& diagnostic)
{
    const std::string_view type = std::string_view(diagnostic.sqlstate).substr(0, 2);
    return std::find(naming_classes.begin(), naming_classes.end(), type) != naming_classes.end();
}

/// `invalid input syntax for type uuid: "…"`, whatever quotes the server's language has.
std::string without_quoted(const std::string& text)
{
    const auto first = text.find_first_of("\"'");
    const auto last = text.find_last_of("\"'");
    if (first == std::string::npos || first == last) {
        return text.substr(0, std::min(first, text.size()));
    }
    return text.substr(0, first + 1) + mask + text.substr(last);
}

} // namespace

std::string without_values(std::string text, std::span<const std::optional<std::string>> values)
{
    std::vector<std::string> shown;
    for (const auto& value : values) {
        if (value && !value->empty()) {
            shown.push_back(*value);
        }
    }
    std::sort(shown.begin(), shown.end(),
              [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
    for (const std::string& value : shown) {
        const std::string sought = lower_ascii(value);
        std::string lowered = lower_ascii(text);
        for (auto at = lowered.find(sought); at != std::string::npos;
             at = lowered.find(sought, at + std::string_view(mask).size())) {
            text.replace(at, sought.size(), mask);
            lowered.replace(at, sought.size(), mask);
        }
    }
    return text;
}

std::string logged_message(const pg::Diagnostic& diagnostic,
                           std::span<const std::optional<std::string>> values)
{
    if (quotes_names_only(diagnostic)) {
        return diagnostic.primary;
    }
    return without_values(without_quoted(diagnostic.primary), values);
}

} // namespace crudctl::commands
