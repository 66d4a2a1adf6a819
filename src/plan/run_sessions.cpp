#include "plan/run_sessions.hpp"

namespace crudctl::plan {

std::unique_ptr<pg::Connection> RunSessions::connect() const
{
    return m_runtime.connect(m_maintenance->info().database());
}

pg::Connection& RunSessions::observer()
{
    if (!m_observer) {
        m_observer = connect();
    }
    return *m_observer;
}

void RunSessions::reconnect()
{
    m_new_maintenance = connect();
    m_maintenance = m_new_maintenance.get();
}

} // namespace crudctl::plan
