#include "pg/connection.hpp"
#include "pg/diagnostic.hpp"

#include <utility>

// The part of a Connection that sends several statements at once and binds values to them, which a
// script cannot.
namespace crudctl::pg {

namespace {

/// libpq's pipeline mode, for as long as it lives.
class PipelineMode {
public:
    explicit PipelineMode(PGconn* handle) : m_handle(handle) { PQenterPipelineMode(handle); }
    ~PipelineMode() { PQexitPipelineMode(m_handle); }
    PipelineMode(const PipelineMode&) = delete;
    PipelineMode& operator=(const PipelineMode&) = delete;

private:
    PGconn* m_handle;
};

bool send_plain(PGconn* handle, const char* sql)
{
    return PQsendQueryParams(handle, sql, 0, nullptr, nullptr, nullptr, nullptr, 0) == 1;
}

} // namespace

Result Connection::exec_read_only(const std::string& sql, Values values)
{
    const Params params(values);
    std::vector<Result> results = run_pipeline(sql, [&](PGconn* handle) {
        return send_plain(handle, "begin read only") &&
               PQsendQueryParams(handle, sql.c_str(), params.size(), nullptr, params.values(),
                                 nullptr, nullptr, 0) == 1 &&
               send_plain(handle, "commit");
    });
    return std::move(results.at(1));
}

StatementDescription Connection::describe(const std::string& sql)
{
    const std::vector<Result> results = run_pipeline(sql, [&](PGconn* handle) {
        return PQsendPrepare(handle, "", sql.c_str(), 0, nullptr) == 1 &&
               PQsendDescribePrepared(handle, "") == 1;
    });
    StatementDescription description;
    for (const unsigned type : results.at(1).parameter_types()) {
        const auto name = exec("select format_type($1::oid, null)", type).scalar();
        description.parameters.push_back(name.value_or("unknown"));
    }
    return description;
}

template <typename Send>
std::vector<Result> Connection::run_pipeline(const std::string& sql, Send&& send_queries)
{
    begin_query(sql);
    try {
        const PipelineMode mode(m_handle.get());
        if (!send_queries(m_handle.get()) || PQpipelineSync(m_handle.get()) != 1) {
            throw_lost();
        }
        return collect_pipeline();
    } catch (const ServerError&) {
        // What is left of the block that it began; the failure is the one to tell.
        if (transaction_status() == TransactionStatus::failed) {
            exec("rollback");
        }
        throw;
    }
}

std::vector<Result> Connection::collect_pipeline()
{
    std::vector<Result> results;
    std::optional<ServerError> failure;
    for (bool is_done = false; !is_done;) {
        ResultHandle result = next_result();
        if (!result) { // between two statements, or for ever
            if (PQstatus(m_handle.get()) == CONNECTION_BAD) {
                throw_lost();
            }
            continue;
        }
        switch (PQresultStatus(result.get())) {
        case PGRES_PIPELINE_SYNC:
            is_done = true;
            break;
        case PGRES_PIPELINE_ABORTED:
            break;
        case PGRES_FATAL_ERROR:
        case PGRES_BAD_RESPONSE:
            if (PQresultErrorField(result.get(), PG_DIAG_SQLSTATE) == nullptr) {
                throw_lost();
            }
            failure = ServerError(diagnostic_of(result.get()), results.size());
            break;
        default:
            results.emplace_back(std::move(result));
        }
    }
    end_query();
    if (failure) {
        throw ServerError(*failure);
    }
    return results;
}

} // namespace crudctl::pg
