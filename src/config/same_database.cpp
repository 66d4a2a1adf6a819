#include "config/same_database.hpp"

#include "support/text.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace crudctl::config {

namespace {

std::vector<std::string> parts_of(const std::string& list)
{
    std::vector<std::string> parts(1);
    for (const char c : list) {
        if (c == ',') {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    return parts;
}

/// One name for each host that has several.
std::string plain_host(const std::string& host)
{
    if (host.starts_with('/')) {
        std::error_code unresolved; // then the path as it stands is as good
        const auto folder = std::filesystem::weakly_canonical(host, unresolved);
        return unresolved ? host : folder.string();
    }
    std::string name = lower_ascii(host);
    if (name.ends_with('.')) {
        name.pop_back();
    }
    return name == "127.0.0.1" || name == "::1" ? "localhost" : name;
}

/// Each server that may answer: host and port.
std::vector<std::pair<std::string, std::string>> servers_of(const pg::ConnInfo& info)
{
    const auto hosts = parts_of(info.value("hostaddr").value_or(info.host()));
    const auto ports = parts_of(info.value("port").value_or(""));
    std::vector<std::pair<std::string, std::string>> servers;
    for (std::size_t i = 0; i < hosts.size(); ++i) {
        const std::string& port = i < ports.size() ? ports[i] : ports.front();
        servers.emplace_back(plain_host(hosts[i]), port.empty() ? "5432" : port);
    }
    return servers;
}

} // namespace

bool lead_to_same_database(const pg::ConnInfo& one, const pg::ConnInfo& other)
{
    if (one.database() != other.database()) {
        return false;
    }
    const auto servers = servers_of(one);
    return std::ranges::any_of(servers_of(other), [&](const auto& server) {
        return std::ranges::find(servers, server) != servers.end();
    });
}

} // namespace crudctl::config
