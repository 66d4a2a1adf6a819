#include "pg/canceller.hpp"

#include "pg/connection.hpp"
#include "support/process/interrupt.hpp"

#include <array>

#include <poll.h>

namespace crudctl::pg {

Canceller::Canceller(const Connection& connection) : m_handle(connection.cancel_handle()) {}

void Canceller::cancel() const noexcept
{
    std::array<char, 256> message{};
    PQcancel(m_handle.get(), message.data(), static_cast<int>(message.size()));
}

Readiness poll_socket(int socket, short events, std::chrono::milliseconds timeout)
{
    std::array<pollfd, 2> waits = {pollfd{socket, events, 0},
                                   pollfd{interrupt::descriptor(), POLLIN, 0}};
    const int count = ::poll(waits.data(), waits.size(), static_cast<int>(timeout.count()));
    if (count < 0 || waits[1].revents != 0) {
        return interrupt::pending() ? Readiness::interrupted : Readiness::timeout;
    }
    return waits[0].revents != 0 ? Readiness::ready : Readiness::timeout;
}

} // namespace crudctl::pg
