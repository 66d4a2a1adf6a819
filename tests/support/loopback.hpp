#pragma once

#include "support/system/file.hpp"

#include <netinet/in.h>

namespace crudctl::tests {

/// 127.0.0.1 with this port.
sockaddr_in loopback(int port);

/// A socket that does not block and has a port of its own on loopback; it does not listen yet.
struct BoundSocket {
    Descriptor socket;
    int port = 0;
};
BoundSocket bound_socket();

/// A connection to a port on loopback. Throws std::runtime_error where nobody listens.
Descriptor connected_socket(int port);

/// A port that was free a moment ago; who takes it meanwhile makes a start fail, not go wrong.
int free_port();

} // namespace crudctl::tests
