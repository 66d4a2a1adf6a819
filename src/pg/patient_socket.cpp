#include "pg/patient_socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace crudctl::pg {

#ifdef TCP_USER_TIMEOUT

PatientSocket::PatientSocket(const PGconn* session) : m_session(session)
{
    socklen_t size = sizeof(m_timeout);
    if (::getsockopt(PQsocket(session), IPPROTO_TCP, TCP_USER_TIMEOUT, &m_timeout, &size) != 0) {
        m_timeout = 0;
    }
    if (m_timeout > 0) {
        set_timeout(0);
    }
}

PatientSocket::~PatientSocket()
{
    if (m_timeout > 0) {
        set_timeout(m_timeout);
    }
}

// A window that is closed is probed, at last every two minutes only: one probe may be on its way.
bool PatientSocket::is_lost() const
{
    constexpr unsigned unanswered = 2;
    tcp_info info{};
    socklen_t size = sizeof(info);
    return m_timeout > 0 &&
           ::getsockopt(PQsocket(m_session), IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
           (info.tcpi_probes >= unanswered || info.tcpi_retransmits >= unanswered) &&
           info.tcpi_last_ack_recv >= m_timeout;
}

void PatientSocket::set_timeout(unsigned milliseconds) const
{
    ::setsockopt(PQsocket(m_session), IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds,
                 sizeof(milliseconds));
}

#else

PatientSocket::PatientSocket(const PGconn* session) : m_session(session) {}
PatientSocket::~PatientSocket() = default;
bool PatientSocket::is_lost() const
{
    return false;
}

#endif

} // namespace crudctl::pg
