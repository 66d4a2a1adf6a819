#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>

namespace crudctl::tests {

/// What is under way to a socket: each chunk arrives once the delay is over, however many others
/// are under way with it.
class DelayLine {
public:
    using Clock = std::chrono::steady_clock;

    /// Nothing sets out before `opening`.
    DelayLine(int socket, std::chrono::microseconds delay, Clock::time_point opening)
        : m_socket(socket), m_delay(delay), m_opening(opening)
    {}

    void put(std::string bytes);
    /// Behind all that was put, the socket is told that nothing more comes.
    void put_end();

    /// Hands over what has arrived, as far as the socket takes it; gives how many bytes that was.
    /// What nobody takes any more is lost.
    std::size_t deliver();

    bool is_full() const noexcept { return m_bytes > most_bytes; }
    bool is_empty() const noexcept { return m_chunks.empty(); }
    /// The end has arrived.
    bool is_over() const noexcept { return m_is_over; }
    /// The far future where nothing is under way.
    Clock::time_point next_arrival() const;

private:
    /// Enough for a gigabyte a second at a round trip of 100 ms.
    static constexpr std::size_t most_bytes = std::size_t{64} << 20U;

    struct Chunk {
        Clock::time_point arrival;
        std::string bytes; // none: the end
        std::size_t taken = 0;
    };
    bool hand_over(Chunk& chunk);

    int m_socket;
    std::chrono::microseconds m_delay;
    Clock::time_point m_opening;
    std::deque<Chunk> m_chunks;
    std::size_t m_bytes = 0;
    bool m_is_over = false;
};

} // namespace crudctl::tests
