#include "support/loopback.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>

#include <arpa/inet.h>
#include <sys/socket.h>

namespace crudctl::tests {

sockaddr_in loopback(int port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    address.sin_port = ::htons(static_cast<std::uint16_t>(port));
    return address;
}

BoundSocket bound_socket()
{
    BoundSocket result;
    result.socket = Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(result.socket.number(), generic, size) != 0 ||
        ::getsockname(result.socket.number(), generic, &size) != 0) {
        throw std::runtime_error("cannot find a free port");
    }
    result.port = ntohs(address.sin_port);
    return result;
}

Descriptor connected_socket(int port)
{
    Descriptor result(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in address = loopback(port);
    if (::connect(result.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
        0) {
        throw std::runtime_error("nobody listens on port " + std::to_string(port));
    }
    return result;
}

int free_port()
{
    return bound_socket().port;
}

} // namespace crudctl::tests
