#include "server/account.hpp"

#include "support/error.hpp"
#include "support/system/file.hpp"

#include <algorithm>
#include <cerrno>
#include <vector>

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace crudctl::server {

namespace fs = std::filesystem;

namespace {

constexpr const char* way_out = "set server.data_directory to a folder that can be made";

std::optional<Account> account_named(const char* name)
{
    const passwd* entry = ::getpwnam(name);
    if (entry == nullptr || entry->pw_uid == 0) {
        return std::nullopt;
    }
    return Account{entry->pw_name, entry->pw_uid, entry->pw_gid};
}

bool is_member(const Account& account, gid_t group)
{
    int count = 64;
    std::vector<gid_t> groups(static_cast<std::size_t>(count));
    if (account.name.empty() ||
        ::getgrouplist(account.name.c_str(), account.group, groups.data(), &count) < 0) {
        return group == account.group;
    }
    groups.resize(static_cast<std::size_t>(count));
    return std::find(groups.begin(), groups.end(), group) != groups.end();
}

bool may_enter(const Account& account, const struct stat& folder)
{
    if (folder.st_uid == account.user) {
        return (folder.st_mode & S_IXUSR) != 0;
    }
    if (is_member(account, folder.st_gid)) {
        return (folder.st_mode & S_IXGRP) != 0;
    }
    return (folder.st_mode & S_IXOTH) != 0;
}

} // namespace

std::optional<Account> account_for_new_data()
{
    if (::geteuid() != 0) {
        if (::getpwuid(::geteuid()) == nullptr) {
            throw Error(ExitCode::external,
                        fmt::format("cannot initialise a server: initdb needs a name for our user "
                                    "id, and the passwd database does not know {}",
                                    ::geteuid()),
                        fmt::format("add it: echo 'dev:x:{}:{}::/tmp:/bin/sh' >> /etc/passwd",
                                    ::geteuid(), ::getegid()));
        }
        return std::nullopt;
    }
    for (const char* name : {"postgres", "nobody", "daemon"}) {
        if (auto account = account_named(name)) {
            return account;
        }
    }
    throw Error(ExitCode::external,
                "cannot run a server as root: Postgres refuses to, and there is no account "
                "\"postgres\" or \"nobody\"",
                "add one: useradd --system postgres");
}

std::optional<Account> account_of_data(const fs::path& data)
{
    struct stat facts {};
    if (::stat(data.c_str(), &facts) != 0) {
        throw Error(ExitCode::failed, fmt::format("cannot look at the server's data in \"{}\": {}",
                                                  data.string(), error_text(errno)));
    }
    if (facts.st_uid == 0) {
        throw Error(ExitCode::failed,
                    fmt::format("the server's data in \"{}\" belong to root, and Postgres refuses "
                                "to run as root",
                                data.string()),
                    "give them back to the account that they were made by: chown -R");
    }
    if (::geteuid() == 0) {
        const passwd* entry = ::getpwuid(facts.st_uid);
        return Account{entry != nullptr ? entry->pw_name : "", facts.st_uid, facts.st_gid};
    }
    if (facts.st_uid != ::geteuid()) {
        throw Error(ExitCode::failed,
                    fmt::format("the server's data in \"{}\" belong to {}, and we are {}",
                                data.string(), user_text(facts.st_uid), user_text(::geteuid())),
                    "run as that user, or set server.data_directory to a folder of your own");
    }
    return std::nullopt;
}

void make_folder(const fs::path& folder, mode_t mode, const std::optional<Account>& owner)
{
    struct stat facts {};
    const bool was_made = ::mkdir(folder.c_str(), 0700) == 0;
    if (!was_made && errno == EEXIST && ::stat(folder.c_str(), &facts) == 0 &&
        S_ISDIR(facts.st_mode)) {
        return;
    }
    // The mode first: once it is given away, its owner could put something else in its place.
    if (!was_made || ::chmod(folder.c_str(), mode) != 0 ||
        (owner && ::lchown(folder.c_str(), owner->user, owner->group) != 0)) {
        throw Error(
            ExitCode::failed,
            fmt::format("cannot make the folder \"{}\": {}", folder.string(), error_text(errno)),
            way_out);
    }
}

void make_folders(const fs::path& folder)
{
    crudctl::make_folders(folder, ::geteuid() == 0 ? 0755 : 0700, way_out);
}

void check_reachable(const fs::path& folder, const std::optional<Account>& account,
                     const std::string& setting)
{
    if (!account) {
        return;
    }
    fs::path ancestor;
    for (const fs::path& part : folder) {
        ancestor /= part;
        struct stat facts {};
        if (::stat(ancestor.c_str(), &facts) == 0 && !may_enter(*account, facts)) {
            throw Error(ExitCode::failed,
                        fmt::format("the server's account, {}, cannot enter the folder \"{}\"",
                                    user_text(account->user), ancestor.string()),
                        fmt::format("set {} to a folder that it can reach", setting));
        }
    }
}

std::string user_text(uid_t user)
{
    const passwd* entry = ::getpwuid(user);
    return entry != nullptr ? fmt::format("user {} ({})", entry->pw_name, user)
                            : fmt::format("user {}", user);
}

} // namespace crudctl::server
