#include "support/loopback.hpp"

#include <cstdint>
#include <random>
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

BoundSocket bound_socket(int port)
{
    BoundSocket result;
    result.socket = Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_in address = loopback(port);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(result.socket.number(), generic, size) != 0 ||
        ::getsockname(result.socket.number(), generic, &size) != 0) {
        throw std::runtime_error("cannot bind port " + std::to_string(port));
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
    constexpr int first = 10000;
    constexpr int last = 19999;
    std::uniform_int_distribution<int> any(first, last);
    std::random_device device;
    for (int attempt = 0; attempt < 100; ++attempt) {
        try {
            return bound_socket(any(device)).port;
        } catch (const std::runtime_error&) {
            // The next one.
        }
    }
    throw std::runtime_error("cannot find a free port");
}

} // namespace crudctl::tests
