#pragma once

#include "commands/lambda/trigger.hpp"
#include "pg/connection.hpp"
#include "pg/error.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace crudctl::commands {

/// The time that an event was given is over.
class TimeIsUp : public Error {
public:
    TimeIsUp();
};

/// The database session of a function, kept from event to event, and replaced where it was lost
/// meanwhile: the process may have been frozen for hours.
class LambdaSession {
public:
    using Deadline = std::chrono::steady_clock::time_point;

    explicit LambdaSession(pg::ConnInfo info);

    /// Connects ahead of the first event. Throws ConnectError, TimeIsUp.
    void connect(Deadline deadline);

    /// Runs the query in a transaction of its own, while no other event's runs in this database;
    /// gives the number of rows it touched. It is sent again, once, where the connection was lost
    /// (whether it had been done can't be known then) or somebody else was quicker: it must be one
    /// that does its work once. Throws TimeIsUp, ConnectError, ConnectionLost, ServerError.
    std::size_t run(const LambdaQuery& query, std::span<const std::optional<std::string>> values,
                    Deadline deadline);

private:
    std::size_t try_once(const LambdaQuery& query,
                         std::span<const std::optional<std::string>> values, Deadline deadline);
    /// Drops a session that lay idle and does not answer at once: other than with a lock, which may
    /// have to be waited for, that says that it is dead.
    void probe(Deadline deadline);
    void roll_back(Deadline deadline);
    void limit(Deadline deadline) { m_limit = deadline; }

    pg::ConnInfo m_info;
    Deadline m_limit; // of what is being waited for
    std::chrono::system_clock::time_point m_last_use;
    std::unique_ptr<pg::Connection> m_connection;
};

/// The server's message without any of these values, nor what else it may quote of a row: for a
/// log that more people read than the database. Detail and context are left out altogether.
std::string logged_message(const pg::Diagnostic& diagnostic,
                           std::span<const std::optional<std::string>> values);

/// The text without any of these values.
std::string without_values(std::string text, std::span<const std::optional<std::string>> values);

} // namespace crudctl::commands
