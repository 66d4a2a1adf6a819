#include "pg/statement_feed.hpp"

#include "pg/error.hpp"

#include <string_view>

namespace crudctl::pg {

namespace {

constexpr std::size_t chunk_bytes = std::size_t{64} << 10U; // libpq sends by itself from there on

} // namespace

void StatementFeed::send_some()
{
    for (std::size_t bytes = 0; m_sent < m_statements.size() && bytes < chunk_bytes; ++m_sent) {
        const char* sql = m_statements[m_sent];
        if (PQsendQueryParams(m_session, sql, 0, nullptr, nullptr, nullptr, nullptr, 0) != 1) {
            throw loss_of(m_session);
        }
        bytes += std::string_view(sql).size();
    }
    if (m_sent == m_statements.size()) {
        if (PQpipelineSync(m_session) != 1) {
            throw loss_of(m_session);
        }
        m_is_synced = true;
    }
}

} // namespace crudctl::pg
