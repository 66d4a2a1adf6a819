#pragma once

#include <chrono>

namespace crudctl::pg {

/// How often a wait tells its observer that it still waits.
inline constexpr std::chrono::milliseconds wait_tick{100};

/// One poll() on a session's socket and on the pipe that signals write to.
enum class Readiness { ready, timeout, interrupted };
Readiness poll_socket(int socket, short events, std::chrono::milliseconds patience);

} // namespace crudctl::pg
