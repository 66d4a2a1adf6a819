#include "pg/connection.hpp"
#include "pg/diagnostic.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

// The part of a Connection that sends several statements at once where a script can't: with values
// bound to them, or with one that must not be in a transaction.
namespace crudctl::pg {

namespace {

bool send_plain(PGconn* handle, const char* sql)
{
    return PQsendQueryParams(handle, sql, 0, nullptr, nullptr, nullptr, nullptr, 0) == 1;
}

bool send_bound(PGconn* handle, const std::string& sql, const Params& params)
{
    return PQsendQueryParams(handle, sql.c_str(), params.size(), nullptr, params.values(), nullptr,
                             nullptr, 0) == 1;
}

} // namespace

// The server commits by itself behind a statement that must not be in a transaction, and skips what
// comes behind a failed one: so one sync at the end will do. (Before 14.5 it left that commit to
// the sync, too.)
void Connection::start_sequence(std::span<const std::string> statements)
{
    send_pipeline(statements.front(), [&](PGconn* handle) {
        return std::all_of(statements.begin(), statements.end(),
                           [&](const std::string& sql) { return send_plain(handle, sql.c_str()); });
    });
}

Result Connection::exec_read_only(const std::string& sql, Values values)
{
    const Params params(values);
    send_pipeline(sql, [&](PGconn* handle) {
        return send_plain(handle, "begin read only") && send_bound(handle, sql, params) &&
               send_plain(handle, "commit");
    });
    return std::move(finish_pipeline().at(1));
}

std::vector<Result> Connection::exec_on_snapshot(std::span<const BoundStatement> queries)
{
    send_pipeline(queries.front().sql, [&](PGconn* handle) {
        const auto send = [&](const BoundStatement& query) {
            return send_bound(handle, query.sql, Params(query.values));
        };
        return send_plain(handle, "begin isolation level repeatable read read only") &&
               std::all_of(queries.begin(), queries.end(), send) && send_plain(handle, "commit");
    });
    std::vector<Result> results = finish_pipeline();
    results.erase(results.begin());
    results.pop_back();
    return results;
}

StatementDescription Connection::describe(const std::string& sql)
{
    send_pipeline(sql, [&](PGconn* handle) {
        return PQsendPrepare(handle, "", sql.c_str(), 0, nullptr) == 1 &&
               PQsendDescribePrepared(handle, "") == 1;
    });
    const std::vector<Result> results = finish_pipeline();
    StatementDescription description;
    const std::string types =
        fmt::format("{{{}}}", fmt::join(results.at(1).parameter_types(), ","));
    const Result names = exec("select format_type(type, null) as name "
                              "from unnest($1::oid[]) with ordinality as n (type, place) "
                              "order by place",
                              types);
    for (std::size_t i = 0; i < names.size(); ++i) {
        description.parameters.push_back(names[i].text("name"));
    }
    return description;
}

template <typename Send>
void Connection::send_pipeline(const std::string& sql, Send&& send_queries)
{
    begin_query(sql);
    PGconn* handle = m_handle.get();
    const bool is_sent = PQenterPipelineMode(handle) == 1 && send_queries(handle);
    if (!is_sent || PQpipelineSync(handle) != 1) {
        throw_lost();
    }
}

std::vector<Result> Connection::finish_pipeline()
{
    try {
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
    for (bool is_over = false; !is_over;) {
        ResultHandle result = next_result();
        // Nothing ends one statement, and is all there is where the session is lost.
        switch (result ? PQresultStatus(result.get()) : PGRES_PIPELINE_ABORTED) {
        case PGRES_PIPELINE_SYNC:
            is_over = true;
            break;
        case PGRES_PIPELINE_ABORTED: // skipped, since one before it failed
            if (PQstatus(m_handle.get()) == CONNECTION_BAD) {
                throw_lost();
            }
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
    PQexitPipelineMode(m_handle.get());
    end_query();
    if (failure) {
        throw ServerError(*failure);
    }
    return results;
}

} // namespace crudctl::pg
