#include "operation/marking.hpp"

#include "plan/author.hpp"
#include "support/text/text.hpp"
#include "support/text/time_text.hpp"

#include <fmt/format.h>

namespace crudctl::commands {

using database::SaidBy;

namespace {

std::string_view speaker_text(SaidBy speaker)
{
    switch (speaker) {
    case SaidBy::person:
        return ", said by a person";
    case SaidBy::run:
        return ", said by a run";
    case SaidBy::untold:
        break;
    }
    return ", by a version of crudctl that did not keep who said so";
}

std::string marked_text(const database::Marker& marker)
{
    return marker.environment.empty()
               ? "nobody said as what"
               : fmt::format("{}{}", marker.environment, speaker_text(marker.said_by));
}

} // namespace

std::string environment_of(const Target& target)
{
    if (target.profile.name == "staging") {
        return "staging";
    }
    return target.profile.protection.is_protected ? "prod" : "dev";
}

database::Marker marker_for_new(const Target& target, const database::Survey& survey)
{
    const database::Marker found = marker_for_found(target, survey);
    database::Marker marker;
    marker.environment = found.environment.empty() ? environment_of(target) : found.environment;
    marker.said_by = found.said_by == SaidBy::person ? SaidBy::person : SaidBy::run;
    marker.allows_plan_ids = found.allows_plan_ids;
    marker.used_ids = found.used_ids;
    return marker;
}

database::Marker marker_for_found(const Target& target, const database::ShortSurvey& survey)
{
    database::Marker marker = survey.marker() ? *survey.marker() : database::Marker();
    marker.oid = survey.oid;
    const bool is_of_protected = target.profile.protection.is_protected &&
                                 environment_of(target) == "prod" &&
                                 marker.said_by != SaidBy::person;
    if (marker.environment != "prod" && (survey.comment.says_prod || is_of_protected)) {
        marker.environment = "prod";
        marker.said_by = SaidBy::run;
    }
    return marker;
}

database::Build build_of(const Context& context, const database::Survey& survey)
{
    database::Build build;
    build.at = survey.now;
    build.by = author_of(context);
    build.git = plan::author_of(context.settings.root()).git;
    return build;
}

std::string author_of(const Context& context)
{
    const plan::Author author = plan::author_of(context.settings.root());
    return author.user + "@" + author.host;
}

std::string until_of(const database::Survey& survey, const std::string& typed)
{
    if (typed.empty()) {
        return "";
    }
    const auto now = parse_utc(survey.now);
    const auto moment = now ? parse_moment(typed, *now) : std::nullopt;
    if (!moment) {
        throw Error(
            ExitCode::usage,
            fmt::format("--until \"{}\" is no time that is still to come", printable(typed)),
            "write 18:00, 2h, 2026-11-30 or 2026-11-30T18:00");
    }
    return utc_text(*moment);
}

std::vector<std::pair<std::string, std::string>> marker_facts(const database::Survey& survey)
{
    if (survey.comment.is_marker_broken) {
        return {{"marker", "cannot be read: somebody else wrote it"}};
    }
    const database::Marker* marker = survey.marker();
    if (marker == nullptr) {
        return {{"marker", survey.comment.marker
                               ? survey.comment.says_prod
                                     ? "says prod, of another database: this is a copy of it, or "
                                       "the server was upgraded"
                                     : "was written for another database, which this is a copy of"
                               : "none"}};
    }
    std::vector<std::pair<std::string, std::string>> facts = {{"marked", marked_text(*marker)}};
    if (marker->built) {
        const std::string& git = marker->built->git;
        facts.emplace_back("built",
                           fmt::format("{} by {}{}", local_time_text(marker->built->at),
                                       marker->built->by, git.empty() ? "" : ", commit " + git));
    }
    if (!marker->loading.empty()) {
        facts.emplace_back("cut short", fmt::format("while {} was loaded: how much of it is there "
                                                    "is not known",
                                                    marker->loading));
    }
    if (marker->freeze) {
        facts.emplace_back("locked", database::describe(*marker->freeze));
    }
    for (const auto& [file, hash] : marker->seeds) {
        facts.emplace_back("seed", file);
    }
    return facts;
}

} // namespace crudctl::commands
