#include "aws/strict_endpoint.hpp"

#include "support/canary.hpp"
#include "support/paths.hpp"
#include "support/system/file.hpp"

#include <fstream>
#include <utility>

#include <sys/stat.h>

namespace crudctl::tests {

namespace {

nlohmann::json scenario(const nlohmann::json& more)
{
    nlohmann::json whole = {
        {"keys", {{key_id, {{"secret", canary()}}}}},
        {"rules", {stored_rule(rule_id, "198.51.100.1/32", "GITPOD")}},
        {"addresses", {{"/ip", {{"body", std::string(own_address) + "\n"}}}}},
    };
    whole.merge_patch(more);
    return whole;
}

} // namespace

nlohmann::json stored_rule(std::string_view id, std::string_view cidr, std::string_view description)
{
    return {{"id", id},     {"group", group_id}, {"egress", false},  {"protocol", "tcp"},
            {"from", 5432}, {"to", 5432},        {"cidrIpv4", cidr}, {"description", description}};
}

StrictEndpoint::StrictEndpoint(const nlohmann::json& more)
    : m_scheme_and_host(more.contains("tls") ? "https://localhost:" : "http://127.0.0.1:")
{
    const auto file = m_folder.write("scenario.json", scenario(more).dump());
    m_program = std::make_unique<TalkingProgram>(
        std::vector<std::string>{"/usr/bin/python3",
                                 (source_folder() / "tests/aws/strict_endpoint.py").string(),
                                 file.string()},
        std::map<std::string, std::string>());
}

std::vector<nlohmann::json> StrictEndpoint::requests() const
{
    std::vector<nlohmann::json> requests;
    std::ifstream file(m_folder / "requests.jsonl");
    for (std::string line; std::getline(file, line);) {
        requests.push_back(nlohmann::json::parse(line));
    }
    return requests;
}

std::vector<std::string> StrictEndpoint::actions() const
{
    std::vector<std::string> actions;
    for (const nlohmann::json& request : requests()) {
        if (request.contains("fields")) {
            const auto& status = request["status"];
            actions.push_back(request["fields"].value("Action", "?") + " " +
                              (status.is_string() ? status.get<std::string>() : status.dump()));
        }
    }
    return actions;
}

nlohmann::json StrictEndpoint::rules() const
{
    return nlohmann::json::parse(read_file(m_folder / "rules.json", 1U << 20U).text);
}

std::string StrictEndpoint::cidr_of(std::string_view id) const
{
    for (const nlohmann::json& rule : rules()) {
        if (rule["id"] == id) {
            return rule.value("cidrIpv4", "");
        }
    }
    return "(no such rule)";
}

Workspace::Workspace(const StrictEndpoint& endpoint)
{
    m_variables = {{"HOME", m_home.path().string()},
                   {"AWS_ACCESS_KEY_ID", key_id},
                   {"AWS_SECRET_ACCESS_KEY", canary()},
                   {"AWS_REGION", "ca-central-1"},
                   {"AWS_ENDPOINT_URL_EC2", endpoint.url()},
                   {"CRUDCTL_ADDRESS_SERVICES", endpoint.url() + "/ip"},
                   {"DB_SG_ID", group_id},
                   {"DB_SG_RULE_ID", rule_id}};
}

std::filesystem::path Workspace::write(std::string_view name, std::string_view text) const
{
    const auto path = m_home.write(name, text);
    ::chmod(path.c_str(), 0600);
    return path;
}

CliCall Workspace::update(std::vector<std::string> arguments) const
{
    arguments.insert(arguments.begin(), "update-sg-rule");
    return run(std::move(arguments));
}

CliCall Workspace::run(std::vector<std::string> arguments) const
{
    CliCall call(std::move(arguments));
    std::filesystem::create_directories(m_home / "project");
    call.in_folder(m_home / "project");
    for (const auto& [name, value] : m_variables) {
        call.with_variable(name, value);
    }
    return call;
}

} // namespace crudctl::tests
