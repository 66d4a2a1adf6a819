#pragma once

#include "pg/connection.hpp"
#include "script/load/batch.hpp"
#include "script/load/batch_sender.hpp"
#include "script/reader/script_settings.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace crudctl::script {

/// The transaction that files are loaded in: begins with the first batch, cleans the session up
/// between files, and makes sure before the commit that it is still the same one.
class LoadTransaction {
public:
    /// Waits for locks as long as the options say where all files are one transaction. All of them
    /// have to outlive it.
    LoadTransaction(pg::Connection& connection, BatchSender& sender, const LoadOptions& options,
                    TransactionMode mode)
        : m_connection(connection),
          m_sender(sender),
          m_options(options),
          m_lock_timeout(mode == TransactionMode::one ? options.lock_timeout
                                                      : std::chrono::milliseconds(0))
    {}

    /// What goes before the first batch of a file; where the file before changed how text is read,
    /// it is sent at once, and nothing is left to go before the batch.
    std::vector<std::string> begin_file();
    /// The same, sent: for what doesn't travel in batches.
    void begin_now() { begin_with({}); }
    /// The same with queries in one trip; the results of both. How its text is read has to be
    /// settled before.
    std::vector<pg::Result> begin_with(const std::vector<std::string>& queries);
    /// From here on the server reads text as at the log-in, whatever the file before has changed.
    void settle_reading();
    /// Takes back what an earlier file did to the session, outside of a transaction.
    void clean_session();
    /// A file changed how the server reads text.
    void note_change_of_reading() { m_reading_has_changed = true; }

    /// The batch with what begin_file() gave is on its way.
    void note_begun() { m_is_open = true; }
    /// The batch that brought its own COMMIT has run.
    void note_committed();
    /// What commits, to be put behind a file's last batch: where a lost answer costs nothing, since
    /// the database is thrown away then.
    std::vector<std::string> closing() const;
    /// Throws ScriptError for a deferred constraint, Error(failed) where a file has ended the
    /// transaction, Error(unknown) where the answer is lost. `files` is for messages; `own` goes
    /// before the COMMIT, in a session as it was at its log-in.
    void commit(const std::string& files, const std::vector<std::string>& own = {});
    /// Commits what is thrown away if anything fails: nothing is in doubt then, whatever becomes of
    /// the answer. Throws ScriptError for a deferred constraint, pg::ConnectionLost.
    void commit_aside(const std::string& files);
    /// The same outside of a transaction.
    void put_marker_back();
    /// Leaves the session as it was at the log-in. Where it is lost, the server does the same.
    void roll_back() noexcept;

private:
    std::vector<std::string> beginning() const;
    std::string same_transaction_test() const;
    std::vector<std::string> marker_kept() const;
    std::vector<std::string> ending(const std::vector<std::string>& own) const;

    pg::Connection& m_connection;
    BatchSender& m_sender;
    const LoadOptions& m_options;
    std::chrono::milliseconds m_lock_timeout;
    bool m_is_open = false;
    bool m_reading_has_changed = false;
};

} // namespace crudctl::script
