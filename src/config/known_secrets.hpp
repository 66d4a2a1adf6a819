#pragma once

#include "config/values.hpp"
#include "support/secret.hpp"

#include <string>
#include <vector>

namespace crudctl::config {

/// The passwords in a connection URL or keyword string; the whole text where it looks like one but
/// cannot be read, since then anything in it may be the password.
std::vector<Secret> secrets_in(const std::string& url);

/// Every password that the file, the environment and .env hold, in any profile.
std::vector<Secret> known_secrets(const Values& values);

/// True where the file itself, not a variable that it names, holds a password.
bool holds_password(const TomlFile& file);
bool holds_password(const Dotenv& dotenv);

} // namespace crudctl::config
