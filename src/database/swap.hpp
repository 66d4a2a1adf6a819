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
    Marker next_marker;
    std::string then; // SQL for the same transaction, once it has the name
    /// Process ids of sessions of ours on either database that were closed just now.
    std::vector<int> closed_sessions;
};

/// Changes the names in one transaction and one round trip. `end_sessions` is called again and
/// again while a rename waits for sessions to leave, up to 5 s: whoever reconnects meanwhile waits
/// behind it, so that ending them is a race which the rename wins. Throws ServerError, and nothing
/// has changed then; ConnectionLost, and nobody knows: see oid_of().
void swap_names(const Permit& permit, pg::Connection& maintenance, const Swap& swap,
                const std::function<void()>& end_sessions);

/// As create_like() from another one of ours instead of template0; nobody may be connected to that
/// while it is copied, so `end_sessions` is called as above.
std::string copy_database(const Permit& permit, pg::Connection& maintenance,
                          const std::string& from, const Making& making,
                          const std::function<void()>& end_sessions);

/// Of the database with this name; empty where there is none. The query for it: one row, null
/// where there is none.
std::string oid_of(pg::Connection& maintenance, const std::string& name);
std::string oid_query(const pg::Connection& connection, const std::string& name);

} // namespace crudctl::database
