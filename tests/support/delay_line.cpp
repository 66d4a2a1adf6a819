#include "support/delay_line.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <sys/socket.h>

namespace crudctl::tests {

void DelayLine::put(std::string bytes)
{
    if (bytes.empty()) {
        return; // that would be the end
    }
    m_bytes += bytes.size();
    m_chunks.push_back({std::max(Clock::now(), m_opening) + m_delay, std::move(bytes)});
}

void DelayLine::put_end()
{
    m_chunks.push_back({std::max(Clock::now(), m_opening) + m_delay, {}});
}

std::size_t DelayLine::deliver()
{
    const std::size_t before = m_bytes;
    while (!m_chunks.empty() && m_chunks.front().arrival <= Clock::now() &&
           hand_over(m_chunks.front())) {
        m_chunks.pop_front();
    }
    return before - m_bytes;
}

/// False where the socket takes no more for now.
bool DelayLine::hand_over(Chunk& chunk)
{
    if (chunk.bytes.empty()) {
        ::shutdown(m_socket, SHUT_WR);
        m_is_over = true;
        return true;
    }
    while (chunk.taken < chunk.bytes.size()) {
        const std::size_t left = chunk.bytes.size() - chunk.taken;
        const ssize_t sent =
            ::send(m_socket, chunk.bytes.data() + chunk.taken, left, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EAGAIN) {
            return false;
        }
        const std::size_t count = sent < 0 ? left : static_cast<std::size_t>(sent);
        chunk.taken += count;
        m_bytes -= count;
    }
    return true;
}

DelayLine::Clock::time_point DelayLine::next_arrival() const
{
    return m_chunks.empty() ? Clock::time_point::max() : m_chunks.front().arrival;
}

} // namespace crudctl::tests
