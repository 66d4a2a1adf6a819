#pragma once

#include <libpq-fe.h>

namespace crudctl::pg {

/// Keeps a session whose server reads no more for a while, since it waits for a lock or is at work:
/// tcp_user_timeout would end it as if the server was gone. As long as this object lives, the
/// session counts as lost once the server's machine has acknowledged nothing for that time.
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
