#pragma once

#include "pg/handle.hpp"

namespace crudctl::pg {

class Connection;

/// Cancels what a session is at, from another thread than the one that waits for it; keeps working
/// when the session is gone.
class Canceller {
public:
    explicit Canceller(const Connection& connection);

    /// Asks the server, by a connection of its own; best effort.
    void cancel() const noexcept;

private:
    CancelHandle m_handle;
};

} // namespace crudctl::pg
