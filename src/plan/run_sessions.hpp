#pragma once

#include "pg/connection.hpp"
#include "plan/executor.hpp"

#include <memory>

namespace crudctl::plan {

/// The two sessions that a run has on the maintenance database.
class RunSessions {
public:
    /// Starts with the runtime's session. The runtime has to outlive this.
    explicit RunSessions(const Runtime& runtime)
        : m_runtime(runtime), m_maintenance(&runtime.maintenance)
    {}

    /// The session that holds the target's lock and changes names.
    pg::Connection& maintenance() const noexcept { return *m_maintenance; }
    /// A second session, for the time in which the first one waits. The first call connects, and
    /// throws pg::ConnectError where it can't.
    pg::Connection& observer();
    /// Replaces a lost maintenance() by a new session. Throws pg::ConnectError, and keeps the old
    /// one then.
    void reconnect();

private:
    std::unique_ptr<pg::Connection> connect() const;

    const Runtime& m_runtime;
    pg::Connection* m_maintenance; // the runtime's, or m_new_maintenance
    std::unique_ptr<pg::Connection> m_new_maintenance;
    std::unique_ptr<pg::Connection> m_observer;
};

} // namespace crudctl::plan
