#pragma once

#include "pg/conn_info.hpp"
#include "pg/connection.hpp"
#include "server/layout.hpp"
#include "server/startup.hpp"
#include "support/process/environment.hpp"
#include "support/process/process.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace crudctl::server {

struct ServerOptions {
    std::string project_name;
    std::filesystem::path project_root;
    std::filesystem::path data_directory; // empty: chosen
    std::filesystem::path binaries;       // empty: chosen
    std::optional<int> port;              // empty: chosen once
    Environment environment;
    Timeouts timeouts;
};

/// `broken` says why in ServerStatus::problem: data that this machine can't serve, or a process
/// that has them and does not answer.
enum class ServerState { absent, stopped, running, broken };

struct ServerStatus {
    ServerState state = ServerState::absent;
    std::filesystem::path data_directory; // the whole of the server: data, log, socket, password
    std::filesystem::path socket_directory;
    std::filesystem::path log;
    std::filesystem::path binaries; // empty where none fits
    std::string version;            // of the running server, else of the binaries
    std::string why_binaries;
    int port = 0;
    long pid = 0; // 0 where it doesn't run
    std::string problem;
};

/// What has to be done before the server can be used; `make` includes the start.
enum class Pending { nothing, start, make };

/// The Postgres server of one project: made and started on demand, found again by every later run.
class LocalServer {
public:
    /// Looks at nothing but the environment. Throws Error(configuration) where no place for the
    /// data can be told.
    LocalServer(ServerOptions options, ProcessRunner& processes);

    /// What there is; changes nothing, and throws only for a signal.
    ServerStatus status() const;

    /// What ensure_running() would have to do; does none of it. Throws where no Postgres is
    /// installed that fits, and where the data cannot be served.
    Pending pending() const;

    /// Makes the data where they are missing, starts the server where it doesn't run, and gives how
    /// to reach it as superuser: one log-in where it runs already. `on_step` may be empty. Throws
    /// Error with external, failed, busy or connection.
    pg::ConnInfo ensure_running(const std::function<void(std::string_view)>& on_step);

    /// A session as superuser where the server runs; nothing, and nothing started, where it
    /// doesn't. Throws ConnectError where it runs and refuses, e.g. for a missing database.
    std::optional<pg::Connection> connect_if_running(const std::string& database,
                                                     pg::ConnectionObserver observer = {}) const;

    /// Superuser over the Unix socket, database `postgres`; whether it answers is not looked at.
    pg::ConnInfo connection_info() const;

    /// Loopback TCP with the password: what applications connect with. Throws Error(failed) before
    /// the server was made.
    pg::ConnInfo application_info(std::string database) const;

    /// Bytes that its data may still grow by; nothing where that can't be told.
    std::optional<std::size_t> room() const;

    /// True where this is the way to the project's own server: its socket, or its port on this
    /// machine. Never connects.
    bool owns(const pg::ConnInfo& info) const;

    /// Shuts it down, ending its sessions; false where it didn't run. Throws Error(busy) where it
    /// won't end in time.
    bool stop();

    /// Stops it and deletes its folder; whether that is wanted was asked before. Throws
    /// Error(refused) for a folder that isn't crudctl's.
    void remove();

    std::filesystem::path log_file() const { return m_layout.log(); }

private:
    bool has_data() const;
    std::optional<int> data_major() const;
    Binaries binaries() const;
    State planned_state() const;
    bool has_marker() const;
    void make_base() const;
    ServerLock lock() const;
    void create() const;
    StartRequest start_request() const;
    bool stop_locked() const;
    void describe_stopped(ServerStatus& status) const;

    ServerOptions m_options;
    ProcessRunner& m_processes;
    Layout m_layout;
};

} // namespace crudctl::server
