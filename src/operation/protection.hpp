#pragma once

#include "database/survey.hpp"
#include "operation/target.hpp"

#include <optional>
#include <string>

namespace crudctl::commands {

// That a profile which isn't protected leads where a protected one does.

/// Whether a person said what the database is.
bool is_marked_by_person(const database::ShortSurvey& survey);

/// That the target is the database of a protected profile, `where` being how that is known.
std::string both(const Target& target, const std::string& profile, const std::string& where);

/// Keeps for later what a protected profile leads to.
void remember_protected(const Context& context, const Target& target,
                        const database::ShortSurvey& survey);

/// How the target is known to be what a protected profile leads to, by the settings or by what was
/// seen under one; nothing where it isn't. What was seen counts no more where a person has come to
/// mark it as something else than it was then: of a copy of the whole server, `mark` says so.
/// Where what was seen cannot be read, it says so: nobody knows then.
std::optional<std::string> same_protected_database(const Context& context, const Target& target,
                                                   const database::ShortSurvey& survey);

/// The same by looking, once and for no longer than two seconds each, where the protected profiles
/// lead that this machine has never seen: for what is about to destroy in a database that no person
/// marked and that isn't on the project's own server. One that cannot be reached, or whose password
/// a program would have to be run for, is compared by its address, and not tried again for a day.
std::optional<std::string> look_for_same_database(const Context& context, const Target& target,
                                                  const database::ShortSurvey& survey);

/// The protected profile that names the same RDS instance, told as above; nothing where there is
/// none, and where this profile is protected itself.
std::optional<std::string> same_protected_instance(const Context& context,
                                                   const config::AwsSettings& settings,
                                                   const std::string& region);

} // namespace crudctl::commands
