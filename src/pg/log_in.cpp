#include "pg/connecting.hpp"
#include "pg/connection.hpp"
#include "pg/diagnostic.hpp"

namespace crudctl::pg {

void Connection::log_in()
{
    m_handle = start_connecting(m_info);
    PGconn* handle = m_handle.get();
    m_watch->handle = handle;
    PQsetNoticeReceiver(handle, receive_notice, m_watch.get());
    go_on_connecting(handle, m_info, Stage::log_in, [this] { m_watch->tell_waiting(); });
    PQsetErrorVerbosity(handle, PQERRORS_DEFAULT);
    // Whoever sends much must not block: server and client could both wait for the other to read.
    PQsetnonblocking(handle, 1);
}

void Connection::receive_notice(void* watch, const PGresult* result)
{
    static_cast<const Watch*>(watch)->tell_notice(diagnostic_of(result));
}

} // namespace crudctl::pg
