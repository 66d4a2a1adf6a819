#pragma once

#include "support/process/process.hpp"

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

/// Makes a folder with this mode, owned by the account where one is given; one that is already
/// there stays as it is. Throws Error(failed).
void make_folder(const std::filesystem::path& folder, mode_t mode,
                 const std::optional<Account>& owner);

/// Makes a folder and those above it that are missing: open to all for root, whose server runs
/// under another account, private for everybody else. Throws Error(failed).
void make_folders(const std::filesystem::path& folder);

/// Throws Error(failed), naming the folder that is in the way and the setting that leads around it,
/// where the account cannot enter `folder`: we never change the mode of a folder that we did not
/// make.
void check_reachable(const std::filesystem::path& folder, const std::optional<Account>& account,
                     const std::string& setting);

/// "user postgres (101)" or "user 54321".
std::string user_text(uid_t user);

} // namespace crudctl::server
