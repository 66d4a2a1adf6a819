#include "support/proxy.hpp"

#include "support/delay_line.hpp"
#include "support/loopback.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <stdexcept>
#include <utility>
#include <vector>

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

namespace crudctl::tests {

namespace {

using Clock = DelayLine::Clock;
using namespace std::chrono_literals;

constexpr std::chrono::nanoseconds longest_wait = 20ms; // how soon an end of the test is noticed
constexpr int longest_poll = static_cast<int>(longest_wait / 1ms);

void send_at_once(const Descriptor& socket)
{
    const int on = 1;
    ::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void reset(Descriptor& socket)
{
    const linger at_once{1, 0};
    ::setsockopt(socket.number(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    socket.close();
}

/// What can be read without waiting for it; empty where nothing more will come.
std::string receive(const Descriptor& socket)
{
    std::array<char, 65536> buffer{};
    const ssize_t count = ::recv(socket.number(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
}

/// Both directions of one connection.
class Relay {
public:
    Relay(Descriptor client, Descriptor server, const Proxy::Options& options, Ledger& ledger)
        : m_client(std::move(client)),
          m_server(std::move(server)),
          m_options(options),
          m_to_server(m_server.number(), options.round_trip / 2, Clock::now() + options.round_trip),
          m_to_client(m_client.number(), options.round_trip / 2, Clock::now() + options.round_trip),
          m_ledger(ledger),
          m_witness(ledger)
    {
        send_at_once(m_client);
        send_at_once(m_server);
    }

    /// Until both ends are gone, or `is_ending`.
    void run(const std::atomic<bool>& is_ending, const std::atomic<bool>& is_awaited)
    {
        while (!is_ending && !is_over() && !is_down()) {
            pass_on();
        }
        if (is_cut() && m_options.is_reset) {
            reset(m_client);
            reset(m_server);
        } else if (is_cut() || is_down()) {
            m_client.close();
            while (m_options.is_half_open && m_witness.is_logged_in() && !is_ending &&
                   !is_awaited) {
                std::this_thread::sleep_for(longest_wait);
            }
            sever(is_ending);
        }
    }

private:
    bool is_cut() const noexcept { return m_cut_line != nullptr; }
    bool is_down() const { return m_options.stays_cut && !is_cut() && m_ledger.was_cut(); }
    bool is_over() const noexcept
    {
        return is_cut() ? m_cut_line->is_empty() : m_to_server.is_over() && m_to_client.is_over();
    }
    bool reads_client() const noexcept
    {
        return !is_cut() && !m_client_has_ended && !m_to_server.is_full();
    }
    bool reads_server() const noexcept
    {
        return !is_cut() && !m_server_has_ended && !m_to_client.is_full();
    }

    void pass_on()
    {
        const Ready ready = wait();
        if (ready.client && reads_client()) {
            std::string bytes = receive(m_client);
            m_client_has_ended = bytes.empty();
            const auto cut = m_witness.client_sent(bytes);
            put(m_to_server, std::move(bytes), cut);
        }
        if (ready.server && reads_server()) {
            std::string bytes = receive(m_server);
            m_server_has_ended = bytes.empty();
            const auto cut = m_witness.server_sent(bytes);
            put(m_to_client, std::move(bytes), cut);
        }
        m_to_server.deliver();
        if (const std::size_t bytes = m_to_client.deliver(); bytes > 0) {
            m_witness.client_heard(bytes);
        }
    }

    struct Ready {
        bool client = false; // something can be read, if only the end
        bool server = false;
    };

    /// Waits until a socket or a delay has something to do.
    Ready wait() const
    {
        const auto now = Clock::now();
        const auto next = std::min(m_to_server.next_arrival(), m_to_client.next_arrival());
        const auto timeout = next <= now ? longest_wait : std::min(longest_wait, next - now);
        std::array<pollfd, 2> waits = {poll_for(m_client, reads_client(), m_to_client, now),
                                       poll_for(m_server, reads_server(), m_to_server, now)};
        const timespec time{0, timeout.count()};
        ::ppoll(waits.data(), waits.size(), &time, nullptr);
        constexpr int readable = POLLIN | POLLHUP | POLLERR;
        return {(waits[0].revents & readable) != 0, (waits[1].revents & readable) != 0};
    }

    static pollfd poll_for(const Descriptor& socket, bool reads, const DelayLine& line,
                           Clock::time_point now)
    {
        const bool writes = line.next_arrival() <= now;
        const auto events = static_cast<short>((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
        // A socket that nothing is wanted of would tell of its hang-up all the same.
        return {events == 0 ? -1 : socket.number(), events, 0};
    }

    void put(DelayLine& line, std::string bytes, std::optional<std::size_t> cut)
    {
        if (cut && m_options.instead_of_cutting) {
            line.put(bytes.substr(0, *cut));
            line.deliver();
            m_options.instead_of_cutting();
            line.put(bytes.substr(*cut));
        } else if (cut) {
            m_cut_line = &line;
            line.put(bytes.substr(0, *cut));
        } else if (bytes.empty()) {
            line.put_end();
        } else if (m_options.is_in_bytes) {
            for (const char byte : bytes) {
                line.put(std::string(1, byte));
            }
        } else {
            line.put(std::move(bytes));
        }
    }

    /// Waits for the server, which may still be at work.
    void sever(const std::atomic<bool>& is_ending)
    {
        ::shutdown(m_server.number(), SHUT_WR);
        while (!is_ending && !m_server_has_ended) {
            pollfd wait{m_server.number(), POLLIN, 0};
            if (::poll(&wait, 1, longest_poll) > 0) {
                m_server_has_ended = receive(m_server).empty();
            }
        }
    }

    Descriptor m_client;
    Descriptor m_server;
    const Proxy::Options& m_options;
    DelayLine m_to_server;
    DelayLine m_to_client;
    const Ledger& m_ledger;
    Witness m_witness;
    DelayLine* m_cut_line = nullptr; // at whose end the connection is cut
    bool m_client_has_ended = false;
    bool m_server_has_ended = false;
};

} // namespace

Proxy::Proxy(int server_port, const Options& options)
    : m_server_port(server_port),
      m_options(options),
      m_ledger(options.cut,
               options.instead_of_cutting ? Ledger::AtCut::goes_on : Ledger::AtCut::ends)
{
    auto [listener, port] = bound_socket();
    m_listener = std::move(listener);
    m_port = port;
    ::listen(m_listener.number(), SOMAXCONN);
    m_thread = std::thread([this] { serve(); });
}

Proxy::~Proxy()
{
    m_is_ending = true;
    m_thread.join();
}

Traffic Proxy::traffic() const
{
    constexpr auto timeout = 10s;
    m_is_awaited = true;
    const auto deadline = Clock::now() + timeout;
    while (m_open_connections > 0) {
        if (Clock::now() > deadline) {
            throw std::runtime_error("a connection through the proxy does not end");
        }
        std::this_thread::sleep_for(1ms);
    }
    if (m_has_failed) {
        throw std::runtime_error("what went through the proxy was not Postgres' protocol");
    }
    return m_ledger.traffic();
}

void Proxy::serve()
{
    std::vector<std::thread> relays;
    while (!m_is_ending) {
        pollfd wait{m_listener.number(), POLLIN, 0};
        if (::poll(&wait, 1, longest_poll) <= 0) {
            continue;
        }
        Descriptor client(::accept4(m_listener.number(), nullptr, nullptr, SOCK_CLOEXEC));
        if (m_options.stays_cut && m_ledger.was_cut()) {
            m_listener.close();
            break;
        }
        ++m_open_connections;
        relays.emplace_back([this, client = std::move(client)]() mutable {
            relay(std::move(client));
            --m_open_connections;
        });
    }
    for (std::thread& relay : relays) {
        relay.join();
    }
}

void Proxy::relay(Descriptor client)
{
    try {
        Relay(std::move(client), connected_socket(m_server_port), m_options, m_ledger)
            .run(m_is_ending, m_is_awaited);
    } catch (const std::runtime_error&) {
        m_has_failed = true;
    }
}

} // namespace crudctl::tests
