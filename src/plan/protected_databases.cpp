#include "plan/protected_databases.hpp"

#include "support/process/user.hpp"
#include "support/system/network.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

namespace crudctl::plan {

namespace {

using Json = nlohmann::ordered_json;

std::string line_of(const ProtectedDatabase& sighting)
{
    const Json json = {{"server", sighting.server},
                       {"database", sighting.database},
                       {"oid", sighting.oid},
                       {"environment", sighting.environment},
                       {"profile", sighting.profile},
                       {"target", sighting.target},
                       {"address", sighting.address},
                       {"port", sighting.port},
                       {"at", sighting.at}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<ProtectedDatabase> sighting_from(const std::string& line)
{
    try {
        const Json json = Json::parse(line);
        const auto text = [&](const char* key) { return json.at(key).get<std::string>(); };
        return ProtectedDatabase{text("server"),
                                 text("database"),
                                 text("oid"),
                                 text("environment"),
                                 text("profile"),
                                 text("target"),
                                 json.value("address", ""),
                                 json.value("port", ""),
                                 json.value("at", "")};
    } catch (const Json::exception&) {
        return std::nullopt;
    }
}

std::string line_of(const Unreached& unreached)
{
    const Json json = {{"unreached", unreached.profile}, {"target", unreached.target},
                       {"database", unreached.database}, {"addresses", unreached.addresses},
                       {"port", unreached.port},         {"at", unreached.at}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Unreached> unreached_from(const std::string& line)
{
    try {
        const Json json = Json::parse(line);
        const auto text = [&](const char* key) { return json.at(key).get<std::string>(); };
        return Unreached{text("unreached"), text("target"),
                         text("database"),  json.at("addresses").get<std::vector<std::string>>(),
                         text("port"),      text("at")};
    } catch (const Json::exception&) {
        return std::nullopt;
    }
}

bool is_same(const ProtectedDatabase& one, const ProtectedDatabase& other)
{
    if (!one.server.empty() && !other.server.empty()) {
        return one.server == other.server &&
               (one.database == other.database || (!one.oid.empty() && one.oid == other.oid));
    }
    return !one.port.empty() && one.port == other.port &&
           machine_of(one.address) == machine_of(other.address) && one.database == other.database &&
           one.oid == other.oid;
}

} // namespace

std::optional<ProtectedDatabases> ProtectedDatabases::of_user(const Environment& environment)
{
    const auto folder = own_state_folder(environment);
    return folder ? std::optional<ProtectedDatabases>(*folder / "protected.jsonl") : std::nullopt;
}

void ProtectedDatabases::remember(const ProtectedDatabase& sighting) const
{
    constexpr std::size_t day_of_time = 10; // of 2026-11-24T09:15:00.123Z
    auto last = find_same(sighting);
    if (last && last->at.substr(0, day_of_time) == sighting.at.substr(0, day_of_time)) {
        last->at = sighting.at;
    }
    if (last != sighting) {
        m_log.append(line_of(sighting));
    }
}

std::string machine_of(const std::string& address)
{
    const bool is_here = address.starts_with('/') || is_loopback(address);
    return is_here ? "" : lower_ascii(address);
}

std::optional<ProtectedDatabase>
ProtectedDatabases::find_same(const ProtectedDatabase& sighting) const
{
    std::optional<ProtectedDatabase> last;
    for (const std::string& line : m_log.lines()) {
        auto seen = sighting_from(line);
        if (seen && is_same(*seen, sighting)) {
            last = std::move(seen);
        }
    }
    return last;
}

bool ProtectedDatabases::has_seen(const std::string& profile, const std::string& lead,
                                  const std::string& since) const
{
    return std::ranges::any_of(m_log.lines(), [&](const std::string& line) {
        const auto seen = sighting_from(line);
        return seen && seen->profile == profile && seen->target.starts_with(lead) &&
               seen->at >= since;
    });
}

void ProtectedDatabases::remember(const Unreached& unreached) const
{
    m_log.append(line_of(unreached));
}

std::optional<Unreached> ProtectedDatabases::find_unreached(const std::string& profile,
                                                            const std::string& lead) const
{
    std::optional<Unreached> last;
    for (const std::string& line : m_log.lines()) {
        auto unreached = unreached_from(line);
        if (unreached && unreached->profile == profile && unreached->target == lead) {
            last = std::move(unreached);
        }
    }
    return last;
}

std::optional<ProtectedDatabase> ProtectedDatabases::find(const std::string& server,
                                                          const std::string& database,
                                                          const std::string& oid) const
{
    std::optional<ProtectedDatabase> last;
    for (const std::string& line : m_log.lines()) {
        auto sighting = sighting_from(line);
        if (sighting && sighting->server == server &&
            (sighting->database == database || (!oid.empty() && sighting->oid == oid))) {
            last = std::move(sighting);
        }
    }
    return last;
}

} // namespace crudctl::plan
