#pragma once

#include "pg/result.hpp"

#include <chrono>
#include <utility>

namespace crudctl::pg {

class Connection;

/// Cancels what a session is at, from another thread than the one that waits for it; keeps working
/// when the session is gone.
class Canceller {
public:
    explicit Canceller(const Connection& connection);
    /// The same for the session that PQgetCancel() was asked about.
    explicit Canceller(CancelHandle handle) : m_handle(std::move(handle)) {}

    /// Asks the server, by a connection of its own; best effort.
    void cancel() const noexcept;

private:
    CancelHandle m_handle;
};

/// How often a wait tells its observer that it still waits.
inline constexpr std::chrono::milliseconds wait_tick{100};

/// One poll() on a session's socket and on the pipe that signals write to.
enum class Readiness { ready, timeout, interrupted };
Readiness poll_socket(int socket, short events, std::chrono::milliseconds timeout);

} // namespace crudctl::pg
