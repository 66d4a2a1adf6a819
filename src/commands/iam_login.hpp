#pragma once

#include "commands/context.hpp"
#include "config/profile.hpp"
#include "pg/error.hpp"

namespace crudctl::commands {

/// The profile's conn_info with a token of IAM in place of a password: made anew for each log-in,
/// and only while logging in is it worth something. Finds the credentials, and hides them from
/// whatever is printed. Throws Error(configuration) where the instance's endpoint, region or user
/// cannot be told, Error(external) where there are no credentials.
pg::ConnInfo with_iam_token(Context& context, const config::Profile& profile);

/// Throws the same with a better hint where the server took no token: it knows nothing of what that
/// takes.
void explain_iam_refusal(const config::Profile& profile, const pg::ConnectError& error);

} // namespace crudctl::commands
