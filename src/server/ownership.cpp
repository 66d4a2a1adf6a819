#include "server/account.hpp"
#include "server/initdb.hpp"
#include "server/local_server.hpp"
#include "server/process_table.hpp"
#include "support/error.hpp"
#include "support/system/file.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

namespace crudctl::server {

namespace fs = std::filesystem;

namespace {

using namespace std::chrono_literals;

/// Names that two runs at once may have made before the marker stands.
bool may_precede_marker(const std::string& name)
{
    return name == "lock" || name.starts_with("crudctl-server");
}

bool holds_foreign_files(const fs::path& folder)
{
    std::error_code unreadable;
    const fs::directory_iterator entries(folder, unreadable);
    return std::any_of(fs::begin(entries), fs::end(entries), [](const fs::directory_entry& entry) {
        return !may_precede_marker(entry.path().filename().string());
    });
}

[[noreturn]] void throw_foreign(const fs::path& folder)
{
    throw Error(ExitCode::refused,
                fmt::format("the folder \"{}\" is not crudctl's own: it has other files in it",
                            folder.string()),
                "set server.data_directory to a folder that is empty or does not exist yet");
}

} // namespace

bool LocalServer::has_marker() const
{
    return is_there(m_layout.marker());
}

void LocalServer::make_base() const
{
    if (!is_there(m_layout.base)) {
        make_folders(m_layout.base.parent_path());
        // Root's server runs under another account, which has to come through, not to look around.
        make_folder(m_layout.base, ::geteuid() == 0 ? 0711 : 0700, std::nullopt);
    }
    // In this order: another run at the same time sets the marker before it makes anything else.
    if (holds_foreign_files(m_layout.base) && !has_marker()) {
        throw_foreign(m_layout.base);
    }
}

ServerLock LocalServer::lock() const
{
    for (;;) {
        make_base();
        ServerLock lock(m_layout, m_options.timeouts.lock);
        if (!lock.is_current()) {
            continue; // the folder was deleted while we waited
        }
        if (!has_marker()) {
            write_file(m_layout.marker(),
                       fmt::format("The Postgres server of \"{}\". To delete it: crudctl server "
                                   "delete\n",
                                   m_options.project_root.string()));
        }
        return lock;
    }
}

bool LocalServer::stop()
{
    if (!has_data()) {
        return false;
    }
    const ServerLock only_us = lock();
    return stop_locked();
}

bool LocalServer::stop_locked() const
{
    const auto file = read_pid_file(m_layout.data());
    if (!file || holds_data(file->process, m_layout) == Holds::no ||
        (holds_data(file->process, m_layout) == Holds::unknown &&
         probe_anyhow(m_layout, m_options.timeouts).answer != Answer::ours)) {
        return false;
    }
    // SIGINT is the fast shutdown: sessions end, nothing is lost.
    if (::kill(file->process, SIGINT) != 0 && errno != ESRCH) {
        throw Error(ExitCode::failed, fmt::format("cannot stop the server (process {}): {}",
                                                  file->process, error_text(errno)));
    }
    const auto deadline = std::chrono::steady_clock::now() + m_options.timeouts.stop;
    while (!m_processes.ended(file->process) && is_alive(file->process)) {
        if (std::chrono::steady_clock::now() > deadline) {
            throw Error(ExitCode::busy, fmt::format("the server (process {}) is shutting down but "
                                                    "not done yet",
                                                    file->process));
        }
        pause_for(20ms);
    }
    return true;
}

void LocalServer::remove()
{
    if (!is_there(m_layout.base)) {
        return;
    }
    if (!has_marker()) {
        throw_foreign(m_layout.base);
    }
    const ServerLock only_us = lock();
    stop_locked();
    if (has_data()) {
        // Under its old name a half-deleted data directory would look like a whole one.
        const fs::path rubbish = m_layout.base / fmt::format("removed.{}", ::getpid());
        rename_path(m_layout.data(), rubbish);
        remove_path(rubbish);
    }
    remove_leftovers(m_layout);
    for (const fs::path& path :
         {socket_folder_for(m_layout, m_options.environment), m_layout.password(), m_layout.state(),
          m_layout.log(), fs::path(m_layout.log().string() + ".1"), m_layout.marker(),
          m_layout.lock()}) {
        remove_path(path);
    }
    std::error_code not_empty;
    fs::remove(m_layout.base, not_empty); // a file of somebody else's in it stays, and so does it
}

} // namespace crudctl::server
