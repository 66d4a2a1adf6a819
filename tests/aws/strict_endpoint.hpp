#pragma once

#include "support/cli_runner.hpp"
#include "support/talking_program.hpp"
#include "support/temp_folder.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace crudctl::tests {

inline constexpr const char* group_id = "sg-0123456789abcdef0";
inline constexpr const char* rule_id = "sgr-0123456789abcdef0";
inline constexpr const char* key_id = "AKIDTEST";
inline constexpr const char* own_address = "203.0.113.7";
inline const std::string own_cidr = std::string(own_address) + "/32";

inline bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

/// A rule as strict_endpoint.py keeps it: for tcp 5432, incoming.
nlohmann::json stored_rule(std::string_view id, std::string_view cidr,
                           std::string_view description);

/// strict_endpoint.py with one key, whose secret is the canary, and what a test adds to that.
class StrictEndpoint {
public:
    /// `more` is merged into the scenario.
    explicit StrictEndpoint(const nlohmann::json& more = nlohmann::json::object());

    /// With "tls" in the scenario it is for localhost.
    std::string url() const { return m_scheme_and_host + m_program->first_line(); }

    /// Every request so far, in order.
    std::vector<nlohmann::json> requests() const;
    /// Of these, the names of the actions with what they ended with: "Modify… 200".
    std::vector<std::string> actions() const;
    /// The rules as they are now.
    nlohmann::json rules() const;
    /// The network that the rule lets in.
    std::string cidr_of(std::string_view id) const;

private:
    TempFolder m_folder;
    std::string m_scheme_and_host;
    std::unique_ptr<TalkingProgram> m_program;
};

/// A workspace's shell: the script's variables, a key, and an address service.
class Workspace {
public:
    explicit Workspace(const StrictEndpoint& endpoint);

    void set(const std::string& name, const std::string& value) { m_variables[name] = value; }
    /// Writes a file below the home folder, readable by nobody else.
    std::filesystem::path write(std::string_view name, std::string_view text) const;
    std::filesystem::path home() const { return m_home.path(); }

    /// `crudctl update-sg-rule` with these arguments.
    CliCall update(std::vector<std::string> arguments = {}) const;
    /// Any program, with the same variables.
    CliCall run(std::vector<std::string> arguments) const;

private:
    TempFolder m_home;
    std::map<std::string, std::string> m_variables;
};

} // namespace crudctl::tests
