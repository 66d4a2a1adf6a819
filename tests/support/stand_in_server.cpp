#include "support/stand_in_server.hpp"

#include "support/canary.hpp"
#include "support/loopback.hpp"
#include "support/message_reader.hpp"
#include "support/temp_cluster.hpp"

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

namespace crudctl::tests {

namespace {

constexpr int poll_milliseconds = 20; // how soon an end of the test is noticed

void send_all(int connection, std::string_view text)
{
    while (!text.empty()) {
        const ssize_t count = ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
        if (count <= 0) {
            return;
        }
        text.remove_prefix(static_cast<std::size_t>(count));
    }
}

/// Exactly this many bytes; fewer where the other end hung up.
std::string receive(int connection, std::size_t count)
{
    if (count == 0) {
        return {}; // recv() would wait for a byte all the same
    }
    std::string text(count, '\0');
    const ssize_t received = ::recv(connection, text.data(), count, MSG_WAITALL);
    text.resize(received < 0 ? 0 : static_cast<std::size_t>(received));
    return text;
}

std::string bytes_of(std::uint32_t number)
{
    const std::uint32_t swapped = htonl(number);
    return {reinterpret_cast<const char*>(&swapped), sizeof swapped};
}

std::string message(char type, const std::string& body)
{
    return type + bytes_of(static_cast<std::uint32_t>(body.size() + 4)) + body;
}

/// Reads the start-up message, saying no to encryption before it. False where nobody goes on.
bool receive_startup(int connection)
{
    constexpr std::uint32_t wanted_protocol = 3U << 16U;
    for (;;) {
        const std::string head = receive(connection, 8);
        if (head.size() < 8) {
            return false;
        }
        receive(connection, network_number(head, 0) - 8);
        if (network_number(head, 4) == wanted_protocol) {
            return true;
        }
        send_all(connection, "N");
    }
}

bool pass_on(int from, int to)
{
    std::array<char, 16384> buffer{};
    const ssize_t count = ::recv(from, buffer.data(), buffer.size(), 0);
    if (count <= 0) {
        return false;
    }
    send_all(to, {buffer.data(), static_cast<std::size_t>(count)});
    return true;
}

} // namespace

StandInServer::StandInServer(Conversation conversation, std::chrono::milliseconds silence)
    : m_conversation(std::move(conversation))
{
    auto [listener, port] = bound_socket();
    m_listener = std::move(listener);
    m_port = port;
    if (silence.count() == 0) {
        ::listen(m_listener.number(), SOMAXCONN);
    }
    m_thread = std::thread([this, silence] { serve(silence); });
}

StandInServer::~StandInServer()
{
    m_is_ending = true;
    m_thread.join();
}

std::string StandInServer::url(const std::string& parameters) const
{
    return fmt::format("postgresql://ann:{}@127.0.0.1:{}/cruddur{}", canary_in_url(), m_port,
                       parameters);
}

void StandInServer::serve(std::chrono::milliseconds silence)
{
    std::this_thread::sleep_for(silence);
    ::listen(m_listener.number(), SOMAXCONN);
    std::vector<std::thread> conversations;
    while (!m_is_ending) {
        pollfd wait{m_listener.number(), POLLIN, 0};
        if (::poll(&wait, 1, poll_milliseconds) <= 0) {
            continue;
        }
        const int number = ++m_connections;
        const int accepted = ::accept4(m_listener.number(), nullptr, nullptr, SOCK_CLOEXEC);
        conversations.emplace_back([this, number, connection = Descriptor(accepted)] {
            m_conversation(connection.number(), number);
        });
    }
    for (std::thread& conversation : conversations) {
        conversation.join();
    }
}

void say_nothing(int connection, int /*number*/)
{
    while (!receive(connection, 1).empty()) {}
}

void answer_http(int connection, int /*number*/)
{
    receive(connection, 8);
    send_all(connection, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
}

void hang_up(int connection, int /*number*/)
{
    receive(connection, 8);
}

StandInServer::Conversation refuse(std::string sqlstate, std::string text)
{
    return [sqlstate = std::move(sqlstate), text = std::move(text)](int connection, int) {
        if (receive_startup(connection)) {
            const char end = '\0';
            send_all(connection, message('E', std::string("SFATAL") + end + "VFATAL" + end + "C" +
                                                  sqlstate + end + "M" + text + end + end));
        }
    };
}

StandInServer::Conversation let_in(std::map<std::string, std::string> parameters)
{
    return [parameters = std::move(parameters)](int connection, int number) {
        if (!receive_startup(connection)) {
            return;
        }
        std::string answer = message('R', bytes_of(0));
        for (const auto& [name, value] : parameters) {
            const char end = '\0';
            answer += message('S', name + end + value + end);
        }
        answer += message('K', bytes_of(1) + bytes_of(1));
        answer += message('Z', "I");
        send_all(connection, answer);
        say_nothing(connection, number);
    };
}

void relay_to_cluster(int connection)
{
    const Descriptor server = connected_socket(std::stoi(TestCluster::running().port()));
    for (;;) {
        std::array<pollfd, 2> waits = {pollfd{connection, POLLIN, 0},
                                       pollfd{server.number(), POLLIN, 0}};
        ::poll(waits.data(), waits.size(), -1);
        if ((waits[0].revents != 0 && !pass_on(connection, server.number())) ||
            (waits[1].revents != 0 && !pass_on(server.number(), connection))) {
            return;
        }
    }
}

BlackHole::BlackHole()
{
    auto [listener, port] = bound_socket();
    m_listener = std::move(listener);
    m_port = port;
    ::listen(m_listener.number(), 0);
    constexpr int more_than_the_queue_holds = 3;
    const sockaddr_in address = loopback(m_port);
    for (int i = 0; i < more_than_the_queue_holds; ++i) {
        m_callers.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        ::connect(m_callers.back().number(), reinterpret_cast<const sockaddr*>(&address),
                  sizeof address);
    }
}

} // namespace crudctl::tests
