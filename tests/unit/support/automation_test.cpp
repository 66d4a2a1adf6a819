#include "support/process/environment.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace crudctl;

namespace {

Environment with(const std::string& name, const std::string& value)
{
    Environment environment;
    environment.set(name, value);
    return environment;
}

} // namespace

TEST_CASE("a CI service and an agent are known by their variables, and a person's tools are not")
{
    for (const char* name : {"CI", "GITHUB_ACTIONS", "GITLAB_CI", "CLAUDECODE", "CURSOR_AGENT",
                             "CODEX_SANDBOX", "GEMINI_CLI", "AI_AGENT", "TF_BUILD"}) {
        CAPTURE(name);
        CHECK(automation_variable(with(name, "1")) == name);
    }
    for (const char* name :
         {"CURSOR_TRACE_ID", "REPL_ID", "AIDER_MODEL", "TERM_PROGRAM", "GITPOD_IP", "CODESPACES",
          "VSCODE_PID", "ANTHROPIC_API_KEY", "HOME", "ci"}) {
        CAPTURE(name);
        CHECK_FALSE(automation_variable(with(name, "1")));
    }
    CHECK_FALSE(automation_variable(with("CI", "")));
    CHECK_FALSE(automation_variable(with("CI", "false")));
    CHECK_FALSE(automation_variable(with("CLAUDECODE", "0")));
}
