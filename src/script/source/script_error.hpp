#pragma once

#include "pg/error.hpp"
#include "script/sql/position.hpp"
#include "support/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// All that can be said of a SQL file's failure. Texts from the server are as it sent them.
struct ScriptFailure {
    std::string file;                // as it is shown to people
    Place place;                     // line 0: no place, as at the commit
    std::string message;             // the server's primary message, or our own
    std::vector<std::string> source; // the source with its caret, ready for a terminal
    std::string sqlstate;            // empty where it isn't the server who refused
    bool is_hidden_reach = false;    // the test before the COMMIT failed
    std::string detail;
    std::string hint;
    std::string context;
    std::vector<std::string> names;       // that it may be about, without their schemas
    std::vector<std::string> inner_query; // of a function, with its caret
    std::size_t statement = 0;            // which one, from 1, of
    std::size_t statements = 0;           // this many in the file; 0 where it isn't about one
    std::string statement_file;           // of the command, where it isn't the one named above
    std::string state;                    // what there is in the database now
};

/// The refusal of what changes another database by code, where `what` is a plural: "the files".
Error refusal_of_hidden_reach(const std::string& what, const std::string& state);

/// A file that could not be loaded, or that is refused before anything of it is sent. Its what()
/// begins as a compiler's message does: `sql/schema.sql:12:3: error: …`; hint() is the server's or
/// ours. Exit code `failed`, or `busy` where a lock was not to be had.
class ScriptError : public Error {
public:
    ScriptError(ExitCode code, ScriptFailure failure);

    const ScriptFailure& failure() const noexcept { return m_failure; }
    /// Everything but what() and hint(), a line each: the source with its caret, detail, context,
    /// which statement of how many, and the state of the database. Safe to print.
    std::vector<std::string> report_lines() const;
    /// The same, with what there is in the database now where that isn't said yet.
    ScriptError with_state(const std::string& state) const;

private:
    ScriptFailure m_failure;
};

} // namespace crudctl::script
