#pragma once

#include "config/trust/trust_request.hpp"
#include "operation/context.hpp"
#include "plan/plan.hpp"

#include <string>
#include <vector>

namespace crudctl::commands {

// What the project's files want of this machine, and whether a person has agreed to it: at a
// terminal, kept by its digest in the user's state folder, or by CRUDCTL_TRUST in the environment.

/// Those of the requests that no person has agreed to yet. Throws Error(configuration) where what
/// was agreed to can't be read.
std::vector<config::TrustRequest> untrusted(Context& context,
                                            const std::vector<config::TrustRequest>& requests);

/// Whether a person has agreed to all that a profile's settings want. What CRUDCTL_TRUST allows is
/// the run's own profile alone.
bool is_trusted_profile(const Context& context, const std::string& profile);

/// Shows them as the guard's screen shows what would be lost.
void show_requests(Console& console, const std::vector<config::TrustRequest>& requests);

/// Keeps that a person agreed, in this run in any case.
void remember_trust(Context& context, const std::vector<config::TrustRequest>& requests);

/// The profile's, and those of a server of the project's own where the profile has one.
std::vector<config::TrustRequest> requests_of_settings(const Context& context,
                                                       const std::string& profile);
/// The same with what the project's SQL files, queries and checks have the project's own server do.
/// What can't be read has none: loading it fails, and says why.
std::vector<config::TrustRequest> requests_of_project(Context& context, const std::string& profile);

/// Warns of each profile of the file that wants what is not trusted yet; runs and asks nothing.
void warn_of_untrusted(Context& context);

/// Asks for what is not trusted yet, where this command asks and somebody can be asked; throws
/// Error(refused) otherwise, and for any answer but "yes". Commands that only read never ask, but
/// for `connect`, and neither does `ensure`.
void require_trust(Context& context, const std::vector<config::TrustRequest>& requests);

/// For what the settings of the profile want, before any of it is used.
void require_trusted_profile(Context& context, const std::string& profile);
/// For [server], before a program of it is started.
void require_trusted_server(Context& context);
/// For the SQL of a plan: on the project's own server what has the server run programs or reach
/// files, and everywhere what psql itself would run.
void require_trusted_steps(Context& context, const std::vector<plan::Step>& steps);

/// Throws Error(refused) where CRUDCTL_ONLY does not name the chosen profile, or where
/// CRUDCTL_READ_ONLY is set and this action does more than read. Every command passes here before
/// it does anything; `query`, whose file says what it does, asks once more.
void require_within_fences(const Invocation& invocation, const config::Settings& settings);

} // namespace crudctl::commands
