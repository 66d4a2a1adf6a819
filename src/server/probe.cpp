#include "server/probe.hpp"

#include "pg/connection.hpp"
#include "pg/error.hpp"
#include "support/system/file.hpp"
#include "support/text/text.hpp"

#include <cerrno>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace crudctl::server {

Probe probe(const pg::ConnInfo& info, const Layout& layout, std::chrono::seconds timeout)
{
    Probe result;
    result.info = info;
    try {
        pg::Connection connection(info.with("connect_timeout", std::to_string(timeout.count())));
        const auto data = connection.exec("select current_setting('data_directory')").scalar();
        result.answer = data == layout.data().string() ? Answer::ours : Answer::foreign;
        result.version = connection.parameter("server_version");
    } catch (const pg::ConnectError& error) {
        result.message = error.what();
        result.answer = error.sqlstate().empty()                               ? Answer::nobody
                        : error.sqlstate() == pg::sqlstate::cannot_connect_now ? Answer::not_yet
                                                                               : Answer::refusing;
    } catch (const pg::ConnectionLost& error) {
        result.message = error.what();
        result.answer = Answer::not_yet; // it shut down between our log-in and our question
    } catch (const pg::ServerError& error) {
        result.message = error.what();
        result.answer = Answer::not_yet; // 57P01 for the same reason
    }
    return result;
}

pg::ConnInfo socket_info(const State& state)
{
    return pg::ConnInfo()
        .with("host", state.socket_folder.string())
        .with("port", std::to_string(state.port))
        .with("user", "postgres")
        .with("dbname", "postgres");
}

std::optional<pg::ConnInfo> tcp_info(const Layout& layout, const State& state)
{
    if (!is_there(layout.password())) {
        return std::nullopt;
    }
    constexpr std::size_t more_than_enough = 4096;
    const FileContent password = read_file(layout.password(), more_than_enough);
    return socket_info(state)
        .with("host", "127.0.0.1")
        .with_password(Secret(std::string(trimmed(password.text))));
}

bool port_is_free(int port)
{
    const Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int yes = 1; // as Postgres does: connections that only linger don't count
    ::setsockopt(listener.number(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ::bind(listener.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
               0 ||
           errno != EADDRINUSE;
}

} // namespace crudctl::server
