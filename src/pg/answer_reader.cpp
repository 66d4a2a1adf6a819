#include "pg/answer_reader.hpp"

#include "pg/canceller.hpp"
#include "pg/patient_socket.hpp"
#include "pg/statement_feed.hpp"
#include "support/process/interrupt.hpp"

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <poll.h>

namespace crudctl::pg {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t shown_of_query = 1000; // bytes; a file's statement may have megabytes

constexpr std::size_t copy_chunk_bytes = std::size_t{64} << 10U; // libpq keeps a copy of each

/// Lets the reader know a script's own ScriptIO, or the feed of a pipeline, as long as it is read.
template <typename T>
class Scope {
public:
    Scope(T*& slot, T& object) : m_slot(slot) { m_slot = &object; }
    ~Scope() { m_slot = nullptr; }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

private:
    T*& m_slot;
};

} // namespace

AnswerReader::AnswerReader(PGconn* session, ConnectionObserver observer)
    : m_session(session), m_observer(std::move(observer))
{
    PQsetNoticeReceiver(m_session, receive_notice, this);
}

void AnswerReader::begin(std::string_view sql)
{
    interrupt::throw_if_pending();
    if (PQpipelineStatus(m_session) != PQ_PIPELINE_OFF) {
        throw loss_of(m_session);
    }
    m_query = Query();
    m_query.text = sql.substr(0, shown_of_query);
    m_query.sent_at = std::chrono::steady_clock::now();
}

std::vector<Result> AnswerReader::read()
{
    return PQpipelineStatus(m_session) == PQ_PIPELINE_OFF ? read_query() : read_pipeline();
}

std::vector<Result> AnswerReader::read(const ScriptIO& io)
{
    if (io.rows == ScriptIO::Rows::dropped) {
        PQsetSingleRowMode(m_session);
    }
    PatientSocket socket(m_session); // for COPY's data
    const Scope io_scope(m_io, io);
    const Scope socket_scope(m_socket, socket);
    return read_query();
}

std::vector<Result> AnswerReader::run_each(std::span<const char* const> statements,
                                           const ScriptIO& io)
{
    StatementFeed feed(m_session, statements);
    PatientSocket socket(m_session);
    const Scope io_scope(m_io, io);
    const Scope feed_scope(m_feed, feed);
    const Scope socket_scope(m_socket, socket);
    return read_fed();
}

std::vector<Result> AnswerReader::read_query()
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
            m_query.has_row = true;
            take_row(std::move(result));
            break;
        case PGRES_FATAL_ERROR:
        case PGRES_BAD_RESPONSE:
            failure = failure_in(result.get(), m_query.completed);
            break;
        default:
            results.emplace_back(std::move(result));
            // A rule may add results to a statement's own; only the last one has a tag.
            m_query.completed += results.back().command_tag().empty() ? 0 : 1;
            m_query.has_row = false;
        }
    }
    end_query();
    if (failure) {
        throw ServerError(*failure);
    }
    return results;
}

std::vector<Result> AnswerReader::read_pipeline()
{
    std::vector<Result> results;
    std::optional<ServerError> failure;
    for (bool is_over = false; !is_over;) {
        ResultHandle result = next_result();
        // A null result ends one statement, and is all there is where the session is lost.
        switch (result ? PQresultStatus(result.get()) : PGRES_PIPELINE_ABORTED) {
        case PGRES_PIPELINE_SYNC:
            is_over = true;
            break;
        case PGRES_PIPELINE_ABORTED: // skipped, since one before it failed
            if (PQstatus(m_session) == CONNECTION_BAD) {
                throw loss_of(m_session);
            }
            break;
        case PGRES_FATAL_ERROR:
        case PGRES_BAD_RESPONSE:
            failure = failure_in(result.get(), results.size());
            break;
        default:
            results.emplace_back(std::move(result));
        }
    }
    leave_pipeline(failure);
    return results;
}

