#include "pg/connection.hpp"

#include "pg/connecting.hpp"
#include "pg/wait.hpp"
#include "support/interrupt.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <utility>

#include <poll.h>

namespace crudctl::pg {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t shown_of_query = 1000; // bytes; a file's statement may have megabytes

/// Lets a script's notices go to its own ScriptIO, as long as it runs.
class IoScope {
public:
    IoScope(const ScriptIO*& slot, const ScriptIO& io) : m_slot(slot) { m_slot = &io; }
    ~IoScope() { m_slot = nullptr; }
    IoScope(const IoScope&) = delete;
    IoScope& operator=(const IoScope&) = delete;

private:
    const ScriptIO*& m_slot;
};

} // namespace

Connection::Connection(const ConnInfo& info, ConnectionObserver observer)
    : m_info(info), m_watch(std::make_unique<Watch>())
{
    m_watch->observer = std::move(observer);
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
    return std::move(collect_results().front());
}

std::vector<Result> Connection::exec_script(const std::string& sql, const ScriptIO& io)
{
    start_script(sql);
    if (io.rows == ScriptIO::Rows::dropped) {
        PQsetSingleRowMode(m_handle.get());
    }
    const IoScope scope(m_watch->io, io);
    return collect_results();
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
    return PQpipelineStatus(m_handle.get()) == PQ_PIPELINE_OFF ? collect_results()
                                                               : collect_pipeline();
}

void Connection::begin_query(const std::string& sql)
{
    interrupt::throw_if_pending();
    if (PQpipelineStatus(m_handle.get()) != PQ_PIPELINE_OFF) {
        throw_lost(); // a sequence is under way that nobody waited for to its end
    }
    m_query.assign(sql, 0, shown_of_query);
    m_was_canceled = false;
    m_copies = 0;
    m_source_failure = nullptr;
    m_watch->completed = 0;
    m_watch->has_row = false;
    m_sent_at = std::chrono::steady_clock::now();
}

template <typename Send>
void Connection::send(const std::string& sql, Send&& send_query)
{
    begin_query(sql);
    if (send_query(m_handle.get()) != 1) {
        throw_lost();
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

} // namespace crudctl::pg
