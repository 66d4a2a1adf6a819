#pragma once

#include "support/system/file.hpp"

#include <netinet/in.h>

namespace crudctl::tests {

/// 127.0.0.1 with this port.
sockaddr_in loopback(int port);

/// A socket that does not block and has this port of loopback, 0: a free one; it does not listen
/// yet. Throws std::runtime_error where the port is taken.
struct BoundSocket {
    Descriptor socket;
    int port = 0;
};
BoundSocket bound_socket(int port = 0);

/// A connection to a port on loopback. Throws std::runtime_error where nobody listens.
Descriptor connected_socket(int port);

/// A port that was free a moment ago, and none of those that outgoing connections get; who takes it
/// meanwhile makes a start fail, not go wrong.
int free_port();

} // namespace crudctl::tests
