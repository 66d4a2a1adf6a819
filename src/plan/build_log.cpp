#include "plan/build_log.hpp"

#include "support/process/user.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace crudctl::plan {

namespace {

std::string line_of(const std::string& server, const std::string& name)
{
    const nlohmann::ordered_json json = {{"server", server}, {"name", name}};
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace

std::optional<BuildLog> BuildLog::of_user(const Environment& environment)
{
    const auto folder = own_state_folder(environment);
    return folder ? std::optional<BuildLog>(*folder / "builds.jsonl") : std::nullopt;
}

void BuildLog::note(const std::string& server, const std::string& name) const
{
    m_log.append(line_of(server, name));
}

bool BuildLog::has(const std::string& server, const std::string& name) const
{
    const std::vector<std::string> lines = m_log.lines();
    return std::ranges::find(lines, line_of(server, name)) != lines.end();
}

} // namespace crudctl::plan
