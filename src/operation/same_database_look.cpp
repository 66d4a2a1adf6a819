#include "config/profile/password.hpp"
#include "operation/protection.hpp"
#include "operation/trust/trusting.hpp"
#include "plan/protected_databases.hpp"
#include "support/system/network.hpp"
#include "support/text/time_text.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

// Where the protected profiles lead, for a target that may be the same without anybody having seen
// it.
namespace crudctl::commands {

namespace {

using namespace std::chrono_literals;
using plan::ProtectedDatabases;
using plan::Unreached;

constexpr auto timeout = 2s;
constexpr auto unreached_holds_for = 24h;
constexpr auto sighting_holds_for = 7 * 24h; // a host's name may lead elsewhere by then

std::string time_before(std::chrono::hours hours)
{
    return utc_text(std::chrono::system_clock::now() - hours);
}

/// One look at one profile, in comparison with the target.
class Look {
public:
    Look(const Context& context, const Target& target, const database::ShortSurvey& survey,
         const ProtectedDatabases* sightings, config::Profile profile)
        : m_context(context), m_target(target), m_survey(survey), m_sightings(sightings)
    {
        m_other.profile = std::move(profile);
        m_other.info = m_other.profile.conn_info;
        m_other.text = target_text(m_other);
        m_lead = context.console.masked(fmt::format("{} · {} · {} · ", m_other.profile.name,
                                                    m_other.info.database(),
                                                    m_other.info.server_text()));
    }

    /// How both are the same; nothing where they aren't.
    std::optional<std::string> same_database()
    {
        if (m_sightings != nullptr &&
            m_sightings->has_seen(m_other.profile.name, m_lead, time_before(sighting_holds_for))) {
            return std::nullopt; // known by what was seen
        }
        if (const auto known = unreached_lately()) {
            return same_by_address(*known);
        }
        const LookUp found = look_up(host(), timeout, {});
        const std::string problem = see(found);
        return problem.empty() ? m_same_database : same_database_unseen(found, problem);
    }

private:
    std::string host() const
    {
        return m_other.info.value("hostaddr").value_or(m_other.info.host());
    }

    std::optional<Unreached> unreached_lately() const
    {
        auto known = m_sightings == nullptr
                         ? std::nullopt
                         : m_sightings->find_unreached(m_other.profile.name, m_lead);
        return known && known->at > time_before(unreached_holds_for) ? known : std::nullopt;
    }

    /// Logs in and looks; gives why that couldn't be.
    std::string see(const LookUp& found)
    {
        const std::string& name = m_other.profile.name;
        if (!m_context.settings.fence().allows(name)) {
            return "this run is kept from it by the environment";
        }
        if (!m_other.profile.password_command.empty() ||
            m_other.profile.auth == config::Auth::rds_iam) {
            return "its password would take a program to be run";
        }
        if (!is_trusted_profile(m_context, name)) {
            return "what it would send there is not trusted yet";
        }
        const bool is_folder = host().starts_with('/') || host().empty();
        if (found.addresses.empty() && !is_folder && !m_other.info.has_several_hosts()) {
            return found.problem;
        }
        try {
            pg::Connection connection(info_for(found));
            const auto survey = database::take_short_survey(connection, m_other.info.database());
            remember_protected(m_context, m_other, survey);
            compare(survey);
        } catch (const Error& error) {
            if (error.code() == ExitCode::interrupted || error.code() == ExitCode::terminated) {
                throw;
            }
            return error.what();
        }
        return "";
    }

    pg::ConnInfo info_for(const LookUp& found) const
    {
        pg::ConnInfo info =
            config::with_password(m_other.profile, m_context.settings, m_context.processes)
                .with("connect_timeout", fmt::format("{}", timeout.count()))
                .with("application_name", "crudctl " + m_context.command);
        // The name was resolved already, and libpq would try all of its addresses.
        const bool has_one_address =
            !found.addresses.empty() && !info.value("hostaddr") && !info.has_several_hosts();
        return has_one_address ? info.with("hostaddr", found.addresses.front()) : info;
    }

