#pragma once

#include "server/binaries.hpp"
#include "server/layout.hpp"
#include "server/probe.hpp"
#include "server/state.hpp"
#include "support/process/environment.hpp"
#include "support/process/process.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::server {

/// How long the parts of a start or a stop may take.
struct Timeouts {
    std::chrono::seconds answer = std::chrono::seconds(5); // to one log-in
    std::chrono::milliseconds lock = std::chrono::seconds(60);
    std::chrono::milliseconds start = std::chrono::seconds(60); // with a recovery after a crash
    std::chrono::milliseconds stop = std::chrono::seconds(60);
    std::chrono::milliseconds vacate = std::chrono::seconds(10); // what is left of a killed server
};

/// What a start is made from.
struct StartRequest {
    Layout layout;
    Binaries binaries;
    std::optional<Account> account;
    std::filesystem::path socket_folder;
    int port = 0;
    enum class Port { fixed, may_move } port_is = Port::fixed;
    Environment environment;
    Timeouts timeouts;
};

/// Starts the server on data that nobody holds and waits until it answers; records its port. Throws
/// Error(external) with the last lines of its log, Error(failed) where its port is taken.
State start_server(const StartRequest& request, ProcessRunner& processes);

/// Waits until no process holds the data, or until one of them answers as our server: then gives
/// how to reach it. Takes away a postmaster.pid that would stop a start and belongs to no server.
/// Throws Error(busy) where neither comes about in time, Error(connection) where it lets nobody in.
std::optional<Probe> wait_for_holders(const Layout& layout, const Timeouts& timeouts);

/// How to reach the server that works on these data now, if any: over the socket, else over TCP.
Probe probe_anyhow(const Layout& layout, const Timeouts& timeouts);

/// Throws Error(failed) where Postgres would refuse the data directory for its mode.
void check_data_mode(const Layout& layout);

} // namespace crudctl::server
