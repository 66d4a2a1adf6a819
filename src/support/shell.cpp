#include "support/shell.hpp"

#include <algorithm>
#include <string_view>

namespace crudctl {

namespace {

bool means_itself(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_./~:@%+=,-").find(c) != std::string_view::npos;
}

} // namespace

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

} // namespace crudctl
