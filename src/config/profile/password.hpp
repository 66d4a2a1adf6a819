#pragma once

#include "config/file/values.hpp"
#include "config/settings.hpp"
#include "support/text/secret.hpp"

#include <string>
#include <vector>

namespace crudctl::config {

/// The profile's conn_info with its password: from password_command, URL or key, PGPASSWORD;
/// passfile and service file are left to libpq, and the token of `rds_iam` to the caller. Throws
/// Error(configuration) where the file that names the command is not to be trusted, Error(external)
/// where the command fails.
pg::ConnInfo with_password(const Profile& profile, const Settings& settings,
                           ProcessRunner& processes);

/// What the profile's password_command, which isn't empty, prints. Throws the same.
Secret password_of(const std::string& profile_name,
                   const std::vector<std::string>& password_command, const Settings& settings,
                   ProcessRunner& processes);

/// The passwords in a connection URL or keyword string; the whole text where it looks like one but
/// cannot be read, since then anything in it may be the password.
std::vector<Secret> secrets_in(const std::string& url);

/// Every password that the file, the environment and .env hold, in any profile.
std::vector<Secret> known_secrets(const Values& values);

/// True where the file itself, not a variable that it names, holds a password.
bool holds_password(const TomlFile& file);
bool holds_password(const Dotenv& dotenv);

} // namespace crudctl::config
