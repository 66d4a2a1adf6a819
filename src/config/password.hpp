#pragma once

#include "config/settings.hpp"

namespace crudctl::config {

/// The profile's conn_info with its password: from password_command, URL or key, PGPASSWORD;
/// passfile and service file are left to libpq, and the token of `rds_iam` to the caller. Throws
/// Error(configuration) where the file that names the command is not to be trusted, Error(external)
/// where the command fails.
pg::ConnInfo with_password(const Profile& profile, const Settings& settings,
                           ProcessRunner& processes);

/// What this program, which isn't empty, prints. Throws the same.
Secret password_of(const std::vector<std::string>& password_command, const Settings& settings,
                   ProcessRunner& processes);

} // namespace crudctl::config