std::vector<Result> AnswerReader::read_fed()
{
    FedAnswers answers;
    while (!answers.is_over) {
        if (m_query.completed == m_feed->sent() && !m_feed->is_done()) {
            m_feed->send_some(); // else the next result would be that of nothing
        }
        if (m_io->rows == ScriptIO::Rows::dropped) {
            PQsetSingleRowMode(m_session); // holds for one statement
        }
        if (ResultHandle result = next_result()) {
            take_fed(std::move(result), answers);
        } else if (PQstatus(m_session) != CONNECTION_BAD) {
            ++m_query.completed; // each statement's results end with a null one
        } else if (answers.failure) {
            throw ServerError(*answers.failure);
        } else {
            throw loss_of(m_session);
        }
    }
    leave_pipeline(answers.failure);
    return std::move(answers.results);
}

void AnswerReader::take_fed(ResultHandle result, FedAnswers& answers)
{
    switch (PQresultStatus(result.get())) {
    case PGRES_PIPELINE_SYNC:
        answers.is_over = true;
        break;
    case PGRES_PIPELINE_ABORTED: // skipped, since one before it failed
        break;
    case PGRES_SINGLE_TUPLE:
        take_row(std::move(result));
        break;
    case PGRES_FATAL_ERROR:
    case PGRES_BAD_RESPONSE:
        answers.failure = failure_in(result.get(), m_query.completed);
        require_session(answers.failure->diagnostic());
        m_feed->stop();
        break;
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
    case PGRES_COPY_BOTH:
        throw std::logic_error("COPY in a pipeline: libpq does not find out of it");
    default:
        answers.results.emplace_back(std::move(result));
    }
}

/// The server's last words: what libpq says of the lost connection afterwards tells less.
void AnswerReader::require_session(const Diagnostic& failure) const
{
    if (failure.severity == "FATAL" || failure.severity == "PANIC") {
        throw ConnectionLost(failure, m_query.completed);
    }
}

void AnswerReader::leave_pipeline(const std::optional<ServerError>& failure)
{
    PQexitPipelineMode(m_session);
    end_query();
    if (failure) {
        throw ServerError(*failure);
    }
}

// Only the server's own errors have a SQLSTATE.
ServerError AnswerReader::failure_in(const PGresult* result, std::size_t completed) const
{
    if (PQresultErrorField(result, PG_DIAG_SQLSTATE) == nullptr) {
        throw loss_of(m_session);
    }
    return {diagnostic_of(result), completed};
}

void AnswerReader::take_row(ResultHandle row) const
{
    if (m_io->on_row) {
        m_io->on_row(Result(std::move(row)), m_query.completed);
    }
}

void AnswerReader::end_query()
{
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - m_query.sent_at;
    m_fastest_answer = std::min(m_fastest_answer, took);
    if (m_io != nullptr && m_io->on_done) {
        m_io->on_done(took);
    } else if (m_observer.on_query) {
        m_observer.on_query(m_query.text, took);
    }
    if (m_query.source_failure) {
        std::rethrow_exception(m_query.source_failure);
    }
    if (m_query.was_canceled) {
        interrupt::throw_if_pending();
    }
}

void AnswerReader::answer_copy_in()
{
    const std::size_t copy = m_query.copies++;
    const bool has_source = m_io != nullptr && copy < m_io->copies.size();
    const char* refusal = "the data of COPY FROM STDIN is not in this query";
    if (has_source) {
        try {
            put_copy_data(m_io->copies[copy]);
            refusal = interrupt::pending() ? "interrupted" : nullptr;
        } catch (const ConnectionLost&) {
            throw;
        } catch (...) {
            m_query.source_failure = std::current_exception();
            refusal = "the data could not be read";
        }
    }
    PQputCopyEnd(m_session, refusal);
}

void AnswerReader::put_copy_data(const CopySource& source)
{
    for (std::string_view data = source(); !data.empty(); data = source()) {
        while (!data.empty() && !interrupt::pending()) {
            const std::size_t size = std::min(data.size(), copy_chunk_bytes);
            put(data.substr(0, size));
            data.remove_prefix(size);
        }
        if (interrupt::pending()) {
            m_query.was_canceled = true;
            return;
        }
    }
}

