#pragma once

#include "pg/error.hpp"
#include "pg/result.hpp"
#include "pg/script_io.hpp"

#include <chrono>
#include <cstddef>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <libpq-fe.h>

namespace crudctl::pg {

class PatientSocket;
class StatementFeed;

/// Reads the server's answers to one query after the other. It waits with poll(), feeds the COPYs
/// FROM STDIN, hands notices and rows on, and cancels the query on the server when a signal comes.
class AnswerReader {
public:
    /// From now on the observer gets the session's notices. The session has to outlive this.
    AnswerReader(PGconn* session, ConnectionObserver observer);
    ~AnswerReader() = default;
    AnswerReader(const AnswerReader&) = delete; // libpq has its address, for notices
    AnswerReader& operator=(const AnswerReader&) = delete;

    /// Forgets the last query; call it before each one is sent. Throws
    /// Error(interrupted|terminated) where a signal has come, ConnectionLost where the last
    /// pipeline was not read to its end.
    void begin(std::string_view sql);

    /// Reads the answer to the query or the pipeline that was sent, to its end: the results in
    /// their order. Throws ServerError, ConnectionLost, the error of a CopySource, and
    /// Error(interrupted|terminated) where a signal canceled the query.
    std::vector<Result> read();
    /// The same for a script that was sent with this `io`.
    std::vector<Result> read(const ScriptIO& io);
    /// Sends statements through the pipeline that was begun, and reads their answers meanwhile: one
    /// result for each.
    std::vector<Result> run_each(std::span<const char* const> statements, const ScriptIO& io);

    /// Waits up to `timeout` for the next result; false where read() would have to wait still.
    /// Throws Error(interrupted|terminated), and cancels nothing.
    bool is_ready(std::chrono::milliseconds timeout);

    /// The shortest time that an answer took so far; 1 s before the first one.
    std::chrono::duration<double> fastest_answer() const noexcept { return m_fastest_answer; }

    /// Calls the observer's on_wait, even where a script has one of its own.
    void print_waiting_to_observer() const;

private:
    static void receive_notice(void* reader, const PGresult* result);
    void print_notice(const Diagnostic& notice) const;
    void print_waiting() const;

    std::vector<Result> read_query();
    std::vector<Result> read_pipeline();
    /// Of a pipeline that is being filled.
    struct FedAnswers {
        std::vector<Result> results;
        std::optional<ServerError> failure;
        bool is_over = false;
    };
    std::vector<Result> read_fed();
    void take_fed(ResultHandle result, FedAnswers& answers);
    void require_session(const Diagnostic& failure) const;
    void leave_pipeline(const std::optional<ServerError>& failure);
    void end_query();
    ServerError failure_in(const PGresult* result, std::size_t completed) const;
    void take_row(ResultHandle row) const;

    void answer_copy_in();
    void put_copy_data(const CopySource& source);
    void put(std::string_view data);
    void discard_copy_data();

    ResultHandle next_result();
    void wait_until_ready();
    bool has_unsent();
    bool wait_for_socket(short events);
    void cancel_or_give_up(short events);

    /// The query that is under way, or the last one.
    struct Query {
        std::string text; // its beginning
        std::chrono::steady_clock::time_point sent_at;
        std::size_t completed = 0; // of its statements
        bool has_row = false;      // of the statement at hand
        std::size_t copies = 0;    // begun so far
        bool was_canceled = false;
        std::exception_ptr source_failure; // what a CopySource threw
    };

    PGconn* m_session;
    ConnectionObserver m_observer;
    const ScriptIO* m_io = nullptr;    // of the script that is being read
    StatementFeed* m_feed = nullptr;   // of the pipeline that is being filled
    PatientSocket* m_socket = nullptr; // where much may be sent before it is answered
    Query m_query;
    std::chrono::duration<double> m_fastest_answer{1};
};

} // namespace crudctl::pg
