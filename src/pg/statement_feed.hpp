#pragma once

#include <cstddef>
#include <span>

#include <libpq-fe.h>

namespace crudctl::pg {

/// Puts the statements of a pipeline on their way, some at a time: what the server answers has to
/// be read in between, or each side would wait for the other one to read.
class StatementFeed {
public:
    /// The session is in pipeline mode. Both have to outlive it.
    StatementFeed(PGconn* session, std::span<const char* const> statements)
        : m_session(session), m_statements(statements)
    {}

    /// Gives libpq some more statements to send, and behind the last one the Sync that ends the
    /// pipeline. Throws ConnectionLost.
    void send_some();
    /// Leaves out the statements that are not sent yet: the Sync is what goes next.
    void stop() noexcept { m_statements = m_statements.first(m_sent); }

    /// How many statements libpq was given.
    std::size_t sent() const noexcept { return m_sent; }
    /// The Sync was sent as well.
    bool is_done() const noexcept { return m_is_synced; }

private:
    PGconn* m_session;
    std::span<const char* const> m_statements;
    std::size_t m_sent = 0;
    bool m_is_synced = false;
};

} // namespace crudctl::pg
