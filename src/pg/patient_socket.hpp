#pragma once

#include <libpq-fe.h>

namespace crudctl::pg {

/// Waits for a server that is at work and takes no more of what is sent, for a lock as the case may
/// be: tcp_user_timeout would end that as if nobody was there. Instead, as long as this lives, the
/// session counts as lost when the other side acknowledges nothing for that time.
class PatientSocket {
public:
    /// The session has to outlive it. Over a Unix socket there is nothing to do.
    explicit PatientSocket(const PGconn* session);
    ~PatientSocket();
    PatientSocket(const PatientSocket&) = delete;
    PatientSocket& operator=(const PatientSocket&) = delete;

    bool is_lost() const;

private:
    void set_timeout(unsigned milliseconds) const;

    const PGconn* m_session;
    unsigned m_timeout = 0; // milliseconds; 0: there is none
};

} // namespace crudctl::pg
