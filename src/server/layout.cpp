#include "server/layout.hpp"

#include "support/error.hpp"
#include "support/process/user.hpp"
#include "support/text/sha256.hpp"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

namespace fs = std::filesystem;

namespace crudctl::server {

namespace {

// Below the ports that systems give to outgoing connections (from 32768 or 49152 on): one of those
// stays taken for a minute after its connection has ended.
constexpr int first_port = 20000;
constexpr int port_count = 7000;

/// As a folder's name: anything but letters, digits, '.', '_' and '-' comes out as '_'.
std::string tame(const std::string& name)
{
    constexpr std::size_t longest = 40;
    std::string result = name.substr(0, longest);
    std::ranges::replace_if(
        result,
        [](char c) {
            return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '.' || c == '_' || c == '-');
        },
        '_');
    return result.empty() ? "project" : result;
}

std::uint32_t hash_of_root(const Project& project)
{
    std::error_code unresolved; // then the path as it stands is as good
    const fs::path canonical = fs::weakly_canonical(project.root, unresolved);
    return stable_hash(unresolved ? project.root.string() : canonical.string());
}

/// The folder that outlives a cloud workspace's container, where we are in one.
std::optional<fs::path> persistent_folder(const Environment& environment, const fs::path& root)
{
    std::error_code missing;
    if (environment.value("GITPOD_WORKSPACE_ID") && fs::is_directory(root / "workspace", missing)) {
        return root / "workspace/.crudctl";
    }
    if (environment.value("CODESPACES") == "true" &&
        fs::is_directory(root / "workspaces", missing)) {
        return root / "workspaces/.crudctl";
    }
    return std::nullopt;
}

fs::path user_folder(const Environment& environment)
{
    if (auto folder = own_state_folder(environment)) {
        return *folder;
    }
    throw Error(ExitCode::configuration,
                fmt::format("cannot tell where the server's data shall lie: HOME is not set and "
                            "the passwd database does not know user {}",
                            ::geteuid()),
                "set server.data_directory, or XDG_STATE_HOME");
}

fs::path default_base(const Project& project, const Environment& environment, const fs::path& root)
{
    const std::string folder = fmt::format("{}-{:08x}", tame(project.name), hash_of_root(project));
    if (const auto persistent = persistent_folder(environment, root)) {
        return *persistent / folder;
    }
    return (::geteuid() == 0 ? root / "var/lib/crudctl" : user_folder(environment)) / folder;
}

/// Short enough for the kernel, and without a comma: libpq would take that for two hosts.
bool suits_a_socket(const fs::path& folder)
{
    // The kernel's sockaddr_un takes 108 bytes on Linux and 104 on macOS, with the ending zero.
#ifdef __APPLE__
    constexpr std::size_t longest = 103;
#else
    constexpr std::size_t longest = 107;
#endif
    return (folder / ".s.PGSQL.65535").string().size() <= longest &&
           folder.string().find(',') == std::string::npos;
}

} // namespace

std::string Layout::cluster_name() const
{
    return fmt::format("crudctl-{:08x}", stable_hash(base.string()));
}

Layout layout_for(const Project& project, const fs::path& configured,
                  const Environment& environment, const fs::path& root)
{
    const fs::path chosen =
        configured.empty() ? default_base(project, environment, root) : configured;
    if (chosen.string().find_first_of("\n\r") != std::string::npos) {
        throw Error(ExitCode::configuration,
                    "the folder for the server's data has a line break in its path",
                    "set server.data_directory to another one");
    }
    // Postgres says where its data lie with links resolved; to compare, ours must be, too.
    std::error_code unresolved;
    fs::path base = fs::weakly_canonical(fs::absolute(chosen), unresolved);
    if (unresolved) {
        base = fs::absolute(chosen).lexically_normal();
    }
    return {base.has_filename() ? base : base.parent_path()};
}

fs::path socket_folder_for(const Layout& layout, const Environment& environment)
{
    if (suits_a_socket(layout.base / "run")) {
        return layout.base / "run";
    }
    const auto runtime = environment.value("XDG_RUNTIME_DIR");
    // Root's is closed to the account that root's server runs under.
    if (runtime && ::geteuid() != 0 && suits_a_socket(fs::path(*runtime) / layout.cluster_name())) {
        return fs::path(*runtime) / layout.cluster_name();
    }
    return fmt::format("/tmp/crudctl-{}-{:08x}", ::geteuid(), stable_hash(layout.base.string()));
}

int preferred_port(const Project& project)
{
    return first_port + static_cast<int>(hash_of_root(project) % port_count);
}

int next_port(int port)
{
    return first_port + (port - first_port + 1) % port_count;
}

} // namespace crudctl::server
