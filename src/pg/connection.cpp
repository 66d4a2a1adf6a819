#include "pg/connection.hpp"

#include "pg/connecting.hpp"
#include "pg/error.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace crudctl::pg {

namespace {

bool send_plain(PGconn* handle, const char* sql)
{
    return PQsendQueryParams(handle, sql, 0, nullptr, nullptr, nullptr, nullptr, 0) == 1;
}

constexpr const char* looking_begin = "begin isolation level repeatable read read only";

/// Of a look, the results of its queries alone.
std::vector<Result> looked_up(std::vector<Result> results)
{
    results.erase(results.begin(), results.begin() + 2); // begin, settings
    results.pop_back();                                  // commit
    return results;
}

bool send_bound(PGconn* handle, const std::string& sql, const Params& params)
{
    return PQsendQueryParams(handle, sql.c_str(), params.size(), nullptr, params.values(), nullptr,
                             nullptr, 0) == 1;
}

} // namespace

Connection::Connection(const ConnInfo& info, ConnectionObserver observer)
    : m_info(info),
      m_handle(start_connecting(m_info)),
      m_answers(std::make_unique<AnswerReader>(m_handle.get(), std::move(observer)))
{
    log_in();
}

Result Connection::exec(const std::string& sql, Values values)
{
    return exec_params(sql, Params(values));
}

Result Connection::exec_params(const std::string& sql, const Params& params)
{
    send(sql, [&](PGconn* handle) {
        return PQsendQueryParams(handle, sql.c_str(), params.size(), nullptr, params.values(),
                                 nullptr, nullptr, 0);
    });
    return std::move(m_answers->read().front());
}

std::vector<Result> Connection::exec_script(const std::string& sql, const ScriptIO& io)
{
    start_script(sql);
    return m_answers->read(io);
}

std::vector<Result> Connection::exec_each(std::span<const char* const> statements,
                                          const ScriptIO& io)
{
    if (statements.empty()) {
        return {};
    }
    m_answers->begin(statements.front());
    if (PQenterPipelineMode(m_handle.get()) != 1) {
        throw loss_of(m_handle.get());
    }
    return m_answers->run_each(statements, io);
}

std::vector<Result> Connection::exec_each(std::span<const std::string> statements)
{
    std::vector<const char*> texts;
    std::ranges::transform(statements, std::back_inserter(texts),
                           [](const std::string& text) { return text.c_str(); });
    return exec_each(texts);
}

void Connection::start_script(const std::string& sql)
{
    send(sql, [&](PGconn* handle) { return PQsendQuery(handle, sql.c_str()); });
}

bool Connection::script_is_done(std::chrono::milliseconds timeout)
{
    return m_answers->is_ready(timeout);
}

std::vector<Result> Connection::finish_script()
{
    return m_answers->read();
}

template <typename Send>
void Connection::send(const std::string& sql, Send&& send_query)
{
    m_answers->begin(sql);
    if (send_query(m_handle.get()) != 1) {
        throw loss_of(m_handle.get());
    }
}

std::string Connection::quoted(std::string_view identifier) const
{
    const TextHandle text(PQescapeIdentifier(m_handle.get(), identifier.data(), identifier.size()));
    if (!text) {
        throw Error(ExitCode::failed, "cannot quote a name: it is not valid in the connection's "
                                      "encoding");
    }
    return text.get();
}

std::string Connection::literal(std::string_view value) const
{
    const TextHandle text(PQescapeLiteral(m_handle.get(), value.data(), value.size()));
    if (!text) {
        throw Error(ExitCode::failed, "cannot quote a text: it is not valid in the connection's "
                                      "encoding");
    }
    return text.get();
}

int Connection::server_version() const noexcept
{
    return PQserverVersion(m_handle.get());
}

std::string Connection::parameter(const char* name) const
{
    const char* value = PQparameterStatus(m_handle.get(), name);
    return value == nullptr ? std::string() : std::string(value);
}

std::string Connection::server_address() const
{
    const char* address = PQhostaddr(m_handle.get());
    return address == nullptr ? std::string() : std::string(address);
}

ConnInfo Connection::pinned_info() const
{
    const char* host = PQhost(m_handle.get());
    const char* port = PQport(m_handle.get());
    return m_info.pinned_to(host == nullptr ? "" : host,
                            host != nullptr && *host == '/' ? "" : server_address(),
                            port == nullptr ? "" : port);
}

std::string Connection::tls_version() const
{
    return pg::tls_version(m_handle.get());
}

int Connection::backend_pid() const noexcept
{
    return PQbackendPID(m_handle.get());
}

CancelHandle Connection::cancel_handle() const
{
    return CancelHandle(PQgetCancel(m_handle.get()));
}

void Connection::print_waiting() const
{
    m_answers->print_waiting_to_observer();
}

Connection::TransactionStatus Connection::transaction_status() const noexcept
{
    switch (PQtransactionStatus(m_handle.get())) {
    case PQTRANS_IDLE:
        return TransactionStatus::idle;
    case PQTRANS_ACTIVE:
        return TransactionStatus::active;
    case PQTRANS_INTRANS:
        return TransactionStatus::in_transaction;
    case PQTRANS_INERROR:
        return TransactionStatus::failed;
    case PQTRANS_UNKNOWN:
        break;
    }
    return TransactionStatus::unknown;
}

