#include "operation/protection.hpp"

#include "config/profile/host_kind.hpp"
#include "plan/protected_databases.hpp"
#include "support/text/time_text.hpp"

#include <chrono>

#include <fmt/format.h>

namespace crudctl::commands {

namespace {

std::string environment_in(const database::ShortSurvey& survey)
{
    return survey.marker() ? survey.marker()->environment : "";
}

/// Another profile of the settings that is protected and has the same server and database. One that
/// cannot be resolved, since a variable is not set, leads nowhere.
std::optional<std::string> same_in_settings(const Context& context, const Target& target)
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

/// As `target` would be kept in mind.
plan::ProtectedDatabase sighting_of(const Context& context, const Target& target,
                                    const database::ShortSurvey& survey)
{
    return {
        survey.identity,        survey.database,     survey.oid,
        environment_in(survey), target.profile.name, context.console.masked(target.text),
        survey.address,         target.info.port(),  utc_text(std::chrono::system_clock::now())};
}

std::optional<std::string> same_database_seen(const Context& context, const Target& target,
                                              const database::ShortSurvey& survey)
{
    const auto sightings = plan::ProtectedDatabases::of_user(context.settings.environment());
    if (!sightings || !survey.exists) {
        return std::nullopt;
    }
    const auto seen = sightings->find_same(sighting_of(context, target, survey));
    if (!seen || (is_marked_by_person(survey) && environment_in(survey) != seen->environment)) {
        return std::nullopt;
    }
    return both(target, seen->profile, "last seen as " + seen->target);
}

} // namespace

bool is_marked_by_person(const database::ShortSurvey& survey)
{
    const database::Marker* marker = survey.marker();
    return marker != nullptr && marker->said_by == database::SaidBy::person &&
           !marker->environment.empty();
}

std::string both(const Target& target, const std::string& profile, const std::string& where)
{
    return fmt::format("profile \"{}\" ({}) leads to the database of \"{}\" ({}), which is "
                       "protected",
                       target.profile.name, target.text, profile, where);
}

void remember_protected(const Context& context, const Target& target,
                        const database::ShortSurvey& survey)
{
    // What -d names is another database than the one that the profile protects.
    if (!target.profile.protection.is_protected || !survey.exists || context.options.database) {
        return;
    }
    try {
        const auto sightings = plan::ProtectedDatabases::of_user(context.settings.environment());
        if (sightings) {
            sightings->remember(sighting_of(context, target, survey));
        }
    } catch (const Error& error) {
        context.console.warning(fmt::format("what \"{}\" leads to cannot be kept in mind: {}",
                                            target.profile.name, error.what()));
    }
}

std::optional<std::string> same_protected_database(const Context& context, const Target& target,
                                                   const database::ShortSurvey& survey)
{
    if (target.profile.protection.is_protected) {
        return std::nullopt;
    }
    if (auto same_database = same_in_settings(context, target)) {
        return same_database;
    }
    try {
        return same_database_seen(context, target, survey);
    } catch (const Error& error) {
        return fmt::format("could not check whether \"{}\" was seen under a protected profile: {}",
                           survey.database, error.what());
    }
}

std::optional<std::string> same_protected_instance(const Context& context,
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
