#include "plan/author.hpp"

#include "support/git_head.hpp"
#include "support/user.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace crudctl::plan {

namespace {

constexpr std::size_t git_digits = 10;

/// Anything but a few harmless characters comes out as '_', whatever the encoding.
std::string tame(const std::string& value)
{
    constexpr std::size_t longest = 64;
    std::string result = value.substr(0, longest);
    std::ranges::replace_if(
        result,
        [](char c) {
            return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '.' || c == '_' || c == '@' || c == '-');
        },
        '_');
    return result;
}

} // namespace

Author author_of(const std::filesystem::path& project_root)
{
    return {user_name(), host_name(), git_head(project_root).substr(0, git_digits)};
}

std::string statement_tag(const std::string& command, const Author& author,
                          const std::string& plan_id)
{
    std::string text = "/* crudctl " + tame(command);
    const auto add = [&](const char* name, const std::string& value) {
        text += value.empty() ? "" : fmt::format(" {}={}", name, tame(value));
    };
    add("user", author.user);
    add("host", author.host);
    add("git", author.git);
    add("plan", plan_id);
    return text + " */ ";
}

} // namespace crudctl::plan
