#pragma once

#include "support/system/file.hpp"
#include "support/traffic.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <thread>

namespace crudctl::tests {

/// A port on loopback that passes everything on to a Postgres server without TLS, counts it, and
/// can be made as distant as a server elsewhere, or cut a connection at a given message.
class Proxy {
public:
    struct Options {
        /// Half of it passes in each direction before a byte arrives; that limits how soon, not how
        /// much. Opening a connection takes one, too: loopback gives it away, so the first bytes
        /// wait for it.
        std::chrono::microseconds round_trip{0};
        /// The client sees its connection closed; the server sees the end of its input, and may
        /// answer into the void. Happens once: later connections go through.
        std::optional<Cut> cut;
        /// Whoever comes after the cut is refused, as by a server that is down.
        bool stays_cut = false;
        /// The server does not learn of the cut before traffic() is asked for: its session stays. A
        /// log-in is ended all the same: Postgres 15 lets every DROP DATABASE wait for one that
        /// stands still, until its authentication_timeout.
        bool is_half_open = false;
        /// Both ends of the connection that is cut are told so by a reset instead of an end.
        bool is_reset = false;
        /// Every byte goes in a segment of its own.
        bool is_in_bytes = false;
        /// Called at the message where the connection would be cut, and it isn't: everything waits
        /// until this returns, and goes on.
        std::function<void()> instead_of_cutting = nullptr;
    };
    Proxy(int server_port, const Options& options);
    explicit Proxy(int server_port) : Proxy(server_port, Options{}) {}
    /// Ends all connections.
    ~Proxy();
    Proxy(const Proxy&) = delete;
    Proxy& operator=(const Proxy&) = delete;

    std::string port() const { return std::to_string(m_port); }

    /// Waits until both ends of every connection are gone (of a server's end: until its backend
    /// is), so that nothing is missing in it. Throws std::runtime_error where that takes more than
    /// ten seconds, and where something else than Postgres was spoken.
    Traffic traffic() const;

private:
    void serve();
    void relay(Descriptor client);

    int m_server_port;
    Options m_options;
    Ledger m_ledger;
    Descriptor m_listener;
    int m_port = 0;
    std::atomic<bool> m_is_ending = false;
    std::atomic<bool> m_has_failed = false;
    std::atomic<int> m_open_connections = 0;
    mutable std::atomic<bool> m_is_awaited = false;
    std::thread m_thread;
};

} // namespace crudctl::tests
