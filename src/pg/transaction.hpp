#pragma once

#include "pg/connection.hpp"

#include <string>

namespace crudctl::pg {

/// A transaction block that rolls back unless it was committed.
class Transaction {
public:
    /// Sends BEGIN with `modes`, e.g. "read only". The connection must outlive this.
    explicit Transaction(Connection& connection, const std::string& modes = {});
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    /// Throws ServerError where a deferred constraint fails, ConnectionLost where the answer is
    /// lost.
    void commit();

private:
    Connection& m_connection;
    bool m_is_open = true;
};

} // namespace crudctl::pg
