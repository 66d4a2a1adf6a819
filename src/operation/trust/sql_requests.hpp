#pragma once

#include "config/trust/trust_request.hpp"
#include "operation/context.hpp"
#include "pg/connection.hpp"
#include "plan/plan.hpp"

#include <vector>

namespace crudctl::commands {

/// What the SQL of these steps has the project's own server do beyond its databases (where it is
/// for that server), and what psql would run by its own commands (--via psql).
std::vector<config::TrustRequest> sql_requests_of_steps(const std::vector<plan::Step>& steps,
                                                        bool is_own_server);

/// The same of the project's schema, seeds, queries and checks. What can't be read has none.
std::vector<config::TrustRequest> sql_requests_of_project(Context& context);

/// What psql would do beyond sending SQL, where it is left to run these files itself: the lines
/// that run a program, write a file or read the environment (`\!`, a backquote, `|`, `\copy … to`,
/// `\getenv`, `\gexec` …), and on the project's own server the statements that reach outside. Files
/// that they include are looked into; one that can't be told or that psql may read otherwise is
/// named.
std::vector<config::TrustRequest> psql_requests(const plan::RunPsql& run, bool is_own_server);

/// What files do outside of their database, and the OIDs of the other ones that they name.
struct OutsideReach {
    std::vector<script::OutsideStatement> statements;
    std::vector<std::string> oids;
};

/// What the plan's files do outside of their database: roles, tablespaces, the server's
/// configuration, other databases. Throws Error(refused) where such a database is marked prod, by
/// whichever line of ours, or is that of a protected profile, and where its name can't be read. The
/// server is asked only where a file names one.
OutsideReach require_harmless_outside(const Context& context, const plan::Plan& plan,
                                      pg::Connection& connection);

void print_outside(Context& context, const std::vector<script::OutsideStatement>& statements);

} // namespace crudctl::commands
