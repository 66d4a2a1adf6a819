#pragma once

#include "operation/context.hpp"
#include "operation/target.hpp"
#include "plan/plan.hpp"

#include <string>

namespace crudctl::commands {

/// How an application connects to a database of the target: the URL that the user gave, else the
/// own server's, which has no TLS. With its password.
pg::ConnInfo application_info(Context& context, const Target& target, const std::string& database);

/// The same for a program that crudctl runs: over TLS as crudctl itself would insist on it.
pg::ConnInfo program_info(Context& context, const Target& target, const std::string& database);

/// The step for a command of project.schema_command or seed_command, with a digest of the files
/// that project.schema_inputs names. Throws Error(configuration) where one can't be read.
plan::RunProgram program_step(const config::Project& project, plan::ScriptKind kind);

/// Runs a program in the project's root with DATABASE_URL, CONNECTION_URL and PG* of this database;
/// what it says goes to stderr. Returns its exit code; throws Error(external) where it can't be
/// started.
int run_program(Context& context, const pg::ConnInfo& info, const plan::RunProgram& step);

} // namespace crudctl::commands