    void compare(const database::ShortSurvey& seen)
    {
        const bool has_identity = !seen.identity.empty() && !m_survey.identity.empty();
        const bool is_same_server =
            has_identity ? seen.identity == m_survey.identity
                         : plan::machine_of(seen.address) == plan::machine_of(m_survey.address) &&
                               m_other.info.port() == m_target.info.port() &&
                               seen.database == m_survey.database;
        if (is_same_server && seen.exists && seen.oid == m_survey.oid) {
            m_same_database = both(m_target, m_other.profile.name, m_other.text);
        }
    }

    /// Nobody was let in there, so that the address has to do; said once, and kept for a day.
    std::optional<std::string> same_database_unseen(const LookUp& found, const std::string& problem)
    {
        const Unreached unreached{
            m_other.profile.name,    m_lead,
            m_other.info.database(), found.addresses,
            m_other.info.port(),     utc_text(std::chrono::system_clock::now())};
        auto same_database = same_by_address(unreached);
        if (!same_database) {
            m_context.console.note(fmt::format(
                "  note     profile \"{}\" is protected and could not be looked at: {}; by its "
                "address it leads elsewhere",
                m_other.profile.name, problem));
        }
        if (m_sightings != nullptr) {
            keep(unreached);
        }
        return same_database;
    }

    void keep(const Unreached& unreached) const
    {
        try {
            m_sightings->remember(unreached);
        } catch (const Error& error) {
            m_context.console.warning(fmt::format("what \"{}\" leads to cannot be kept in mind: {}",
                                                  m_other.profile.name, error.what()));
        }
    }

    std::optional<std::string> same_by_address(const Unreached& unreached) const
    {
        const std::string here = plan::machine_of(m_survey.address);
        std::vector<std::string> addresses = unreached.addresses;
        if (addresses.empty()) {
            addresses.push_back(host());
        }
        const bool is_same_machine =
            std::ranges::any_of(addresses, [&](const std::string& address) {
                return plan::machine_of(address) == here;
            });
        if (is_same_machine && unreached.port == m_target.info.port() &&
            unreached.database == m_survey.database) {
            return both(m_target, m_other.profile.name, m_other.text + ", by its address");
        }
        return std::nullopt;
    }

    const Context& m_context;
    const Target& m_target;
    const database::ShortSurvey& m_survey;
    const ProtectedDatabases* m_sightings;
    Target m_other;
    std::string m_lead;
    std::optional<std::string> m_same_database;
};

/// Another profile that is protected and leads to some server; what cannot be resolved, since a
/// variable is not set, leads nowhere.
std::optional<config::Profile> protected_profile(const Context& context, const std::string& name)
{
    try {
        config::Profile profile = context.settings.profile(name);
        if (profile.protection.is_protected && profile.has_target) {
            return profile;
        }
    } catch (const Error& /*unresolved*/) {
        return std::nullopt;
    }
    return std::nullopt;
}

} // namespace

std::optional<std::string> look_for_same_database(const Context& context, const Target& target,
                                                  const database::ShortSurvey& survey)
{
    if (target.profile.protection.is_protected || target.is_own_server || !survey.exists ||
        is_marked_by_person(survey)) {
        return std::nullopt;
    }
    const auto sightings = ProtectedDatabases::of_user(context.settings.environment());
    for (const std::string& name : context.settings.profile_names()) {
        auto profile =
            name == target.profile.name ? std::nullopt : protected_profile(context, name);
        if (!profile) {
            continue;
        }
        Look look(context, target, survey, sightings ? &*sightings : nullptr, std::move(*profile));
        if (auto same_database = look.same_database()) {
            return same_database;
        }
    }
    return std::nullopt;
}

} // namespace crudctl::commands
