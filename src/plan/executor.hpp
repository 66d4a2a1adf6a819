#pragma once

#include "database/content.hpp"
#include "database/database.hpp"
#include "database/permit.hpp"
#include "pg/connection.hpp"
#include "plan/plan.hpp"
#include "support/terminal/console.hpp"
#include "support/terminal/progress.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::plan {

inline constexpr std::chrono::seconds usual_lock_timeout{30};

/// What travels with the files that psql runs: before them, and before their COMMIT. Either may be
/// empty.
struct OwnStatements {
    std::string first;
    std::vector<std::string> last;
    /// Told how psql failed: whether the transaction with this id has committed all the same.
    /// Empty: there was none. Throws ServerError, ConnectionLost.
    std::function<bool(const std::string& transaction)> has_committed;
};

/// What a plan is run with. Connections are opened when a step first needs them, and no sooner.
struct Runtime {
    Console& console;
    Progress& progress;
    pg::Connection& maintenance;
    std::function<std::unique_ptr<pg::Connection>(const std::string& database)> connect;
    /// Where a notice of the server is about a file's statement, `place` is that, and `sql` its
    /// text.
    std::function<void(const pg::Diagnostic& notice, const std::string& place,
                       std::string_view sql)>
        print_notice;
    /// Runs psql on a database; throws where it failed.
    std::function<void(const std::string& database, const RunPsql& step, const OwnStatements& own)>
        run_psql;
    std::chrono::seconds lock_timeout = usual_lock_timeout;
    /// Told the server's identity and the name of what is about to be built aside: a run that is
    /// killed before it could mark it is known by that.
    std::function<void(const std::string& server, const std::string& name)> note_build = nullptr;
    /// Has a service do something, and waits until it has; throws where it failed.
    std::function<void(const ServiceCall& step)> call_service;
    /// Runs a query; throws where it failed. `tag` is a comment in SQL for the server's log, or
    /// empty; `last` goes before the COMMIT.
    std::function<void(const RunQuery& step, const std::string& tag,
                       const std::vector<std::string>& last)>
        run_query = nullptr;
    /// Runs a program on a database, and gives out what it says. Returns its exit code, 128 +
    /// signal where a signal ended it; throws where it can't be started.
    std::function<int(const std::string& database, const RunProgram& step)> run_program = nullptr;
    /// Behind a load: says how many notices were not shown.
    std::function<void()> print_rest_of_notices = nullptr;
};

/// What there is when a plan has run.
struct Outcome {
    bool has_changed = true; // false: everything already was as asked
    std::size_t statements = 0;
    std::size_t rows = 0;       // that files brought
    std::size_t psql_files = 0; // that psql ran
    std::size_t programs = 0;   // of the project's that were run
    std::size_t ended_sessions = 0;
    std::size_t deleted = 0; // databases, for good
    std::string set_aside;   // the name of what stood there before; undo brings it back
    std::string set_aside_oid;
    std::vector<database::TableRows> tables; // of a database that was built
    bool is_uncounted = false;               // true: they are not known
    database::Losses losses;                 // of one that was compared
};

/// Runs the steps in order and says each with its time. Where one fails, what was being built aside
/// is dropped again and the target is as it was; the error goes on to the caller.
Outcome execute(const Plan& plan, const database::Permit& permit, const Runtime& runtime);

} // namespace crudctl::plan
