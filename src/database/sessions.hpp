#pragma once

#include "database/permit.hpp"
#include "pg/connection.hpp"

#include <optional>
#include <string>
#include <vector>

namespace crudctl::database {

/// One session as pg_stat_activity shows it. Where this role may not see another's session, the
/// server leaves state, ages, client and query out.
struct Session {
    long long pid = 0;
    std::string role;
    std::string database;
    std::string client; // address or host name; "local" on a Unix socket
    std::string application;
    std::string state;
    std::optional<double> state_age; // seconds
    std::optional<double> query_age; // seconds; only while a query or transaction is under way
    std::string query;
    std::string started;
    bool is_own = false;
};

/// The sessions on a database, or on all of them; our own first.
std::vector<Session> sessions(pg::Connection& connection,
                              const std::optional<std::string>& database);

/// Who keeps a session waiting for a lock: "psql (pid 1234, idle in transaction for 2 min)"; of
/// several the first, with how many more. Empty where nobody does.
std::string blockers_of(pg::Connection& connection, int backend_pid);

/// The other sessions on a database: "psql as postgres (pid 1234)", several with a comma between.
std::string users_of(pg::Connection& maintenance, const std::string& database);

/// Ends the other sessions on a database that this role may end; how many. Those on `also`, which
/// may be empty, end with them, and don't count.
std::size_t end_sessions(const Permit& permit, pg::Connection& maintenance,
                         const std::string& database, const std::string& also = {});

} // namespace crudctl::database