// The server may have stopped reading, waiting for a lock: then a signal must still get through.
void AnswerReader::put(std::string_view data)
{
    if (PQputCopyData(m_session, data.data(), static_cast<int>(data.size())) != 1) {
        throw loss_of(m_session);
    }
    for (;;) {
        const int unsent = PQflush(m_session);
        if (unsent == 0) {
            return;
        }
        if (unsent < 0) {
            throw loss_of(m_session);
        }
        wait_for_socket(POLLIN | POLLOUT);
    }
}

void AnswerReader::discard_copy_data()
{
    char* row = nullptr;
    while (PQgetCopyData(m_session, &row, 0) > 0) {
        const TextHandle owned(row);
    }
}

bool AnswerReader::is_ready(std::chrono::milliseconds timeout)
{
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (PQisBusy(m_session) == 1) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        if (left <= 0ms) {
            return false;
        }
        if (poll_socket(PQsocket(m_session), POLLIN, left) == Readiness::ready &&
            PQconsumeInput(m_session) == 0) {
            return true; // lost: read() says so
        }
        interrupt::throw_if_pending();
    }
    return true;
}

ResultHandle AnswerReader::next_result()
{
    wait_until_ready();
    return ResultHandle(PQgetResult(m_session));
}

void AnswerReader::wait_until_ready()
{
    while (PQisBusy(m_session) == 1) {
        const bool is_unsent = has_unsent();
        // Sending may have read what the server waited for us to take.
        if (PQisBusy(m_session) != 1 ||
            !wait_for_socket(static_cast<short>(is_unsent ? POLLIN | POLLOUT : POLLIN))) {
            return; // PQgetResult then says what happened
        }
    }
}

/// Sends all that the server takes at once.
bool AnswerReader::has_unsent()
{
    int unsent = PQflush(m_session);
    while (unsent == 0 && m_feed != nullptr && !m_feed->is_done()) {
        m_feed->send_some();
        unsent = PQflush(m_session);
    }
    return unsent == 1;
}

// Reads what came; false where the connection is lost.
bool AnswerReader::wait_for_socket(short events)
{
    switch (poll_socket(PQsocket(m_session), events, wait_tick)) {
    case Readiness::ready:
        return PQconsumeInput(m_session) == 1;
    case Readiness::interrupted:
        cancel_or_give_up(events);
        break;
    case Readiness::timeout:
        if (m_socket != nullptr && m_socket->is_lost()) {
            throw ConnectionLost("it does not answer any more");
        }
        print_waiting();
    }
    return true;
}

void AnswerReader::cancel_or_give_up(short events)
{
    if (interrupt::count() > 1) {
        interrupt::throw_if_pending();
    }
    if (!m_query.was_canceled) {
        m_query.was_canceled = true;
        if (m_feed != nullptr) {
            m_feed->stop();
        }
        Canceller(CancelHandle(PQgetCancel(m_session))).cancel();
    }
    // The signal's pipe stays readable: wait for the socket alone instead of spinning on it.
    pollfd wait{PQsocket(m_session), events, 0};
    if (::poll(&wait, 1, static_cast<int>(wait_tick.count())) > 0) {
        PQconsumeInput(m_session);
    }
}

void AnswerReader::receive_notice(void* reader, const PGresult* result)
{
    static_cast<const AnswerReader*>(reader)->print_notice(diagnostic_of(result));
}

void AnswerReader::print_notice(const Diagnostic& notice) const
{
    if (m_io != nullptr && m_io->on_notice) {
        // The one call of libpq's that tells whether a result is being made or ready to be taken;
        // where rows are dropped, what it asks for is so already.
        const bool is_between =
            m_io->rows == ScriptIO::Rows::dropped && PQsetSingleRowMode(m_session) == 1;
        m_io->on_notice(notice, m_query.completed + (m_query.has_row && !is_between ? 1 : 0),
                        m_query.completed + (is_between ? 0 : 1));
    } else if (m_observer.on_notice) {
        m_observer.on_notice(notice);
    }
}

void AnswerReader::print_waiting() const
{
    if (m_io != nullptr && m_io->on_wait) {
        m_io->on_wait();
    } else {
        print_waiting_to_observer();
    }
}

void AnswerReader::print_waiting_to_observer() const
{
    if (m_observer.on_wait) {
        m_observer.on_wait();
    }
}

} // namespace crudctl::pg
