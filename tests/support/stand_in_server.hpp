#pragma once

#include "support/system/file.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace crudctl::tests {

/// Something else than a Postgres server on a loopback port, or one that is not ready yet.
class StandInServer {
public:
    /// What is said over one connection, which is closed when it returns; `number` counts them from
    /// 1.
    using Conversation = std::function<void(int connection, int number)>;

    /// Until `silence` is over its port refuses connections; nobody else gets it meanwhile.
    explicit StandInServer(Conversation conversation, std::chrono::milliseconds silence = {});
    ~StandInServer();
    StandInServer(const StandInServer&) = delete;
    StandInServer& operator=(const StandInServer&) = delete;

    std::string port() const { return std::to_string(m_port); }
    /// A URL for this port, with the canary as password.
    std::string url(const std::string& parameters = {}) const;
    /// How many connections came.
    int connections() const noexcept { return m_connections; }

private:
    void serve(std::chrono::milliseconds silence);

    Conversation m_conversation;
    Descriptor m_listener;
    int m_port = 0;
    std::atomic<bool> m_is_ending = false;
    std::atomic<int> m_connections = 0;
    std::thread m_thread;
};

/// Takes the connection and says nothing until the other end hangs up.
void say_nothing(int connection, int number);
/// Answers whatever comes as a web server would.
void answer_http(int connection, int number);
/// Closes the connection as soon as something came, as a proxy that takes nothing but TLS does.
void hang_up(int connection, int number);
/// Refuses the log-in with this SQLSTATE and message.
StandInServer::Conversation refuse(std::string sqlstate, std::string message);
/// Lets everybody in, says these parameters of itself, and answers nothing more.
StandInServer::Conversation let_in(std::map<std::string, std::string> parameters);
/// Passes everything on to the test cluster, both ways, until one end hangs up.
void relay_to_cluster(int connection);

/// A port whose connections are never answered, as behind a firewall that drops the packets: it
/// listens, and its queue is full.
class BlackHole {
public:
    BlackHole();
    std::string port() const { return std::to_string(m_port); }

private:
    Descriptor m_listener;
    std::vector<Descriptor> m_callers;
    int m_port = 0;
};

} // namespace crudctl::tests
