#pragma once

#include "database/copies.hpp"
#include "database/permit.hpp"
#include "pg/connection.hpp"

#include <functional>
#include <string>

namespace crudctl::database {

/// Which database is to be dropped for good, as it was judged.
struct Removal {
    std::string name;
    std::string oid;
    Marker marker; // as it will be found by, if the run is killed: kind dropping
};

/// What became of it.
enum class Removed {
    bound,     // dropped, and it was the one that was judged
    not_bound, // dropped, but this role may not rename: another one could have had the name
    gone,      // there is none of this name with this OID
    in_use,    // it has sessions, and stays
};

/// The marker of a database that is about to be dropped: the one it has, or none.
Marker doomed_marker(Marker marker, const std::string& target, const std::string& at,
                     const std::string& by);

/// Drops a database after its sessions were ended by `end_sessions`, which is called again and
/// again while some are there. Bound to the OID: one transaction gives it a name that no other one
/// has, with its OID checked; then that name is dropped, and whatever has the old name stays.
/// Killed in between, the next run finishes that, or undo brings it back. Throws ServerError.
Removed remove_database(const Permit& permit, pg::Connection& maintenance, const Removal& removal,
                        const std::function<void()>& end_sessions);

/// The same for what nobody is to be interrupted for: with sessions on it, it stays.
Removed remove_unused_database(const Permit& permit, pg::Connection& maintenance,
                               const Removal& removal);

} // namespace crudctl::database
