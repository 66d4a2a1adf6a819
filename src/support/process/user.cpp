#include "support/process/user.hpp"

#include "support/error.hpp"
#include "support/system/file.hpp"

#include <array>
#include <cerrno>

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace crudctl {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void refuse_folder(const fs::path& folder, const std::string& reason)
{
    throw Error(ExitCode::configuration,
                fmt::format("the state folder \"{}\" is not used: {}", folder.string(), reason),
                "XDG_STATE_HOME names another place for it");
}

/// In a folder that several users share, another one may have put it there.
bool is_owner_trusted(uid_t owner, const fs::path& folder)
{
    if (owner == ::geteuid() || owner == 0) {
        return true;
    }
    struct stat parent {};
    return ::geteuid() == 0 && ::stat(folder.parent_path().c_str(), &parent) == 0 &&
           parent.st_uid == owner;
}

void require_own(const fs::path& folder)
{
    struct stat entry {};
    if (::lstat(folder.c_str(), &entry) != 0) {
        if (errno == ENOENT) {
            return;
        }
        refuse_folder(folder, error_text(errno));
    }
    struct stat facts {};
    if (::stat(folder.c_str(), &facts) != 0) { // a link to nowhere
        refuse_folder(folder, error_text(errno));
    }
    if (!is_owner_trusted(entry.st_uid, folder) || !is_owner_trusted(facts.st_uid, folder)) {
        refuse_folder(folder, "it belongs to another user");
    }
    if (!S_ISDIR(facts.st_mode)) {
        refuse_folder(folder, "it is not a folder");
    }
    if ((facts.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        refuse_folder(folder, "others may write to it");
    }
}

} // namespace

std::string user_name()
{
    const passwd* entry = ::getpwuid(::geteuid());
    return entry != nullptr ? entry->pw_name : fmt::format("uid {}", ::geteuid());
}

std::string host_name()
{
    std::array<char, 256> name{}; // the last one stays zero, whatever is cut
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

std::optional<fs::path> state_folder(const Environment& environment)
{
    const fs::path configured = environment.value("XDG_STATE_HOME").value_or("");
    if (configured.is_absolute()) { // a relative one is to be ignored, says its specification
        return configured / "crudctl";
    }
    fs::path home = environment.value("HOME").value_or("");
    const passwd* entry = home.is_absolute() ? nullptr : ::getpwuid(::geteuid());
    if (entry != nullptr && entry->pw_dir != nullptr) {
        home = entry->pw_dir;
    }
    return home.is_absolute() ? std::optional(home / ".local/state/crudctl") : std::nullopt;
}

std::optional<fs::path> own_state_folder(const Environment& environment)
{
    auto folder = state_folder(environment);
    if (folder) {
        require_own(*folder);
    }
    return folder;
}

} // namespace crudctl
