#pragma once

#include "pg/connection.hpp"
#include "script/load/batch.hpp"
#include "script/load/failure.hpp"
#include "script/load/loader.hpp"
#include "script/load/lock_watch.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace crudctl::script {

/// Sends batches and waits for their answers: feeds their COPYs, says which statement a notice or a
/// failure is about, and who held a lock that was not to be had. Knows no transactions.
class BatchSender {
public:
    /// Both have to outlive it.
    BatchSender(pg::Connection& connection, const LoadOptions& options);

    /// The file of the command that the next batches are from.
    void begin_file(std::string shown, std::size_t statements);
    /// What a failure from here on leaves behind.
    void set_state(std::string state) { m_state = std::move(state); }
    const std::string& state() const noexcept { return m_state; }
    /// The file and line of the statement that the server ended the session at; empty where it said
    /// nothing.
    const std::string& lost_at() const noexcept { return m_lost_at; }

    /// The rows that it changed; `reader` has the rest of a COPY's data. Throws ScriptError and
    /// pg::ConnectionLost; what the batch had done is then undone or not as its transaction is.
    std::size_t send(const Batch& batch, ScriptReader& reader,
                     const std::function<void()>& on_data = {});

    /// The transaction's id, once a batch asked for it before its parts.
    const std::string& transaction_id() const noexcept { return m_transaction_id; }
    /// For a transaction that no batch began.
    void set_transaction_id(std::string id) { m_transaction_id = std::move(id); }
    FailureContext failure_context() const;

    /// What became of the SQL behind the load, once a batch had some.
    enum class BehindLoad { unsent, done, failed };
    BehindLoad behind_load() const noexcept { return m_behind_load; }

private:
    /// Some of its statements, by their indexes.
    struct Range {
        std::size_t begin = 0;
        std::size_t end = 0;
    };
    std::size_t send_all(const Batch& batch, ScriptReader& reader,
                         const std::function<void()>& on_data);
    std::size_t send_each(const Batch& batch, Range range);
    std::size_t send_message(const Batch& batch, ScriptReader& reader,
                             const std::function<void()>& on_data);
    pg::ScriptIO io_for(const Batch& batch, Range range);
    void take_row(const Batch& batch, const pg::Result& row, std::size_t index);
    void require_same_reading(const Batch& batch) const;
    void print_notice(const Batch& batch, const pg::Diagnostic& notice, std::size_t at_least,
                      std::size_t at_most) const;
    void print_messages(const Batch& batch) const;
    ScriptError failure_of(const Batch& batch, const pg::ServerError& error,
                           const Variables& variables) const;

    pg::Connection& m_connection;
    const LoadOptions& m_options;
    LockWatch m_lock_watch;
    std::string m_file;
    std::size_t m_statements = 0;
    std::string m_state;
    std::string m_lost_at;
    std::string m_transaction_id;
    BehindLoad m_behind_load = BehindLoad::unsent;
};

/// What a session's standard_conforming_strings makes of a backslash.
Backslashes backslashes_of(const pg::Connection& connection);

} // namespace crudctl::script