void Connection::log_in()
{
    PGconn* handle = m_handle.get();
    go_on_connecting(handle, m_info, Stage::log_in, [this] { print_waiting(); });
    PQsetErrorVerbosity(handle, PQERRORS_DEFAULT);
    // A blocked send would deadlock: server and client could both wait for the other to read.
    PQsetnonblocking(handle, 1);
}

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

Result Connection::exec_read_only(const std::string& sql, Values values, const std::string& first)
{
    const Params params(values);
    const bool is_alone = transaction_status() == TransactionStatus::idle;
    std::vector<std::string> before =
        is_alone ? std::vector<std::string>{"begin read only"}
                 : std::vector<std::string>{"savepoint crudctl_reading",
                                            "set local transaction_read_only = on"};
    if (!first.empty()) {
        before.push_back(first);
    }
    send_pipeline(sql, [&](PGconn* handle) {
        return std::ranges::all_of(before,
                                   [&](const std::string& statement) {
                                       return send_plain(handle, statement.c_str());
                                   }) &&
               send_bound(handle, sql, params) &&
               send_plain(handle, is_alone ? "commit" : "rollback to savepoint crudctl_reading");
    });
    return std::move(finish_pipeline().at(before.size()));
}

Result Connection::exec_before(const std::string& sql, Values values,
                               std::span<const std::string> last)
{
    const Params params(values);
    send_pipeline(sql, [&](PGconn* handle) {
        return send_plain(handle, "begin") && send_bound(handle, sql, params) &&
               std::ranges::all_of(last,
                                   [&](const std::string& statement) {
                                       return send_plain(handle, statement.c_str());
                                   }) &&
               send_plain(handle, "commit");
    });
    return std::move(finish_pipeline().at(1));
}

std::vector<Result> Connection::look(std::span<const BoundStatement> queries)
{
    send_pipeline(queries.front().sql, [&](PGconn* handle) {
        const auto send = [&](const BoundStatement& query) {
            return send_bound(handle, query.sql, Params(query.values));
        };
        return send_plain(handle, looking_begin) &&
               send_plain(handle, looking_settings().c_str()) &&
               std::all_of(queries.begin(), queries.end(), send) && send_plain(handle, "commit");
    });
    return looked_up(finish_pipeline());
}

Result Connection::look_with(const std::string& sql, const Params& params)
{
    send_pipeline(sql, [&](PGconn* handle) {
        return send_plain(handle, looking_begin) &&
               send_plain(handle, looking_settings().c_str()) && send_bound(handle, sql, params) &&
               send_plain(handle, "commit");
    });
    return std::move(looked_up(finish_pipeline()).front());
}

std::vector<std::string> Connection::look_within(const std::string& query)
{
    return {"select pg_catalog.set_config('crudctl.schemas', "
            "pg_catalog.current_schemas(true)::pg_catalog.text, true), "
            "pg_catalog.set_config('crudctl.path', "
            "pg_catalog.current_setting('search_path'), true)",
            "set local search_path = ''", query,
            "select pg_catalog.set_config('search_path', "
            "pg_catalog.current_setting('crudctl.path'), true)"};
}

// The query that sets the path is itself read with the one that others may have set: so every name
// and operator in it is qualified. A setting that this server lacks is left out.
std::string Connection::looking_settings() const
{
    const std::string is_local =
        m_keeps_looking_settings
            ? fmt::format("pg_catalog.pg_backend_pid() operator(pg_catalog.<>) {}", backend_pid())
            : "true";
    return fmt::format("select pg_catalog.set_config(s.name, s.value, {}) from (values "
                       "('crudctl.schemas', pg_catalog.current_schemas(true)::pg_catalog.text), "
                       "('search_path', ''), ('row_security', 'off'), ('statement_timeout', '0'), "
                       "('lock_timeout', '0'), ('idle_in_transaction_session_timeout', '0'), "
                       "('idle_session_timeout', '0'), ('transaction_timeout', '0')) "
                       "s (name, value) "
                       "where s.name operator(pg_catalog.=) 'crudctl.schemas' "
                       "or pg_catalog.current_setting(s.name, true) is not null",
                       is_local);
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
    // With the session's own search path: a type is called as people would write it.
    const Result names = exec("select pg_catalog.format_type(type, null) as name "
                              "from pg_catalog.unnest($1::pg_catalog.oid[]) "
                              "with ordinality as n (type, place) order by place",
                              types);
    for (std::size_t i = 0; i < names.size(); ++i) {
        description.parameters.push_back(names[i].text("name"));
    }
    return description;
}

void Connection::parse(const std::string& sql, std::chrono::milliseconds timeout)
{
    send_pipeline(sql, [&](PGconn* handle) {
        return PQsendPrepare(handle, "", sql.c_str(), 0, nullptr) == 1;
    });
    if (!m_answers->is_ready(timeout)) {
        throw ConnectionLost("no answer in time");
    }
    finish_pipeline();
}

template <typename Send>
void Connection::send_pipeline(const std::string& sql, Send&& send_queries)
{
    m_answers->begin(sql);
    PGconn* handle = m_handle.get();
    const bool is_sent = PQenterPipelineMode(handle) == 1 && send_queries(handle);
    if (!is_sent || PQpipelineSync(handle) != 1) {
        throw loss_of(handle);
    }
}

std::vector<Result> Connection::finish_pipeline()
{
    try {
        return m_answers->read();
    } catch (const ServerError&) {
        // What is left of the block that it began; the failure is the one to tell.
        if (transaction_status() == TransactionStatus::failed) {
            exec("rollback");
        }
        throw;
    }
}

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
