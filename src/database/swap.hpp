#pragma once

#include "database/database.hpp"
#include "database/marker.hpp"
#include "database/permit.hpp"
#include "pg/connection.hpp"

#include <functional>
#include <string>
#include <vector>

namespace crudctl::database {

/// One change of names: what stands under the target's name goes aside, and another may take it.
struct Swap {
    std::string target;
    std::string expected_oid; // the target's; empty: no database of the name exists
    std::string previous;     // the name that the old one gets
    Marker previous_marker;
    std::string next; // what takes the name; empty: nothing does
    std::string next_oid;
    Marker next_marker;
    std::string before; // SQL for the same transaction, while it still has its own name
    std::string then;   // the same, once it has the target's
    /// Process ids of sessions of ours on either database that were closed just now.
    std::vector<int> closed_sessions;
};

/// Changes the names in one transaction and one round trip, each bound to the OID that was judged.
/// `end_sessions` is called again and again while a rename waits for sessions to leave, up to 5 s:
/// whoever reconnects meanwhile waits behind it, so that ending them is a race which the rename
/// wins. Throws ServerError, and nothing has changed then; ConnectionLost, and nobody knows: see
/// oid_of().
void swap_names(const Permit& permit, pg::Connection& maintenance, const Swap& swap,
                const std::function<void()>& end_sessions);

/// A database to copy, as it was judged.
struct CopySource {
    std::string name;
    std::string oid;
};

/// As create_like() from another one of ours instead of template0; nobody may be connected to that
/// while it is copied, so `end_sessions` is called as above. Throws Error(busy) where the name is
/// another one's by then: what was made of that is dropped again.
std::string copy_database(const Permit& permit, pg::Connection& maintenance, const CopySource& from,
                          const Making& making, const std::function<void()>& end_sessions);

/// Statements of PL/pgSQL that give a database another name if it has this OID. They raise
/// sqlstate::missing_database where there is no such one.
std::string rename_checked_sql(const pg::Connection& connection, const std::string& name,
                               const std::string& oid, const std::string& new_name);

/// Waits for what was started, and calls `end_sessions` for as long as sessions seem to hold it up.
std::vector<pg::Result> finish_against_sessions(pg::Connection& connection,
                                                const std::function<void()>& end_sessions);

/// Of the database with this name; empty where there is none. The query for it: one row, null
/// where there is none.
std::string oid_of(pg::Connection& maintenance, const std::string& name);
std::string oid_query(const pg::Connection& connection, const std::string& name);

} // namespace crudctl::database
