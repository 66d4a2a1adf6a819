#include "plan/sightings.hpp"

#include "support/user.hpp"

#include <utility>

#include <nlohmann/json.hpp>

namespace crudctl::plan {

namespace {

using Json = nlohmann::ordered_json;

std::string line_of(const Sighting& sighting)
{
    const Json json = {{"server", sighting.server},   {"database", sighting.database},
                       {"oid", sighting.oid},         {"environment", sighting.environment},
                       {"profile", sighting.profile}, {"target", sighting.target}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Sighting> sighting_from(const std::string& line)
{
    try {
        const Json json = Json::parse(line);
        const auto text = [&](const char* key) { return json.at(key).get<std::string>(); };
        return Sighting{text("server"),      text("database"), text("oid"),
                        text("environment"), text("profile"),  text("target")};
    } catch (const Json::exception&) {
        return std::nullopt;
    }
}

} // namespace

std::optional<Sightings> Sightings::of_user(const Environment& environment)
{
    const auto folder = state_folder(environment);
    return folder ? std::optional<Sightings>(*folder / "protected.jsonl") : std::nullopt;
}

void Sightings::remember(const Sighting& sighting) const
{
    if (find(sighting.server, sighting.database, sighting.oid) != sighting) {
        m_log.append(line_of(sighting));
    }
}

std::optional<Sighting> Sightings::find(const std::string& server, const std::string& database,
                                        const std::string& oid) const
{
    std::optional<Sighting> last;
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
