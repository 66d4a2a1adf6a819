#include "server/initdb.hpp"

#include "server/account.hpp"
#include "support/error.hpp"
#include "support/system/file.hpp"
#include "support/text/random.hpp"
#include "support/text/text.hpp"

#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace crudctl::server {

namespace fs = std::filesystem;

namespace {

/// Folders in the base with these names are work of a run, and rubbish once it is over.
constexpr std::array leftover_prefixes = {"initdb.", "removed."};

/// A folder beside the data in which a cluster is made; deleted at the end of its life.
class WorkFolder {
public:
    WorkFolder(const Layout& layout, const std::optional<Account>& account)
    {
        std::string name = (layout.base / leftover_prefixes[0]).string() + "XXXXXX";
        if (::mkdtemp(name.data()) == nullptr ||
            (account && ::lchown(name.c_str(), account->user, account->group) != 0)) {
            throw Error(ExitCode::failed, fmt::format("cannot make a folder in \"{}\": {}",
                                                      layout.base.string(), error_text(errno)));
        }
        m_path = name;
    }
    ~WorkFolder()
    {
        std::error_code ignored; // the next run deletes it
        fs::remove_all(m_path, ignored);
    }
    WorkFolder(const WorkFolder&) = delete;
    WorkFolder& operator=(const WorkFolder&) = delete;

    fs::path operator/(const char* name) const { return m_path / name; }

private:
    fs::path m_path;
};

void write_password(const fs::path& path, const std::string& password,
                    const std::optional<Account>& owner)
{
    write_file(path, password, 0600);
    if (owner && ::lchown(path.c_str(), owner->user, owner->group) != 0) {
        throw Error(ExitCode::failed,
                    fmt::format("cannot give away \"{}\": {}", path.string(), error_text(errno)));
    }
}

void run_initdb(ProgramCall call, ProcessRunner& processes, const Layout& layout)
{
#ifdef __linux__
    call.argv.emplace_back("--no-sync"); // sync_data() does it in one call instead of a thousand
#endif
    const ProgramResult result = processes.run(call);
    if (!result.succeeded()) {
        constexpr std::size_t shown_lines = 8;
        throw Error(ExitCode::external,
                    fmt::format("initdb could not make the server's data in \"{}\":{}",
                                layout.base.string(),
                                result.err.empty()
                                    ? fmt::format(" it ended with code {}", result.exit_code)
                                    : last_lines(result.err, shown_lines)));
    }
}

/// Puts what initdb wrote on the disk. Its own way, an fsync of each file, takes ten times as long
/// as all the rest.
void sync_data(const fs::path& data)
{
#ifdef __linux__
    const Descriptor descriptor(::open(data.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!descriptor || ::syncfs(descriptor.number()) != 0) {
        throw Error(ExitCode::failed, fmt::format("cannot write the server's data to the disk: {}",
                                                  error_text(errno)));
    }
#else
    static_cast<void>(data); // initdb did it
#endif
}

void sync_folder(const fs::path& folder)
{
    const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!descriptor || ::fsync(descriptor.number()) != 0) {
        throw Error(ExitCode::failed, fmt::format("cannot sync the folder \"{}\": {}",
                                                  folder.string(), error_text(errno)));
    }
}

} // namespace

Environment program_environment(const Environment& ours)
{
    Environment environment;
    for (const char* name : {"PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"}) {
        if (auto value = ours.value(name)) {
            environment.set(name, *value);
        }
    }
    environment.set("LC_ALL", "C");
    return environment;
}

std::vector<std::string> initdb_call(const Binaries& binaries, const fs::path& data,
                                     const fs::path& password_file)
{
    std::vector<std::string> call = {binaries.program("initdb").string(),
                                     "--pgdata=" + data.string(),
                                     "--username=postgres",
                                     "--pwfile=" + password_file.string(),
                                     "--auth-local=trust",
                                     "--auth-host=scram-sha-256",
                                     "--encoding=UTF8",
                                     "--locale=C",
                                     "--lc-messages=C"};
    constexpr int first_with_builtin_locale = 17;
    if (binaries.major >= first_with_builtin_locale) {
        call.insert(call.end(), {"--locale-provider=builtin", "--builtin-locale=C.UTF-8"});
    }
    return call;
}

void create_cluster(const Layout& layout, const Binaries& binaries,
                    const std::optional<Account>& account, const Environment& environment,
                    ProcessRunner& processes)
{
    check_reachable(layout.base, account, "server.data_directory");
    check_reachable(binaries.folder, account, "server.binaries");
    const WorkFolder work(layout, account);
    constexpr std::size_t password_length = 40;
    const std::string password = random_token(password_length);
    write_password(work / "password", password, account);
    run_initdb({initdb_call(binaries, work / "data", work / "password"),
                program_environment(environment),
                "/",
                account,
                {}},
               processes, layout);
    // First the password: without the data it means nothing, and the next run replaces it.
    write_password(layout.password(), password, std::nullopt);
    sync_data(work / "data");
    rename_path(work / "data", layout.data());
    sync_folder(layout.base);
}

void remove_leftovers(const Layout& layout)
{
    std::error_code ignored; // an initdb that outlived its crudctl may still be writing
    for (const auto& entry : fs::directory_iterator(layout.base, ignored)) {
        for (const std::string_view prefix : leftover_prefixes) {
            if (entry.path().filename().string().starts_with(prefix)) {
                fs::remove_all(entry.path(), ignored);
            }
        }
    }
}

std::string last_lines(std::string_view text, std::size_t count)
{
    std::string result;
    text = trimmed(text);
    for (; count > 0 && !text.empty(); --count) {
        const auto end = text.rfind('\n');
        const auto start = end == std::string_view::npos ? 0 : end + 1;
        result.insert(0, "\n  " + printable(trimmed(text.substr(start))));
        text = trimmed(text.substr(0, start));
    }
    return result;
}

} // namespace crudctl::server
