#include "support/message_reader.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>

namespace crudctl::tests {

namespace {

constexpr std::size_t kept_bytes = 200;
constexpr std::size_t length_size = 4;          // a length counts itself
constexpr std::size_t longest_start_up = 10000; // as the server has it

constexpr std::uint32_t protocol_3 = 3U << 16U;
constexpr std::uint32_t cancel_code = 80877102;
constexpr std::uint32_t tls_code = 80877103;
constexpr std::uint32_t gss_code = 80877104;

char type_of_first(std::uint32_t code)
{
    switch (code) {
    case protocol_3:
        return MessageReader::start_up;
    case cancel_code:
        return MessageReader::cancel_request;
    case tls_code:
    case gss_code:
        return MessageReader::encryption_request;
    default:
        throw std::runtime_error("a connection begins like none of Postgres' protocol");
    }
}

} // namespace

std::vector<MessageReader::Edge> MessageReader::read(std::string_view chunk)
{
    std::vector<Edge> edges;
    for (std::size_t at = 0; at < chunk.size();) {
        if (!is_inside()) {
            edges.push_back({Edge::Kind::begin, at, {}});
        }
        if (std::exchange(m_answer_is_due, false)) {
            ++at;
            edges.push_back({Edge::Kind::end, at, {encryption_answer, ""}});
            continue;
        }
        at += take(chunk.substr(at));
        if (m_header.size() == header_size() && m_missing == 0) {
            edges.push_back({Edge::Kind::end, at, finished_message()});
        }
    }
    return edges;
}

/// Takes some of the message at hand and gives how many bytes that were.
std::size_t MessageReader::take(std::string_view rest)
{
    if (m_header.size() < header_size()) {
        const std::size_t count = std::min(rest.size(), header_size() - m_header.size());
        m_header += rest.substr(0, count);
        if (m_header.size() == header_size()) {
            const std::uint32_t length = network_number(m_header, header_size() - length_size);
            if (length < length_size || (m_is_starting && length > longest_start_up)) {
                throw std::runtime_error("a message has an impossible length");
            }
            m_missing = length - length_size;
        }
        return count;
    }
    const std::size_t count = std::min(rest.size(), m_missing);
    m_body += rest.substr(0, std::min(count, kept_bytes - m_body.size()));
    m_missing -= count;
    return count;
}

MessageReader::Message MessageReader::finished_message()
{
    Message message{m_header.front(), std::exchange(m_body, {})};
    m_header.clear();
    if (m_is_starting) {
        message.type = type_of_first(network_number(message.body, 0));
        m_is_starting = message.type == encryption_request;
    }
    return message;
}

std::uint32_t network_number(std::string_view bytes, std::size_t at)
{
    std::uint32_t number = 0;
    if (bytes.copy(reinterpret_cast<char*>(&number), sizeof number, at) < sizeof number) {
        throw std::runtime_error("a message is too short for its number");
    }
    return ntohl(number);
}

} // namespace crudctl::tests
