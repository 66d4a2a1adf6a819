#include "aws/rules/rule_label.hpp"

#include "support/text/text.hpp"
#include "support/text/time_text.hpp"

#include <algorithm>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace crudctl::aws {

namespace {

constexpr std::string_view label_prefix = "crudctl:";
constexpr std::size_t longest_description = 255;
constexpr std::size_t longest_project = 60;
constexpr std::size_t longest_owner = 120;

bool is_label_character(char c)
{
    return is_letter_or_digit(c) || c == '.' || c == '_' || c == '@' || c == '-';
}

std::string label_part(std::string_view text, std::size_t longest)
{
    std::string part(text.substr(0, longest));
    std::replace_if(
        part.begin(), part.end(), [](char c) { return !is_label_character(c); }, '-');
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
    if (!description.starts_with(label_prefix)) {
        return std::nullopt;
    }
    const auto parts = split_at(' ', std::string_view(description).substr(label_prefix.size()));
    if (parts.size() != 3 || !consists_of(parts[0], is_label_character) ||
        !consists_of(parts[1], is_label_character)) {
        return std::nullopt;
    }
    const auto time = parse_utc(fmt::format("{}:00Z", parts[2].substr(0, parts[2].find('Z'))));
    if (!time) {
        return std::nullopt;
    }
    WorkspaceLabel label;
    label.project = parts[0];
    label.owner = parts[1];
    label.last_use = std::chrono::floor<std::chrono::minutes>(*time);
    // A time may be written in more forms than ours.
    return label.text() == description ? std::optional(label) : std::nullopt;
}

} // namespace crudctl::aws
