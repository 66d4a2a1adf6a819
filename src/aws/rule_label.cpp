#include "aws/rule_label.hpp"

#include "support/time_text.hpp"

#include <algorithm>
#include <regex>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace crudctl::aws {

namespace {

constexpr std::string_view label_prefix = "crudctl:";
constexpr std::size_t longest_description = 255;
constexpr std::size_t longest_project = 60;
constexpr std::size_t longest_owner = 120;

bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string label_part(std::string_view text, std::size_t longest)
{
    std::string part(text.substr(0, longest));
    std::replace_if(
        part.begin(), part.end(),
        [](char c) {
            return !is_letter_or_digit(c) && c != '.' && c != '_' && c != '@' && c != '-';
        },
        '-');
    return part.empty() ? "-" : part;
}

} // namespace

bool is_fixed_description(std::string_view text)
{
    constexpr std::string_view others = " ._-:/()#,@[]+=&;{}!$*";
    return !text.empty() && text.size() <= longest_description && !text.starts_with(label_prefix) &&
           std::all_of(text.begin(), text.end(), [&](char c) {
               return is_letter_or_digit(c) || others.find(c) != std::string_view::npos;
           });
}

WorkspaceLabel::WorkspaceLabel(std::string_view project_name, std::string_view user,
                               std::string_view workspace,
                               std::chrono::system_clock::time_point now)
    : project(label_part(project_name, longest_project)),
      owner(label_part(fmt::format("{}@{}", user, workspace), longest_owner)),
      last_use(std::chrono::floor<std::chrono::minutes>(now))
{}

std::string WorkspaceLabel::text() const
{
    return fmt::format("{}{} {} {:%Y-%m-%dT%H:%MZ}", label_prefix, project, owner, last_use);
}

bool WorkspaceLabel::is_same_owner(const WorkspaceLabel& other) const
{
    return project == other.project && owner == other.owner;
}

std::optional<WorkspaceLabel> WorkspaceLabel::parse(const std::string& description)
{
    static const std::regex form(
        R"(crudctl:([A-Za-z0-9._@-]+) ([A-Za-z0-9._@-]+) ([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2})Z)");
    std::smatch match;
    if (!std::regex_match(description, match, form)) {
        return std::nullopt;
    }
    const auto time = parse_utc(match[3].str() + ":00Z");
    if (!time) {
        return std::nullopt;
    }
    WorkspaceLabel label;
    label.project = match[1];
    label.owner = match[2];
    label.last_use = std::chrono::floor<std::chrono::minutes>(*time);
    return label;
}

} // namespace crudctl::aws
