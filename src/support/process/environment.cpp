#include "support/process/environment.hpp"

#include "support/text/text.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace crudctl {

namespace {

// What CI services and agents set for what they run. Left out is what a person's own terminal has,
// too: CURSOR_TRACE_ID and REPL_ID of editors, settings and keys such as AIDER_MODEL, and what
// names a build without saying who runs it.
constexpr std::array<std::string_view, 31> variables = {
    // CI services
    "CI", "CONTINUOUS_INTEGRATION", "GITHUB_ACTIONS", "GITLAB_CI", "JENKINS_URL",
    "TEAMCITY_VERSION", "TF_BUILD", "BUILDKITE", "CIRCLECI", "TRAVIS", "APPVEYOR",
    "BITBUCKET_BUILD_NUMBER", "CODEBUILD_BUILD_ID", "DRONE", "SEMAPHORE", "WOODPECKER",
    // Agents
    "AI_AGENT", "CLAUDECODE", "CLAUDE_CODE", "CURSOR_AGENT", "CODEX_SANDBOX",
    "CODEX_SANDBOX_NETWORK_DISABLED", "CODEX_THREAD_ID", "CODEX_CI", "GEMINI_CLI", "AUGMENT_AGENT",
    "OPENCODE", "OPENCODE_CLIENT", "CLINE_ACTIVE", "AIDER", "COPILOT_AGENT"};

/// Some people switch a tool's CI mode off by saying so.
bool says_no(std::string_view value)
{
    return value == "0" || equal_ignoring_case(value, "false") || equal_ignoring_case(value, "no");
}

} // namespace

Environment::Environment(std::map<std::string, std::string, std::less<>> variables)
    : m_variables(std::move(variables))
{}

Environment Environment::from_process(const char* const* variables)
{
    Environment result;
    for (; variables != nullptr && *variables != nullptr; ++variables) {
        const std::string_view line = *variables;
        const auto equals = line.find('=');
        if (equals != std::string_view::npos) {
            result.set(std::string(line.substr(0, equals)), std::string(line.substr(equals + 1)));
        }
    }
    return result;
}

std::optional<std::string> Environment::value(std::string_view name) const
{
    const auto found = m_variables.find(name);
    if (found == m_variables.end() || found->second.empty()) {
        return std::nullopt;
    }
    return found->second;
}

void Environment::set(std::string name, std::string value)
{
    m_variables.insert_or_assign(std::move(name), std::move(value));
}

void Environment::erase(std::string_view name)
{
    const auto found = m_variables.find(name);
    if (found != m_variables.end()) {
        m_variables.erase(found);
    }
}

std::optional<std::string> automation_variable(const Environment& environment)
{
    for (const std::string_view name : variables) {
        if (const auto value = environment.value(name); value && !says_no(*value)) {
            return std::string(name);
        }
    }
    return std::nullopt;
}

} // namespace crudctl
