#pragma once

#include "support/process.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace crudctl::server {

/// The account that a new server runs under, since Postgres refuses to run as root: `postgres`,
/// else `nobody`, else `daemon`. Nothing where we aren't root: then it is ours. Throws
/// Error(external) where root finds none of them, or where our own user id has no passwd entry,
/// which initdb needs.
std::optional<Account> account_for_new_data();

/// The account of the data that are already there: their owner, where we are root. Throws
/// Error(failed) where they belong to root, or to somebody else than us.
std::optional<Account> account_of_data(const std::filesystem::path& data);

/// Makes a folder with this mode, owned by the account where one is given. Throws Error(failed).
void make_folder(const std::filesystem::path& folder, mode_t mode,
                 const std::optional<Account>& owner);

/// Throws Error(failed), naming the folder that is in the way, where the account cannot come to
/// `folder`: we never change the mode of a folder that we did not make.
void check_reachable(const std::filesystem::path& folder, const std::optional<Account>& account);

/// "user postgres (101)" or "user 54321".
std::string user_text(uid_t user);

} // namespace crudctl::server
