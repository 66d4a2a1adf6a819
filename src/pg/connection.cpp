#include "pg/connection.hpp"

#include "pg/diagnostic.hpp"
#include "pg/wait.hpp"
#include "support/interrupt.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>
#include <poll.h>

namespace crudctl::pg {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t copy_chunk_bytes = std::size_t{64} << 10U; // libpq keeps a copy of each

// A rule may add results to a statement's own; only the last one of a statement has a tag.
std::size_t completed_statements(const std::vector<Result>& results)
{
    return static_cast<std::size_t>(
        std::count_if(results.begin(), results.end(),
                      [](const Result& result) { return !result.command_tag().empty(); }));
}

} // namespace

Connection::Connection(const ConnInfo& info, ConnectionObserver observer)
    : m_info(info), m_observer(std::make_unique<ConnectionObserver>(std::move(observer)))
{
    log_in();
}

Result Connection::exec_params(const std::string& sql, const Params& params)
{
    send(sql, [&](PGconn* handle) {
        return PQsendQueryParams(handle, sql.c_str(), params.size(), nullptr, params.values(),
                                 nullptr, nullptr, 0);
    });
    return std::move(collect_results().front());
}

std::vector<Result> Connection::exec_script(const std::string& sql)
{
    return exec_script(sql, {});
}

std::vector<Result> Connection::exec_script(const std::string& sql,
                                            std::span<const std::string_view> copies)
{
    start_script(sql);
    return collect_results(copies);
}

void Connection::start_script(const std::string& sql)
{
    send(sql, [&](PGconn* handle) { return PQsendQuery(handle, sql.c_str()); });
}

bool Connection::script_is_done(std::chrono::milliseconds patience)
{
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (PQisBusy(m_handle.get()) == 1) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        if (left <= 0ms) {
            return false;
        }
        if (poll_socket(PQsocket(m_handle.get()), POLLIN, left) == Readiness::ready &&
            PQconsumeInput(m_handle.get()) == 0) {
            return true; // lost: finish_script() says so
        }
        interrupt::throw_if_pending();
    }
    return true;
}

std::vector<Result> Connection::finish_script()
{
    return collect_results();
}

template <typename Send>
void Connection::send(const std::string& sql, Send&& send_query)
{
    interrupt::throw_if_pending();
    m_query = sql;
    m_was_canceled = false;
    m_sent_at = std::chrono::steady_clock::now();
    if (send_query(m_handle.get()) != 1) {
        throw_lost();
    }
}

std::vector<Result> Connection::collect_results(std::span<const std::string_view> copies)
{
    std::vector<Result> results;
    std::optional<ServerError> failure;
    while (ResultHandle result = next_result()) {
        switch (PQresultStatus(result.get())) {
        case PGRES_COPY_IN:
            if (copies.empty()) {
                PQputCopyEnd(m_handle.get(), "the data of COPY FROM STDIN is not in this query");
            } else {
                put_copy_data(copies.front());
                copies = copies.subspan(1);
            }
            break;
        case PGRES_COPY_OUT:
            discard_copy_data();
            break;
        case PGRES_FATAL_ERROR:
        case PGRES_BAD_RESPONSE:
            if (PQresultErrorField(result.get(), PG_DIAG_SQLSTATE) == nullptr) {
                throw_lost();
            }
            failure = ServerError(diagnostic_of(result.get()), completed_statements(results));
            break;
        default:
            results.emplace_back(std::move(result));
        }
    }
    if (m_observer->on_query) {
        m_observer->on_query(m_query, std::chrono::steady_clock::now() - m_sent_at);
    }
    if (m_was_canceled) {
        interrupt::throw_if_pending();
    }
    if (failure) {
        throw ServerError(*failure);
    }
    return results;
}

void Connection::put_copy_data(std::string_view data)
{
    PGconn* handle = m_handle.get();
    while (!data.empty() && !interrupt::pending()) {
        const std::size_t size = std::min(data.size(), copy_chunk_bytes);
        if (PQputCopyData(handle, data.data(), static_cast<int>(size)) != 1) {
            throw_lost();
        }
        data.remove_prefix(size);
    }
    m_was_canceled = m_was_canceled || !data.empty();
    PQputCopyEnd(handle, data.empty() ? nullptr : "interrupted");
}

void Connection::discard_copy_data()
{
    char* row = nullptr;
    while (PQgetCopyData(m_handle.get(), &row, 0) > 0) {
        const TextHandle owned(row);
    }
}

ResultHandle Connection::next_result()
{
    wait_until_ready();
    return ResultHandle(PQgetResult(m_handle.get()));
}

void Connection::wait_until_ready()
{
    PGconn* handle = m_handle.get();
    while (PQisBusy(handle) == 1) {
        const int unsent = PQflush(handle);
        const auto events = static_cast<short>(unsent == 1 ? POLLIN | POLLOUT : POLLIN);
        switch (poll_socket(PQsocket(handle), events, wait_tick)) {
        case Readiness::ready:
            if (PQconsumeInput(handle) == 0) {
                return; // PQgetResult then says what happened
            }
            break;
        case Readiness::interrupted:
            cancel_or_give_up();
            break;
        case Readiness::timeout:
            if (m_observer->on_wait) {
                m_observer->on_wait();
            }
        }
    }
}

void Connection::cancel_or_give_up()
{
    if (interrupt::count() > 1) {
        interrupt::throw_if_pending();
    }
    if (!m_was_canceled) {
        m_was_canceled = true;
        char message[256];
        const CancelHandle cancel(PQgetCancel(m_handle.get()));
        PQcancel(cancel.get(), message, sizeof message);
    }
    // The signal's pipe stays readable: wait for the socket alone instead of spinning on it.
    pollfd wait{PQsocket(m_handle.get()), POLLIN, 0};
    if (::poll(&wait, 1, static_cast<int>(wait_tick.count())) > 0) {
        PQconsumeInput(m_handle.get());
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

int Connection::backend_pid() const noexcept
{
    return PQbackendPID(m_handle.get());
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

void Connection::throw_lost() const
{
    std::string text = PQerrorMessage(m_handle.get());
    for (char& c : text) {
        c = c == '\n' || c == '\t' ? ' ' : c;
    }
    throw ConnectionLost(std::string(trimmed(text)));
}

} // namespace crudctl::pg
