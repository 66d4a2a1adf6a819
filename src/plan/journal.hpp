#pragma once

#include "plan/author.hpp"
#include "plan/plan.hpp"
#include "support/error.hpp"
#include "support/process/environment.hpp"
#include "support/system/line_log.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::plan {

/// What the journal keeps of one run that changed something, or that was refused to. It holds no
/// secret: who fills it in leaves them out.
struct JournalEntry {
    std::string time; // UTC, when it began
    std::string command;
    std::string project; // its root
    std::string profile;
    std::string target; // the target line
    std::string database;
    Author author;
    std::string plan_id; // as the server's log has it; may be empty
    std::string effect;
    std::string result; // "done", "failed", "unknown", "interrupted", "refused"
    int exit_code = 0;
    double seconds = 0;
    std::string undo; // the database that was set aside, if any
    // The same one's OID, its owner and its server, so that undo knows it when the target is gone.
    std::string undo_oid;
    std::string undo_owner;
    std::string server;
    std::string message; // of a failure
};

/// The word for what a run ended with.
std::string_view result_name(ExitCode code);

/// Where and what, before it has run; as of now.
JournalEntry entry_for(const Plan& plan, const std::filesystem::path& project_root);

/// How an entry names a project: however one got there, it is the same one.
std::string project_text(const std::filesystem::path& root);

std::string to_json(const std::vector<JournalEntry>& entries);

/// The journal of this user, on this machine: JSON lines, one an entry.
class Journal {
public:
    explicit Journal(std::filesystem::path file) : m_log(std::move(file)) {}
    /// The one in the user's state folder. Throws Error(configuration) where no place can be told.
    static Journal of_user(const Environment& environment);

    /// Throws Error(failed).
    void append(const JournalEntry& entry) const;

    /// Whether a run that this journal knows set this database of the server aside from this owner.
    /// Throws Error(configuration) where the file cannot be read.
    bool knows_set_aside(const std::string& server, const std::string& oid,
                         const std::string& owner) const;

    /// The newest of those that are wanted, so many at most; the newest last. What cannot be read
    /// as an entry is passed over. Throws Error(configuration) where the file cannot be read.
    std::vector<JournalEntry> last(std::size_t most,
                                   const std::function<bool(const JournalEntry&)>& is_wanted) const;

private:
    LineLog m_log;
};

} // namespace crudctl::plan
