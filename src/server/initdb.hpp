#pragma once

#include "server/binaries.hpp"
#include "server/layout.hpp"
#include "support/process/environment.hpp"
#include "support/process/process.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
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

/// Makes the data directory and the password file. initdb works in a folder aside, which is renamed
/// into place when it is done: killed at any time, it leaves nothing that looks initialised. Throws
/// Error(external) with initdb's own words, Error(failed) where a folder is in the way.
void create_cluster(const Layout& layout, const Binaries& binaries,
                    const std::optional<Account>& account, const Environment& environment,
                    ProcessRunner& processes);

/// Deletes what killed runs left in the base folder.
void remove_leftovers(const Layout& layout);

/// The last lines of what a program printed, made printable, each indented on a line of its own.
std::string last_lines(std::string_view text, std::size_t count);

} // namespace crudctl::server
