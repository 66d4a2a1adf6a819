#pragma once

#include "support/process/environment.hpp"
#include "support/process/process.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace crudctl::server {

/// Where to look for a Postgres server, and what it has to fit.
struct BinariesRequest {
    std::filesystem::path configured; // the only place looked at, where it is set
    std::optional<int> data_major;    // of the data that are already there
    std::filesystem::path root = "/"; // what the usual places are relative to
};

/// A folder with `postgres` and `initdb` in it.
struct Binaries {
    std::filesystem::path folder;
    std::string version; // "15.13", "18beta1"
    int major = 0;
    std::string why; // "the highest version in /usr/lib/postgresql"

    std::filesystem::path program(const std::string& name) const { return folder / name; }
};

/// The server to use: the first folder that has one or, where data are already there, the first of
/// their major version. Throws Error(external) where there is none, naming the package to install.
Binaries find_binaries(const BinariesRequest& request, const Environment& environment,
                       ProcessRunner& processes);

/// "15.13" from what `postgres --version` prints; nothing where that is something else.
std::optional<std::string> version_in(const std::string& text);
/// 15 of "15.13", "15", "15beta1", "15\n"; nothing where no number leads.
std::optional<int> major_of(const std::string& version);

/// The command that installs a server of this major version (empty: of any) on the distribution
/// that this os-release text describes.
std::string install_command(const std::string& os_release, std::optional<int> major);

} // namespace crudctl::server
