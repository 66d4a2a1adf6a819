#pragma once

#include "script/effect/effect_judge.hpp"
#include "script/load/batch_sender.hpp"
#include "script/load/load_progress.hpp"
#include "script/load/load_transaction.hpp"
#include "script/load/loader.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace crudctl::script {

/// Loads the SQL files of a script: sends their statements in batches, in transactions as large as
/// the script's mode says and the statements allow.
class SqlLoader {
public:
    /// All of them have to outlive it.
    struct Tools {
        pg::Connection& connection;
        const Script& script;
        const LoadOptions& options;
        BatchSender& sender;
        LoadTransaction& transaction;
        ProgressMeter& meter;
        LoadReport& report; // gets the notes, and what is put off
    };
    explicit SqlLoader(const Tools& tools)
        : m_tools(tools),
          m_variables(tools.script.settings.variables),
          m_may_have_changed(includes_files(tools.script))
    {}

    /// For what is to be left out; asks the server only where something is.
    void read_known_settings();

    /// Throws ScriptError, Error, pg::ConnectionLost; the transaction is then the caller's to roll
    /// back.
    void load(const FileOutline& file);

    /// What the file that failed may have meant by the names of the failure; empty where nobody
    /// knows better than the server.
    std::string hint_about_names(const ScriptFailure& failure) const;

private:
    static bool includes_files(const Script& script);

    /// How large the transactions are.
    enum class Sending { one_transaction, batches, statements };

    void load_as_mode_says();
    void load_aside();
    void stream(Sending sending);
    std::vector<std::string> begin_session(Sending sending);
    BatchRules rules_for(Sending sending) const;
    void send(Batch& batch, ScriptReader& reader, Sending sending);
    void add_commit(Batch& batch) const;
    void add_own_transaction(Batch& batch) const;
    std::size_t send_again(const Batch& batch, ScriptReader& reader);
    std::size_t send_bare(const Batch& batch, ScriptReader& reader);
    std::optional<std::size_t> try_to_send(const Batch& batch, ScriptReader& reader);
    std::size_t send_batch(const Batch& batch, ScriptReader& reader, Sending sending);
    void note_what_it_changes(const Batch& batch);
    void require_as_judged(const Batch& batch, const Batch::Part& part);
    void require_no_open_transaction() const;

    Tools m_tools;
    Variables m_variables; // as the files before left them
    std::set<std::string, std::less<>> m_known_settings;
    bool m_may_have_changed; // files that others include, since they were judged
    EffectJudge m_judge{m_tools.script.settings.known};
    const FileOutline* m_file = nullptr; // that is being loaded, or failed
    std::string m_search_path_place;     // where it set it
    std::string m_smaller_because;       // the SQLSTATE that the last attempt failed with
};

} // namespace crudctl::script
