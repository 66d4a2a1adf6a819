#include "pg/connection.hpp"

#include "pg/diagnostic.hpp"
#include "support/interrupt.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

namespace crudctl::pg {

namespace {

using namespace std::chrono_literals;

constexpr auto tick = 100ms; // how often a wait tells its observer that it still waits
constexpr std::size_t copy_chunk_bytes = std::size_t{64} << 10U; // libpq keeps a copy of each
constexpr auto default_connect_timeout = 10s;

/// Runs of poll() on the session's socket and on the pipe that signals write to.
enum class Readiness { ready, timeout, interrupted };
Readiness poll_socket(int socket, short events, std::chrono::milliseconds patience)
{
    std::array<pollfd, 2> waits = {pollfd{socket, events, 0},
                                   pollfd{interrupt::descriptor(), POLLIN, 0}};
    const int count = ::poll(waits.data(), waits.size(), static_cast<int>(patience.count()));
    if (count < 0 || waits[1].revents != 0) {
        return interrupt::pending() ? Readiness::interrupted : Readiness::timeout;
    }
    return waits[0].revents != 0 ? Readiness::ready : Readiness::timeout;
}

std::chrono::milliseconds connect_patience(const ConnInfo& info)
{
    const std::string digits = info.value("connect_timeout").value_or("");
    int seconds = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
    return seconds > 0 ? std::chrono::seconds(seconds) : default_connect_timeout;
}

struct KeywordArrays {
    std::vector<const char*> keywords;
    std::vector<const char*> values;
};

KeywordArrays arrays_of(const ConnInfo& info)
{
    KeywordArrays arrays;
    for (const auto& [keyword, value] : info.keywords()) {
        arrays.keywords.push_back(keyword.c_str());
        arrays.values.push_back(value.c_str());
    }
    if (!info.password().empty()) {
        arrays.keywords.push_back("password");
        arrays.values.push_back(info.password().reveal().c_str());
    }
    arrays.keywords.push_back(nullptr);
    arrays.values.push_back(nullptr);
    return arrays;
}

// A rule may add results to a statement's own; only the last one of a statement has a tag.
std::size_t completed_statements(const std::vector<Result>& results)
{
    return static_cast<std::size_t>(
        std::count_if(results.begin(), results.end(),
                      [](const Result& result) { return !result.command_tag().empty(); }));
}

extern "C" void receive_notice(void* argument, const PGresult* result)
{
    const auto* observer = static_cast<const ConnectionObserver*>(argument);
    if (observer->on_notice) {
        observer->on_notice(diagnostic_of(result));
    }
}

} // namespace

Connection::Connection(const ConnInfo& info, ConnectionObserver observer)
    : m_info(info), m_observer(std::make_unique<ConnectionObserver>(std::move(observer)))
{
    log_in();
}

void Connection::log_in()
{
    const KeywordArrays arrays = arrays_of(m_info);
    constexpr int no_expansion = 0; // a database named "postgres://…" stays a name
    m_handle.reset(
        PQconnectStartParams(arrays.keywords.data(), arrays.values.data(), no_expansion));
    PGconn* handle = m_handle.get();
    if (handle == nullptr) {
        throw Error(ExitCode::connection, "cannot connect: out of memory");
    }
    // In verbose form the message of a refused log-in carries its SQLSTATE, in any language.
    PQsetErrorVerbosity(handle, PQERRORS_VERBOSE);
    PQsetNoticeReceiver(handle, receive_notice, m_observer.get());
    finish_log_in();
    PQsetErrorVerbosity(handle, PQERRORS_DEFAULT);
}

void Connection::finish_log_in()
{
    PGconn* handle = m_handle.get();
    const auto patience = connect_patience(m_info);
    auto deadline = std::chrono::steady_clock::now() + patience;
    std::string address;
    auto progress =
        PQstatus(handle) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    while (progress != PGRES_POLLING_OK) {
        if (progress == PGRES_POLLING_FAILED) {
            throw connect_error_of(m_info, PQerrorMessage(handle));
        }
        // libpq counts connect_timeout itself only in its blocking form; per address, like there.
        const char* current = PQhostaddr(handle);
        if (current != nullptr && address != current) {
            address = current;
            deadline = std::chrono::steady_clock::now() + patience;
        }
        const short events = progress == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        const auto readiness = poll_socket(PQsocket(handle), events, tick);
        if (readiness == Readiness::interrupted) {
            interrupt::throw_if_pending();
        }
        if (readiness == Readiness::ready) {
            progress = PQconnectPoll(handle);
        } else if (std::chrono::steady_clock::now() > deadline) {
            throw connect_error_of(
                m_info, fmt::format("timeout expired after {} s", patience.count() / 1000));
        } else if (m_observer->on_wait) {
            m_observer->on_wait();
        }
    }
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
        switch (poll_socket(PQsocket(handle), events, tick)) {
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
    if (::poll(&wait, 1, static_cast<int>(tick.count())) > 0) {
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

void forget_libpq_environment()
{
    constexpr std::array kept = {"PGSERVICEFILE", "PGSYSCONFDIR"};
    const OptionsHandle options(PQconndefaults());
    for (const PQconninfoOption* option = options.get(); option != nullptr && option->keyword;
         ++option) {
        const bool is_kept = option->envvar == nullptr ||
                             std::find_if(kept.begin(), kept.end(), [&](const char* name) {
                                 return std::string_view(name) == option->envvar;
                             }) != kept.end();
        if (!is_kept) {
            ::unsetenv(option->envvar);
        }
    }
}

} // namespace crudctl::pg
