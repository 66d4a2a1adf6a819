#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::tests {

/// Finds where the messages of the Postgres protocol begin and end in the bytes of one direction of
/// a connection, however they are cut into chunks.
class MessageReader {
public:
    enum class Sender { client, server };
    explicit MessageReader(Sender sender) : m_is_starting(sender == Sender::client) {}

    struct Message {
        char type = 0;    // the protocol's, or one of those below
        std::string body; // as much of it as is needed to know the message again
    };
    // What has no type in the protocol: what a client sends first, and how encryption is answered.
    static constexpr char start_up = 1;
    static constexpr char encryption_request = 2;
    static constexpr char cancel_request = 3;
    static constexpr char encryption_answer = 4;

    /// The byte of a chunk where a message begins, or the one behind its last.
    struct Edge {
        enum class Kind { begin, end };
        Kind kind = Kind::begin;
        std::size_t at = 0;
        Message message; // of an end
    };

    /// The edges in the next chunk, in order.
    std::vector<Edge> read(std::string_view chunk);

    /// The client asked for encryption, so the server's next byte is its answer.
    void expect_encryption_answer() noexcept { m_answer_is_due = true; }

private:
    bool is_inside() const noexcept { return !m_header.empty(); }
    std::size_t header_size() const noexcept { return m_is_starting ? 4 : 5; }
    std::size_t take(std::string_view rest);
    Message finished_message();

    bool m_is_starting;
    bool m_answer_is_due = false;
    std::string m_header;
    std::size_t m_missing = 0; // of the body
    std::string m_body;
};

/// The four bytes at `at`, in the order of the network.
std::uint32_t network_number(std::string_view bytes, std::size_t at);

} // namespace crudctl::tests
