#pragma once

#include "operation/context.hpp"
#include "pg/conn_info.hpp"
#include "plan/executor.hpp"
#include "plan/plan.hpp"
#include "support/process/process.hpp"

#include <string>
#include <vector>

namespace crudctl::commands {

/// How psql is to be started.
struct PsqlSession {
    pg::ConnInfo info;
    std::vector<std::string> arguments; // the user's own
    std::string profile;
    bool is_protected = false; // the prompt says so, in red
    bool is_read_only = false; // the server refuses to write
};

/// The psql call: the password in its environment, never in its argv; everything else as a
/// connection string.
ProgramCall psql_call(const PsqlSession& session, const Environment& environment);

/// The start-up file that includes the user's own and then sets the prompt, so that theirs cannot
/// hide it. Empty where the profile is not protected.
std::string psqlrc_text(const PsqlSession& session, const Environment& environment);

/// Throws Error(external) naming the package where psql is missing.
void require_psql(const Environment& environment, const ProcessRunner& processes);

/// Lets psql run files on a database in one transaction, without anybody's psqlrc, stopping at the
/// first error; what it says goes to stderr. What goes before the files names them for the server's
/// log. Throws Error(failed) where a file failed, Error(external) where psql did.
void run_psql(Context& context, const pg::ConnInfo& info, const plan::RunPsql& step,
              const plan::OwnStatements& own);

/// Leaves the terminal to psql, and gives its exit code. Throws Error(external) naming the package
/// where it is missing.
int attend_psql(const PsqlSession& session, const Environment& environment,
                ProcessRunner& processes);

/// psql's exit code where it could not connect, or lost a connection that nobody sat at.
constexpr int psql_bad_connection = 2;

} // namespace crudctl::commands
