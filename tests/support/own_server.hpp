#pragma once

#include "server/local_server.hpp"
#include "support/temp_folder.hpp"

#include <filesystem>
#include <functional>
#include <string>

#include <sys/types.h>

namespace crudctl::tests {

/// A project with a server of its own below a temporary folder; stopped and deleted at the end of
/// its life. Root's server runs under another account, so the folder lets everybody through.
class OwnServer {
public:
    /// `place` is the data directory, relative to the temporary folder.
    explicit OwnServer(const std::string& place = "server");
    ~OwnServer();
    OwnServer(const OwnServer&) = delete;
    OwnServer& operator=(const OwnServer&) = delete;

    server::ServerOptions options;

    /// As if an earlier run had made the server's data; quicker than initdb.
    void make();

    /// A new LocalServer: as another run of crudctl would have.
    server::LocalServer instance() { return {options, m_processes}; }
    pg::ConnInfo start() { return instance().ensure_running({}); }
    server::ServerStatus status() { return instance().status(); }

    const std::filesystem::path& base() const { return options.data_directory; }
    std::filesystem::path data() const { return base() / "data"; }
    std::filesystem::path folder() const { return m_folder.path(); }
    ProcessRunner& processes() { return m_processes; }

private:
    TempFolder m_folder{0755};
    ProcessRunner m_processes;
};

/// Runs `work` in a process of its own, in a process group of its own, which ends with 0, or with
/// the code of the Error that `work` threw; gives the process id.
pid_t in_child(const std::function<void()>& work);
/// Waits for such a process: its exit code, or 128 + the signal that ended it.
int exit_code_of_child(pid_t child);
/// Asks again and again until it is true; false after a generous time.
bool eventually(const std::function<bool()>& condition);

} // namespace crudctl::tests
