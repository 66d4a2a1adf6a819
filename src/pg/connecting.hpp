#pragma once

#include "pg/conn_info.hpp"
#include "pg/result.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace crudctl::pg {

/// How far a connection is wanted.
enum class Stage {
    encryption, // TLS is settled, and nothing of a user or a password was sent
    log_in,
};

/// Begins to connect; nothing was waited for yet. Throws Error(connection) where there is no
/// memory, and what a source of passwords throws.
ConnHandle start_connecting(const ConnInfo& info);

/// Waits until it is that far; connect_timeout holds for each address. `on_wait`, which may be
/// empty, is called about ten times a second. Throws ConnectError, and Error(interrupted|
/// terminated) as soon as a signal comes.
void go_on_connecting(PGconn* handle, const ConnInfo& info, Stage stage,
                      const std::function<void()>& on_wait);

/// "TLSv1.3"; empty where it is not encrypted.
std::string tls_version(PGconn* handle);

/// How long one address may take to answer: connect_timeout, or what holds without one.
std::chrono::seconds connect_timeout_of(const ConnInfo& info);

} // namespace crudctl::pg
