#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace crudctl::script {

/// Finds out who holds the lock that a statement waits for, while it still waits: afterwards nobody
/// can tell. Costs nothing until most of the time is up.
class LockWatch {
public:
    /// `find_blockers` may be empty; `timeout` 0 looks after some seconds.
    LockWatch(std::function<std::string()> find_blockers, std::chrono::milliseconds timeout);

    /// A statement, or a batch of them, is on its way.
    void begin();
    /// Some time has passed.
    void tick();
    /// Who kept it waiting when it was last looked at; empty for nobody.
    const std::string& blockers() const noexcept { return m_blockers; }

private:
    using Clock = std::chrono::steady_clock;

    std::function<std::string()> m_find_blockers;
    std::chrono::milliseconds m_timeout;
    Clock::time_point m_next;
    std::string m_blockers;
};

} // namespace crudctl::script
