#include "plan/trust_store.hpp"

#include "support/error.hpp"
#include "support/process/user.hpp"
#include "support/text/time_text.hpp"

#include <chrono>

#include <nlohmann/json.hpp>

namespace crudctl::plan {

namespace {

using Json = nlohmann::ordered_json;

} // namespace

TrustStore TrustStore::of_user(const Environment& environment)
{
    const auto folder = own_state_folder(environment);
    if (!folder) {
        throw Error(ExitCode::configuration,
                    "cannot tell where your state folder is: HOME is not set, and the passwd "
                    "database does not know this user",
                    "set XDG_STATE_HOME");
    }
    return TrustStore(*folder / "trusted.jsonl");
}

std::set<std::string> TrustStore::digests() const
{
    std::set<std::string> digests;
    for (const std::string& line : m_log.lines()) {
        try {
            digests.insert(Json::parse(line).at("digest").get<std::string>());
        } catch (const Json::exception&) {
            continue; // a line that was cut off trusts nothing
        }
    }
    return digests;
}

void TrustStore::remember(const std::string& digest, const std::string& project,
                          const std::string& text) const
{
    const Json json = {{"digest", digest},
                       {"time", utc_text(std::chrono::system_clock::now())},
                       {"project", project},
                       {"text", text}};
    m_log.append(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

} // namespace crudctl::plan
