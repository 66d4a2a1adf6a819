#pragma once

#include "server/binaries.hpp"
#include "support/environment.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace crudctl::server {

/// What the server's programs get of our environment: where programs and libraries are, and the C
/// locale. Neither a broken LC_ALL or TZ nor a secret of this run comes through to a program that
/// outlives it.
Environment program_environment(const Environment& ours);

/// The call of initdb: superuser `postgres` with the password in that file, trust on the Unix
/// socket (its folder is private), SCRAM on TCP, UTF-8 in a locale that sorts the same everywhere.
std::vector<std::string> initdb_call(const Binaries& binaries, const std::filesystem::path& data,
                                     const std::filesystem::path& password_file);

} // namespace crudctl::server
