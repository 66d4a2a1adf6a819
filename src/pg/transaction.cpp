#include "pg/transaction.hpp"

namespace crudctl::pg {

Transaction::Transaction(Connection& connection, const std::string& modes)
    : m_connection(connection)
{
    m_connection.exec("begin " + modes);
}

Transaction::~Transaction()
{
    if (!m_is_open) {
        return;
    }
    try {
        m_connection.exec("rollback");
    } catch (const Error&) {
        // The session is gone, and the transaction with it.
    }
}

void Transaction::commit()
{
    m_is_open = false;
    m_connection.exec("commit");
}

} // namespace crudctl::pg
