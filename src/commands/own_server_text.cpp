#include "commands/own_server_text.hpp"

#include <fmt/format.h>

namespace crudctl::commands {

namespace {

std::string state_text(const server::ServerStatus& status)
{
    switch (status.state) {
    case server::ServerState::absent:
        return "not made yet";
    case server::ServerState::stopped:
        return "stopped";
    case server::ServerState::running:
        return fmt::format("running, pid {}", status.pid);
    case server::ServerState::broken:
        break;
    }
    return "broken: " + status.problem;
}

} // namespace

std::vector<std::pair<std::string, std::string>>
own_server_lines(const server::ServerStatus& status)
{
    std::vector<std::pair<std::string, std::string>> lines = {
        {"state", state_text(status)},
        {"version", status.version},
        {"data", status.data_directory.string()},
        {"socket", status.socket_directory.string()},
        {"port", status.port == 0 ? "" : fmt::format("{} on 127.0.0.1", status.port)},
        {"log", status.log.string()},
        {"binaries", status.binaries.empty()
                         ? status.why_binaries
                         : fmt::format("{} ({})", status.binaries.string(), status.why_binaries)},
    };
    std::erase_if(lines, [](const auto& line) { return line.second.empty(); });
    return lines;
}

} // namespace crudctl::commands
