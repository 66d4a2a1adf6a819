#pragma once

#include "pg/answer_reader.hpp"
#include "pg/conn_info.hpp"
#include "pg/error.hpp"
#include "pg/params.hpp"
#include "pg/result.hpp"
#include "pg/script_io.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::pg {

/// Values for $1…$n as text; nothing is SQL null.
using Values = std::span<const std::optional<std::string>>;

/// A statement of several that go out together.
struct BoundStatement {
    std::string sql;
    Values values; // for $1…$n; they have to outlive it
};

/// What the server makes of a statement before it runs.
struct StatementDescription {
    std::vector<std::string> parameters; // the type of each $n, e.g. "timestamp with time zone"
};

/// A session. Waits for the server with poll(), so that SIGINT and SIGTERM cancel on the server and
/// then throw Error(interrupted|terminated); a second signal gives up waiting.
class Connection {
public:
    /// Connects and logs in or throws ConnectError; honours connect_timeout per address.
    explicit Connection(const ConnInfo& info, ConnectionObserver observer = {});

    /// Exactly one statement, with $1…$n bound. Throws ServerError, ConnectionLost.
    template <Parameter... Ts>
    Result exec(const std::string& sql, const Ts&... values)
    {
        const Params params(values...);
        return exec_params(sql, params);
    }

    /// The same with any number of values. One with a NUL byte, which no text of Postgres' has, is
    /// our own mistake: std::logic_error.
    Result exec(const std::string& sql, Values values);

    /// The same READ ONLY, in one round trip: what writes is refused by the server
    /// (sqlstate::read_only). In a transaction of its own, or in a part of the one that is open,
    /// which a failure spoils. `first` is a statement that goes before it; where that fails,
    /// nothing else runs.
    Result exec_read_only(const std::string& sql, Values values, const std::string& first = {});

    /// The same in a transaction of its own, in one round trip, with statements before its COMMIT:
    /// where one fails, nothing of it stays.
    Result exec_before(const std::string& sql, Values values, std::span<const std::string> last);

    /// Queries of crudctl's own that only look, of one snapshot and in one round trip: what one
    /// says fits to what the others say, whatever is renamed or dropped meanwhile. Nothing that
    /// others put into the database runs: the search path is empty, row security is off, the
    /// transaction is READ ONLY, and the role's time-outs don't end it. Outside a transaction block
    /// alone. Throws ServerError, ConnectionLost.
    std::vector<Result> look(std::span<const BoundStatement> queries);
    /// The same with one query.
    template <Parameter... Ts>
    Result look(const std::string& sql, const Ts&... values)
    {
        const Params params(values...);
        return look_with(sql, params);
    }
    /// From the next look on, what a look runs under holds for the whole session: for one that
    /// crudctl has to itself. Behind a pooler, whose sessions others get next, it does not.
    void keep_looking_settings() noexcept { m_keeps_looking_settings = true; }

    /// The types of a statement's parameters, as the server infers them; nothing runs. Throws
    /// ServerError, ConnectionLost.
    StatementDescription describe(const std::string& sql);

    /// Has the server parse a text, and no more. Throws ServerError; ConnectionLost also where
    /// there is no answer in that time, and the session is of no use then.
    void parse(const std::string& sql, std::chrono::milliseconds timeout);

    /// Any number of statements in one round trip; outside a transaction block they are one
    /// implicit transaction. The results in order, one a statement as a rule (a rule may add some).
    /// Throws ServerError{failed_result, position over the whole text}, ConnectionLost. A COPY FROM
    /// STDIN among them is ended with an error; what a COPY TO STDOUT sends is discarded.
    std::vector<Result> exec_script(const std::string& sql, const ScriptIO& io = {});

    /// Statements in one round trip as well, each parsed and run as if it had been sent by itself:
    /// to the server, its text is all there is. Outside a transaction block they are one implicit
    /// transaction, if none of them commits by itself. The results in their order, one a statement.
    /// Throws ServerError{failed_result, position in that statement}, ConnectionLost; nothing runs
    /// behind the one that failed, and a block that one of them opened stays open. COPY with data
    /// is not for a pipeline.
    std::vector<Result> exec_each(std::span<const char* const> statements, const ScriptIO& io = {});
    std::vector<Result> exec_each(std::span<const std::string> statements);

    /// Statements for exec_each() by which a query only looks in the midst of a transaction: names
    /// of pg_catalog alone are found, the setting crudctl.schemas has those of the session's search
    /// path, and that is as before behind them. The query's result is the last but one.
    static std::vector<std::string> look_within(const std::string& query);

    /// Starts a script without waiting for it; then finish_script() waits for its results, or
    /// script_is_done() says within `timeout` whether it would have to.
    void start_script(const std::string& sql);
    bool script_is_done(std::chrono::milliseconds timeout);
    std::vector<Result> finish_script();

    /// Starts several statements in one round trip, each as exec() takes one, without values; goes
    /// on as a script does. The first may be one that no script can have, like CREATE DATABASE: it
    /// is committed then, and the others are a transaction of their own. Where one fails, those
    /// behind it are not run.
    void start_sequence(std::span<const std::string> statements);

    /// A name or a string for SQL text that takes no parameters (utility statements).
    std::string quoted(std::string_view identifier) const;
    std::string literal(std::string_view value) const;

    /// Of the server, e.g. 150020.
    int server_version() const noexcept;
    /// As PQparameterStatus; empty where the server didn't say.
    std::string parameter(const char* name) const;
    /// The same connection's parameters, pinned to the server that answered.
    ConnInfo pinned_info() const;
    /// The address that answered, e.g. "10.0.3.7"; empty for a Unix socket.
    std::string server_address() const;
    /// "TLSv1.3"; empty where the session is not encrypted.
    std::string tls_version() const;
    /// The process id that the log-in announced; behind a pooler it isn't the backend's.
    int backend_pid() const noexcept;

    /// The shortest time that a query took so far: hardly more than the way there and back.
    std::chrono::duration<double> fastest_answer() const noexcept
    {
        return m_answers->fastest_answer();
    }

    enum class TransactionStatus { idle, active, in_transaction, failed, unknown };
    TransactionStatus transaction_status() const noexcept;

    const ConnInfo& info() const noexcept { return m_info; }
    /// For a Canceller.
    CancelHandle cancel_handle() const;
    /// For a ScriptIO's on_wait, which stands in the observer's place: tells that one as well.
    void print_waiting() const;

private:
    Result exec_params(const std::string& sql, const Params& params);
    Result look_with(const std::string& sql, const Params& params);
    std::string looking_settings() const;
    void log_in();
    template <typename Send>
    void send(const std::string& sql, Send&& send_query);
    template <typename Send>
    void send_pipeline(const std::string& sql, Send&& send_queries);
    std::vector<Result> finish_pipeline();

    ConnInfo m_info;
    ConnHandle m_handle;
    std::unique_ptr<AnswerReader> m_answers; // libpq has its address, which a move must not change
    bool m_keeps_looking_settings = false;
};

/// A transaction block that rolls back unless it was committed.
class Transaction {
public:
    /// Sends BEGIN with `modes`, e.g. "read only". The connection must outlive this.
    explicit Transaction(Connection& connection, const std::string& modes = {});
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    /// Throws ServerError where a deferred constraint fails, ConnectionLost where the answer is
    /// lost.
    void commit();

private:
    Connection& m_connection;
    bool m_is_open = true;
};

} // namespace crudctl::pg
