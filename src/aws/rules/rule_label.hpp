#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace crudctl::aws {

/// The description that the scripts gave their rule.
inline constexpr std::string_view legacy_description = "GITPOD";

/// True where EC2 takes it as a description and it isn't one of a workspace's rules.
bool is_fixed_description(std::string_view text);

/// The description of a rule that belongs to one user in one workspace:
/// "crudctl:cruddur andrew@ws-1 2026-11-24T09:15Z".
struct WorkspaceLabel {
    using Minutes = std::chrono::sys_time<std::chrono::minutes>;

    std::string project;
    std::string owner;
    Minutes last_use{};

    /// Parts are shortened, and get a "-" for each character that EC2 or the label has no place
    /// for.
    WorkspaceLabel(std::string_view project_name, std::string_view user, std::string_view workspace,
                   std::chrono::system_clock::time_point now);

    std::string text() const;
    bool is_same_owner(const WorkspaceLabel& other) const;
    static std::optional<WorkspaceLabel> parse(const std::string& description);

private:
    WorkspaceLabel() = default;
};

} // namespace crudctl::aws
