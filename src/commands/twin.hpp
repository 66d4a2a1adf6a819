#pragma once

#include "commands/target.hpp"
#include "database/survey.hpp"

#include <optional>
#include <string>

namespace crudctl::commands {

// That a profile which isn't protected leads where a protected one does.

/// Keeps for later what a protected profile leads to.
void remember_protected(const Context& context, const Target& target,
                        const database::ShortSurvey& survey);

/// How the target is known to be what a protected profile leads to, by the settings or by what was
/// seen under one; nothing where it isn't. What was seen counts no more where the marker has come
/// to say something else than it said then: of a copy of the whole server, somebody says so with
/// `mark`. Where what was seen cannot be read, it says so: nobody knows then.
std::optional<std::string> twin_of(const Context& context, const Target& target,
                                   const database::ShortSurvey& survey);

/// The protected profile that names the same RDS instance, told as above; nothing where there is
/// none, and where this profile is protected itself.
std::optional<std::string> instance_twin_of(const Context& context,
                                            const config::AwsSettings& settings,
                                            const std::string& region);

} // namespace crudctl::commands
