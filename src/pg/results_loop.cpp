#include "pg/canceller.hpp"
#include "pg/connection.hpp"
#include "pg/error.hpp"
#include "support/process/interrupt.hpp"
#include "support/text/text.hpp"

#include <algorithm>

#include <poll.h>

// The part of a Connection that reads the server's answers and feeds its COPYs.
namespace crudctl::pg {

namespace {

constexpr std::size_t copy_chunk_bytes = std::size_t{64} << 10U; // libpq keeps a copy of each

} // namespace

std::vector<Result> Connection::collect_results()
{
    std::vector<Result> results;
    std::optional<ServerError> failure;
    while (ResultHandle result = next_result()) {
        switch (PQresultStatus(result.get())) {
        case PGRES_COPY_IN:
            answer_copy_in();
            break;
        case PGRES_COPY_OUT:
            discard_copy_data();
            break;
        case PGRES_SINGLE_TUPLE: // the last result of the query says how many there were
            m_watch->has_row = true;
            if (m_watch->io->on_row) {
                m_watch->io->on_row(Result(std::move(result)), m_watch->completed);
            }
            break;
        case PGRES_FATAL_ERROR:
        case PGRES_BAD_RESPONSE:
            if (PQresultErrorField(result.get(), PG_DIAG_SQLSTATE) == nullptr) {
                throw_lost();
            }
            failure = ServerError(diagnostic_of(result.get()), m_watch->completed);
            break;
        default:
            results.emplace_back(std::move(result));
            // A rule may add results to a statement's own; only the last one has a tag.
            m_watch->completed += results.back().command_tag().empty() ? 0 : 1;
            m_watch->has_row = false;
        }
    }
    end_query();
    if (failure) {
        throw ServerError(*failure);
    }
    return results;
}

void Connection::end_query()
{
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - m_sent_at;
    m_fastest_answer = std::min(m_fastest_answer, took);
    if (m_watch->io != nullptr && m_watch->io->on_done) {
        m_watch->io->on_done(took);
    } else if (m_watch->observer.on_query) {
        m_watch->observer.on_query(m_query, took);
    }
    if (m_source_failure) {
        std::rethrow_exception(m_source_failure);
    }
    if (m_was_canceled) {
        interrupt::throw_if_pending();
    }
}

void Connection::answer_copy_in()
{
    const std::size_t copy = m_copies++;
    const bool has_source = m_watch->io != nullptr && copy < m_watch->io->copies.size();
    const char* refusal = "the data of COPY FROM STDIN is not in this query";
    if (has_source) {
        try {
            put_copy_data(m_watch->io->copies[copy]);
            refusal = interrupt::pending() ? "interrupted" : nullptr;
        } catch (const ConnectionLost&) {
            throw;
        } catch (...) {
            m_source_failure = std::current_exception();
            refusal = "the data could not be read";
        }
    }
    PQputCopyEnd(m_handle.get(), refusal);
}

void Connection::put_copy_data(const CopySource& source)
{
    for (std::string_view data = source(); !data.empty(); data = source()) {
        while (!data.empty() && !interrupt::pending()) {
            const std::size_t size = std::min(data.size(), copy_chunk_bytes);
            put(data.substr(0, size));
            data.remove_prefix(size);
        }
        if (interrupt::pending()) {
            m_was_canceled = true;
            return;
        }
    }
}

// The server may have stopped reading, waiting for a lock: then a signal must still get through.
void Connection::put(std::string_view data)
{
    PGconn* handle = m_handle.get();
    if (PQputCopyData(handle, data.data(), static_cast<int>(data.size())) != 1) {
        throw_lost();
    }
    for (;;) {
        const int unsent = PQflush(handle);
        if (unsent == 0) {
            return;
        }
        if (unsent < 0) {
            throw_lost();
        }
        wait_for_socket(POLLIN | POLLOUT);
    }
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
        if (!wait_for_socket(static_cast<short>(unsent == 1 ? POLLIN | POLLOUT : POLLIN))) {
            return; // PQgetResult then says what happened
        }
    }
}

bool Connection::wait_for_socket(short events)
{
    PGconn* handle = m_handle.get();
    switch (poll_socket(PQsocket(handle), events, wait_tick)) {
    case Readiness::ready:
        return PQconsumeInput(handle) == 1;
    case Readiness::interrupted:
        cancel_or_give_up();
        break;
    case Readiness::timeout:
        m_watch->print_waiting();
    }
    return true;
}

void Connection::cancel_or_give_up()
{
    if (interrupt::count() > 1) {
        interrupt::throw_if_pending();
    }
    if (!m_was_canceled) {
        m_was_canceled = true;
        Canceller(*this).cancel();
    }
    // The signal's pipe stays readable: wait for the socket alone instead of spinning on it.
    pollfd wait{PQsocket(m_handle.get()), POLLIN, 0};
    if (::poll(&wait, 1, static_cast<int>(wait_tick.count())) > 0) {
        PQconsumeInput(m_handle.get());
    }
}

void Connection::Watch::print_notice(const Diagnostic& notice) const
{
    if (io != nullptr && io->on_notice) {
        // The one call of libpq's that tells whether a result is being made or ready to be taken;
        // where rows are dropped, what it asks for is so already.
        const bool is_between =
            io->rows == ScriptIO::Rows::dropped && PQsetSingleRowMode(handle) == 1;
        io->on_notice(notice, completed + (has_row && !is_between ? 1 : 0),
                      completed + (is_between ? 0 : 1));
    } else if (observer.on_notice) {
        observer.on_notice(notice);
    }
}

void Connection::Watch::print_waiting() const
{
    if (io != nullptr && io->on_wait) {
        io->on_wait();
    } else if (observer.on_wait) {
        observer.on_wait();
    }
}

void Connection::print_waiting() const
{
    if (m_watch->observer.on_wait) {
        m_watch->observer.on_wait();
    }
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
