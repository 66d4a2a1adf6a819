#pragma once

#include "database/marker.hpp"
#include "database/survey.hpp"
#include "operation/target.hpp"

#include <string>
#include <utility>
#include <vector>

namespace crudctl::commands {

/// The environment of a database that has none yet, by the profile: `prod` where that is named so
/// or protected, `staging` where it is named so, else `dev`.
std::string environment_of(const Target& target);

/// The marker of what this run builds in the target's place: the environment that the old one has
/// stays, and so does a person's word. Where nobody said any, the run does, since it makes the
/// database.
database::Marker marker_for_new(const Target& target, const database::Survey& survey);

/// The marker of a database that stays, for a run that writes something else into it. A run says
/// nothing of what it found, but what a protected profile reaches, or what a mark for another
/// database says prod of, becomes prod.
database::Marker marker_for_found(const Target& target, const database::ShortSurvey& survey);

/// Who builds it, now, and from which commit.
database::Build build_of(const Context& context, const database::Survey& survey);

/// user@host.
std::string author_of(const Context& context);

/// When a lock ends, as markers have times; empty where nobody said. Throws Error(usage).
std::string until_of(const database::Survey& survey, const std::string& typed);

/// What the marker says, label and text, for people.
std::vector<std::pair<std::string, std::string>> marker_facts(const database::Survey& survey);

} // namespace crudctl::commands
