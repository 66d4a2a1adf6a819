#include "server/binaries.hpp"

#include "support/error.hpp"
#include "support/system/file.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

#include <fmt/format.h>

namespace crudctl::server {

namespace fs = std::filesystem;

namespace {

struct Candidate {
    fs::path folder;
    std::string why;
};

/// Folders <parent>/<prefix>*<rest>, the highest version first.
void add_versions(std::vector<Candidate>& candidates, const fs::path& parent,
                  const std::string& prefix, const std::string& rest)
{
    std::vector<fs::path> found;
    std::error_code unreadable; // a place that isn't there is simply not one
    for (const auto& entry : fs::directory_iterator(parent, unreadable)) {
        if (entry.path().filename().string().starts_with(prefix)) {
            found.push_back(entry.path());
        }
    }
    const auto number = [&](const fs::path& path) {
        return major_of(path.filename().string().substr(prefix.size())).value_or(0);
    };
    std::ranges::sort(found, [&](const auto& a, const auto& b) { return number(a) > number(b); });
    for (const fs::path& path : found) {
        candidates.push_back(
            {path / rest, fmt::format("the highest version that fits in \"{}\"", parent.string())});
    }
}

void add_usual_places(std::vector<Candidate>& candidates, const fs::path& root)
{
    add_versions(candidates, root / "usr/lib/postgresql", "", "bin");
    add_versions(candidates, root / "usr", "pgsql-", "bin");
    add_versions(candidates, root / "usr/libexec", "postgresql", "");
    for (const char* homebrew : {"opt/homebrew/opt", "usr/local/opt"}) {
        add_versions(candidates, root / homebrew, "postgresql@", "bin");
        add_versions(candidates, root / homebrew, "postgresql", "bin");
    }
    add_versions(candidates, root / "Applications/Postgres.app/Contents/Versions", "", "bin");
}

std::optional<fs::path> bindir_of_pg_config(const Environment& environment,
                                            ProcessRunner& processes)
{
    const auto program = processes.find("pg_config", environment);
    if (!program) {
        return std::nullopt;
    }
    const ProgramResult answer =
        processes.run({{program->string(), "--bindir"}, environment, "/", std::nullopt, {}});
    const std::string folder(trimmed(answer.out));
    return answer.succeeded() && !folder.empty() ? std::optional<fs::path>(folder) : std::nullopt;
}

std::vector<Candidate> searched_folders(const BinariesRequest& request,
                                        const Environment& environment, ProcessRunner& processes)
{
    std::vector<Candidate> candidates;
    if (const auto folder = bindir_of_pg_config(environment, processes)) {
        candidates.push_back({*folder, "what pg_config names"});
    }
    add_usual_places(candidates, request.root);
    if (const auto program = processes.find("postgres", environment)) {
        candidates.push_back({program->parent_path(), "on the PATH"});
    }
    return candidates;
}

/// The server in this folder, where it has one that runs. A client-only package has a pg_config
/// but neither of the two programs.
std::optional<Binaries> inspected(const Candidate& candidate, const Environment& environment,
                                  ProcessRunner& processes)
{
    const std::string postgres = (candidate.folder / "postgres").string();
    if (!processes.find(postgres, environment) ||
        !processes.find((candidate.folder / "initdb").string(), environment)) {
        return std::nullopt;
    }
    const ProgramResult answer =
        processes.run({{postgres, "--version"}, environment, "/", std::nullopt, {}});
    const auto version = version_in(answer.out);
    if (!answer.succeeded() || !version) {
        return std::nullopt;
    }
    return Binaries{candidate.folder, *version, major_of(*version).value_or(0), candidate.why};
}

std::string hint_to_install(const BinariesRequest& request)
{
    std::string os_release;
    try {
        os_release = read_file(request.root / "etc/os-release", 65536).text;
    } catch (const Error&) {
        // Not every system has one; then the hint is the general one.
    }
    return install_command(os_release, request.data_major);
}

/// The one folder that was named: by the configuration or by the environment.
Binaries named_binaries(const Candidate& named, const BinariesRequest& request,
                        const Environment& environment, ProcessRunner& processes)
{
    const auto binaries = inspected(named, environment, processes);
    if (!binaries) {
        throw Error(ExitCode::external,
                    fmt::format("no Postgres server in \"{}\" ({}): it needs the programs "
                                "postgres and initdb",
                                named.folder.string(), named.why),
                    hint_to_install(request));
    }
    if (request.data_major && binaries->major != *request.data_major) {
        throw Error(ExitCode::failed,
                    fmt::format("the server's data are of Postgres {}, but \"{}\" ({}) is Postgres "
                                "{}: the data are kept as they are",
                                *request.data_major, named.folder.string(), named.why,
                                binaries->version),
                    hint_to_install(request));
    }
    return *binaries;
}

[[noreturn]] void throw_none(const std::vector<Binaries>& unfit, const BinariesRequest& request)
{
    if (unfit.empty()) {
        throw Error(ExitCode::external, "no Postgres server is installed on this machine",
                    hint_to_install(request));
    }
    throw Error(ExitCode::failed,
                fmt::format("the server's data are of Postgres {}, but this machine has only "
                            "Postgres {} (in \"{}\"): the data are kept as they are",
                            *request.data_major, unfit.front().version,
                            unfit.front().folder.string()),
                hint_to_install(request));
}

} // namespace

Binaries find_binaries(const BinariesRequest& request, const Environment& environment,
                       ProcessRunner& processes)
{
    if (!request.configured.empty()) {
        return named_binaries({request.configured, "as configured"}, request, environment,
                              processes);
    }
    if (const auto folder = environment.value("CRUDCTL_PG_BIN")) {
        return named_binaries({*folder, "from CRUDCTL_PG_BIN"}, request, environment, processes);
    }
    std::vector<Binaries> unfit;
    for (const Candidate& candidate : searched_folders(request, environment, processes)) {
        auto binaries = inspected(candidate, environment, processes);
        if (!binaries) {
            continue;
        }
        if (!request.data_major || binaries->major == *request.data_major) {
            return *binaries;
        }
        unfit.push_back(*std::move(binaries));
    }
    throw_none(unfit, request);
}

std::optional<std::string> version_in(const std::string& text)
{
    constexpr std::string_view lead = "postgres (PostgreSQL) ";
    if (!text.starts_with(lead)) {
        return std::nullopt;
    }
    const std::string rest = text.substr(lead.size());
    const std::string version = rest.substr(0, rest.find_first_of(" \n"));
    return major_of(version) ? std::optional<std::string>(version) : std::nullopt;
}

std::optional<int> major_of(const std::string& version)
{
    int major = 0;
    const auto end = version.data() + version.size();
    const auto [stop, error] = std::from_chars(version.data(), end, major);
    return error == std::errc() && major > 0 ? std::optional<int>(major) : std::nullopt;
}

std::string install_command(const std::string& os_release, std::optional<int> major)
{
    const auto is_like = [&](std::initializer_list<const char*> names) {
        std::size_t start = 0;
        while (start < os_release.size()) {
            const auto end = std::min(os_release.find('\n', start), os_release.size());
            const std::string line = os_release.substr(start, end - start);
            start = end + 1;
            if (!line.starts_with("ID=") && !line.starts_with("ID_LIKE=")) {
                continue;
            }
            if (std::ranges::any_of(names, [&](const char* name) {
                    return line.find(name) != std::string::npos;
                })) {
                return true;
            }
        }
        return false;
    };
    const std::string number = major ? std::to_string(*major) : "";
    if (is_like({"debian", "ubuntu"})) {
        return "apt-get install postgresql" + (major ? "-" + number : "");
    }
    if (is_like({"alpine"})) {
        return "apk add postgresql" + number;
    }
    if (is_like({"fedora", "rhel"})) {
        return "dnf install postgresql" + number + "-server";
    }
    if (is_like({"arch"})) {
        return "pacman -S postgresql";
    }
    return major
               ? "install the Postgres " + number + " server, or set server.binaries to its folder"
               : "install a Postgres server, or set server.binaries to its folder";
}

} // namespace crudctl::server
