#pragma once

#include "support/talking_program.hpp"
#include "support/temp_folder.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace crudctl::tests {

/// A project whose function makes users, and the variables that the function has.
class FunctionProject {
public:
    /// The profile `function` is at this URL.
    explicit FunctionProject(const std::string& url);

    /// Writes or replaces a file of the project.
    std::filesystem::path write(std::string_view name, std::string_view text) const;
    std::filesystem::path root() const { return m_folder / "project"; }
    void set_variable(const std::string& name, const std::string& value)
    {
        m_variables[name] = value;
    }
    const std::map<std::string, std::string>& variables() const noexcept { return m_variables; }

private:
    TempFolder m_folder{0755};
    std::map<std::string, std::string> m_variables;
};

/// The text of a PostConfirmation event, as the product prints it, with these attributes instead;
/// null removes one.
std::string sign_up(const nlohmann::json& attributes = nlohmann::json::object());

/// lambda_service.py, which runs the function of a project.
class LambdaService {
public:
    /// The crudctl under test.
    explicit LambdaService(const FunctionProject& project);
    /// Any program as the runtime.
    LambdaService(const FunctionProject& project, const std::vector<std::string>& argv);

    /// The tries of one event, each as Cognito makes them.
    nlohmann::json call(const std::string& event) const;
    /// Of several at once.
    nlohmann::json call_all(const std::vector<std::string>& events) const;
    void set(nlohmann::json settings) const;
    nlohmann::json start() const;
    nlohmann::json signal(int number) const;
    /// What became of the sandboxes.
    nlohmann::json sandboxes() const;
    /// What the runtimes wrote, which holds nothing of any event.
    std::string log() const;
    /// Its lines that are JSON.
    std::vector<nlohmann::json> log_lines() const;
    std::string port() const { return m_program->first_line(); }

private:
    nlohmann::json ask(const nlohmann::json& command) const;

    TempFolder m_folder;
    std::unique_ptr<TalkingProgram> m_program;
};

} // namespace crudctl::tests
