#pragma once

#include "pg/conn_info.hpp"
#include "server/layout.hpp"
#include "server/state.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace crudctl::server {

/// Who is there when we log in.
enum class Answer {
    ours,     // a server that works on our data directory
    foreign,  // a server that works on another one
    refusing, // one that lets nobody in: no slot is free, pg_hba.conf was changed …
    not_yet,  // one that is starting up or shutting down
    nobody,
};

struct Probe {
    Answer answer = Answer::nobody;
    pg::ConnInfo info;   // what was tried
    std::string version; // of a server of ours
    std::string message; // of a log-in that failed
};

/// Logs in once and asks which data directory the server works on: the only test of "it runs" that
/// a left-over file or a recycled process id cannot deceive. A server that hangs is nobody.
Probe probe(const pg::ConnInfo& info, const Layout& layout, std::chrono::seconds timeout);

/// Superuser over the Unix socket, database `postgres`.
pg::ConnInfo socket_info(const State& state);
/// Superuser over loopback TCP with the password. Nothing where there is no password file.
std::optional<pg::ConnInfo> tcp_info(const Layout& layout, const State& state);

/// True where nobody listens on this port of 127.0.0.1.
bool port_is_free(int port);

} // namespace crudctl::server
