#pragma once

#include "support/message_reader.hpp"

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::tests {

/// What passed through a proxy, counted where the client stands: what it sent, what reached it.
struct Traffic {
    int connections = 0;
    int log_ins = 0;  // start-up messages
    int sessions = 0; // log-ins that the client saw succeed
    int cancels = 0;
    /// A round trip begins with the first message that a client sends after having heard from the
    /// server (a client that waits for nothing makes none); the log-ins' own are counted apart, and
    /// saying goodbye is none.
    int log_in_trips = 0;
    std::vector<std::string> trips; // what the client sent in each, in few words
    int messages_to_server = 0;
    int messages_to_client = 0;
    std::size_t bytes_to_server = 0;
    std::size_t bytes_to_client = 0;
    bool was_cut = false;
};

/// The one message, counted from 1 over all connections, at which a connection is cut.
struct Cut {
    enum class Way { to_server, to_client };
    enum class Moment { before, after }; // it was passed on
    Way way = Way::to_server;
    int message = 0;
    Moment moment = Moment::before;
};

/// The traffic of all connections, written down by their threads.
class Ledger {
public:
    enum class AtCut { ends, goes_on };
    Ledger(std::optional<Cut> cut, AtCut at_cut) : m_cut(cut), m_at_cut(at_cut) {}

    Traffic traffic() const;
    bool was_cut() const;

private:
    friend class Witness;

    mutable std::mutex m_mutex;
    Traffic m_traffic;
    std::optional<Cut> m_cut;
    AtCut m_at_cut;
};

/// Reads along on one connection and writes into the ledger. What throws std::runtime_error here is
/// no Postgres.
class Witness {
public:
    explicit Witness(Ledger& ledger);

    /// Give how many bytes of the chunk are to be passed on before the connection is cut; nothing
    /// where it isn't.
    std::optional<std::size_t> client_sent(std::string_view chunk);
    std::optional<std::size_t> server_sent(std::string_view chunk);
    bool is_logged_in() const noexcept { return m_is_logged_in; }
    /// Some bytes have reached the client.
    void client_heard(std::size_t bytes);

private:
    bool cuts_at(Cut::Way way, int message, const MessageReader::Edge& edge);
    void take_client_message(const MessageReader::Message& message);

    Ledger& m_ledger;
    MessageReader m_client{MessageReader::Sender::client};
    MessageReader m_server{MessageReader::Sender::server};
    bool m_has_heard = true; // a first message waits for nothing, and still begins a round trip
    bool m_is_logged_in = false;
    std::optional<std::size_t> m_trip; // the one under way
};

} // namespace crudctl::tests
