#include "support/user.hpp"

#include <array>

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

namespace crudctl {

namespace fs = std::filesystem;

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

} // namespace crudctl
