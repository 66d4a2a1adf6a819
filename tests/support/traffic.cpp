#include "support/traffic.hpp"

#include "support/text/text.hpp"

#include <map>
#include <utility>

namespace crudctl::tests {

namespace {

using Edge = MessageReader::Edge;
using Message = MessageReader::Message;

constexpr std::size_t shown_columns = 70;
constexpr char query = 'Q';
constexpr char parse = 'P';
constexpr char terminate = 'X';
constexpr char ready_for_query = 'Z';

std::string first_words(std::string_view sql)
{
    std::string words;
    for (const char c : sql.substr(0, sql.find('\0'))) {
        const bool is_space = c == ' ' || c == '\n' || c == '\t';
        if (!is_space) {
            words += c;
        } else if (!words.empty() && words.back() != ' ') {
            words += ' ';
        }
    }
    return shortened(words, shown_columns);
}

std::string text_of(const Message& message)
{
    static const std::map<char, std::string> names = {
        {'B', "Bind"},  {'C', "Close"}, {'D', "Describe"}, {'E', "Execute"},  {'F', "Function"},
        {'H', "Flush"}, {'S', "Sync"},  {'c', "CopyDone"}, {'d', "CopyData"}, {'f', "CopyFail"}};
    const std::string_view body = message.body;
    switch (message.type) {
    case query:
        return "Query: " + first_words(body);
    case parse: // the statement's name goes before its text
        return "Parse: " + first_words(body.substr(body.find('\0') + 1));
    default: {
        const auto name = names.find(message.type);
        return name == names.end() ? std::string(1, message.type) : name->second;
    }
    }
}

} // namespace

Traffic Ledger::traffic() const
{
    const std::lock_guard lock(m_mutex);
    return m_traffic;
}

bool Ledger::was_cut() const
{
    const std::lock_guard lock(m_mutex);
    return m_traffic.was_cut;
}

Witness::Witness(Ledger& ledger) : m_ledger(ledger)
{
    const std::lock_guard lock(m_ledger.m_mutex);
    ++m_ledger.m_traffic.connections;
}

/// Everything the client sent counts, whether or not it was passed on.
std::optional<std::size_t> Witness::client_sent(std::string_view chunk)
{
    const std::lock_guard lock(m_ledger.m_mutex);
    Traffic& traffic = m_ledger.m_traffic;
    traffic.bytes_to_server += chunk.size();
    std::optional<std::size_t> cut;
    for (const Edge& edge : m_client.read(chunk)) {
        if (edge.kind == Edge::Kind::begin) {
            ++traffic.messages_to_server;
        } else {
            take_client_message(edge.message);
        }
        if (cuts_at(Cut::Way::to_server, traffic.messages_to_server, edge)) {
            cut = edge.at;
        }
    }
    return cut;
}

/// What is not passed on does not reach the client, and does not count.
std::optional<std::size_t> Witness::server_sent(std::string_view chunk)
{
    const std::lock_guard lock(m_ledger.m_mutex);
    Traffic& traffic = m_ledger.m_traffic;
    std::optional<std::size_t> cut;
    for (const Edge& edge : m_server.read(chunk)) {
        if (edge.kind == Edge::Kind::begin) {
            ++traffic.messages_to_client;
        } else if (edge.message.type == ready_for_query && !std::exchange(m_is_logged_in, true)) {
            ++traffic.sessions;
        }
        if (cuts_at(Cut::Way::to_client, traffic.messages_to_client, edge)) {
            cut = edge.at;
            if (m_ledger.m_at_cut == Ledger::AtCut::ends) {
                traffic.messages_to_client -= edge.kind == Edge::Kind::begin ? 1 : 0;
                break;
            }
        }
    }
    return cut;
}

void Witness::client_heard(std::size_t bytes)
{
    const std::lock_guard lock(m_ledger.m_mutex);
    m_ledger.m_traffic.bytes_to_client += bytes;
    m_has_heard = true;
}

/// Once: whoever comes later goes through.
bool Witness::cuts_at(Cut::Way way, int message, const Edge& edge)
{
    std::optional<Cut>& cut = m_ledger.m_cut;
    if (!cut || cut->way != way || cut->message != message) {
        return false;
    }
    const bool is_begin = edge.kind == Edge::Kind::begin;
    if (is_begin != (cut->moment == Cut::Moment::before)) {
        return false;
    }
    cut.reset();
    m_ledger.m_traffic.was_cut = true;
    return true;
}

void Witness::take_client_message(const Message& message)
{
    Traffic& traffic = m_ledger.m_traffic;
    switch (message.type) {
    case MessageReader::start_up:
        ++traffic.log_ins;
        break;
    case MessageReader::encryption_request:
        m_server.expect_encryption_answer();
        break;
    case MessageReader::cancel_request:
        ++traffic.cancels;
        return;
    case terminate:
        return;
    default:
        break;
    }
    const bool begins_trip = std::exchange(m_has_heard, false);
    if (!m_is_logged_in) {
        traffic.log_in_trips += begins_trip ? 1 : 0;
    } else if (begins_trip || !m_trip) {
        m_trip = traffic.trips.size();
        traffic.trips.push_back(text_of(message));
    } else {
        std::string& trip = traffic.trips[*m_trip];
        const std::string text = text_of(message);
        if (!trip.ends_with(text)) { // a COPY's data are many
            trip += ", " + text;
        }
    }
}

} // namespace crudctl::tests
