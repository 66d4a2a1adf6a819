#include "commands/twin.hpp"

#include "config/same_database.hpp"
#include "plan/sightings.hpp"

#include <fmt/format.h>

namespace crudctl::commands {

namespace {

std::string environment_in(const database::ShortSurvey& survey)
{
    return survey.marker() ? survey.marker()->environment : "";
}

std::string both(const Target& target, const std::string& profile, const std::string& where)
{
    return fmt::format("profile \"{}\" ({}) leads to the database of \"{}\" ({}), which is "
                       "protected",
                       target.profile.name, target.text, profile, where);
}

/// Another profile of the settings that is protected and has the same server and database. One that
/// cannot be resolved, since a variable is not set, leads nowhere.
std::optional<std::string> twin_in_settings(const Context& context, const Target& target)
{
    for (const std::string& name : context.settings.profile_names()) {
        try {
            const config::Profile profile = context.settings.profile(name);
            if (name != target.profile.name && profile.protection.is_protected &&
                profile.has_target &&
                config::lead_to_same_database(target.info, profile.conn_info)) {
                return both(
                    target, name,
                    fmt::format("{} · from {}", profile.conn_info.server_text(), profile.origin));
            }
        } catch (const Error& /*unresolved*/) {
            continue;
        }
    }
    return std::nullopt;
}

std::optional<std::string> seen_twin(const Context& context, const Target& target,
                                     const database::ShortSurvey& survey)
{
    const auto sightings = plan::Sightings::of_user(context.settings.environment());
    if (!sightings || !survey.exists || survey.identity.empty()) {
        return std::nullopt;
    }
    const std::string environment = environment_in(survey);
    const auto seen = sightings->find(survey.identity, survey.database, survey.oid);
    if (!seen || (!environment.empty() && environment != seen->environment)) {
        return std::nullopt;
    }
    return both(target, seen->profile, "last seen as " + seen->target);
}

} // namespace

void remember_protected(const Context& context, const Target& target,
                        const database::ShortSurvey& survey)
{
    const auto sightings = plan::Sightings::of_user(context.settings.environment());
    if (!target.profile.protection.is_protected || !sightings || !survey.exists ||
        survey.identity.empty()) {
        return;
    }
    try {
        sightings->remember({survey.identity, survey.database, survey.oid, environment_in(survey),
                             target.profile.name, context.console.masked(target.text)});
    } catch (const Error& error) {
        context.console.warning(fmt::format("what \"{}\" leads to cannot be kept in mind: {}",
                                            target.profile.name, error.what()));
    }
}

std::optional<std::string> twin_of(const Context& context, const Target& target,
                                   const database::ShortSurvey& survey)
{
    if (target.profile.protection.is_protected) {
        return std::nullopt;
    }
    if (auto twin = twin_in_settings(context, target)) {
        return twin;
    }
    try {
        return seen_twin(context, target, survey);
    } catch (const Error& error) {
        return fmt::format("could not check whether \"{}\" was seen under a protected profile: {}",
                           survey.database, error.what());
    }
}

std::optional<std::string> instance_twin_of(const Context& context,
                                            const config::AwsSettings& settings,
                                            const std::string& region)
{
    if (settings.protection.is_protected || !settings.instance) {
        return std::nullopt;
    }
    for (const std::string& name : context.settings.profile_names()) {
        try {
            const config::AwsSettings other = context.settings.aws(name);
            const bool is_elsewhere = other.region && other.region->text != region;
            if (other.protection.is_protected && other.instance && !is_elsewhere &&
                other.instance->text == settings.instance->text) {
                return fmt::format("profile \"{}\" names the RDS instance of \"{}\" ({}), which is "
                                   "protected",
                                   settings.profile_name, name, other.instance->origin);
            }
        } catch (const Error& /*unresolved*/) {
            continue;
        }
    }
    return std::nullopt;
}

} // namespace crudctl::commands
