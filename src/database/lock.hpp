#pragma once

#include "database/copies.hpp"
#include "database/marker.hpp"
#include "pg/connection.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace crudctl::database {

/// Which database is to be replaced, and by what.
struct LockRequest {
    std::string target;
    std::string server_identity; // as the survey has it
    /// The database that the new one takes its attributes from; empty: from the target.
    std::string attributes_of;
    std::chrono::seconds timeout{30};
};

/// A target as it is once nobody else can replace it any more.
struct Locked {
    std::string oid; // empty: there is none
    Comment comment;
    /// What CREATE DATABASE needs to make one like it: encoding, locale, tablespace. Empty where
    /// there is none to be like.
    std::string creation;
    std::string owner;            // of the database that the new one is like; empty: there is none
    std::string comment_for_next; // what the user wrote
    std::string oid_for_next;     // of the database that the new one is like; empty: there is none
    std::vector<Copy> copies;     // as the survey has them, but for their sizes
};

/// Takes the lock of everybody who replaces the target: a session advisory lock on the maintenance
/// database, so that it ends with its session. Where somebody has it, waits for `timeout`, then
/// throws Error(busy) naming the holder.
Locked lock_target(pg::Connection& maintenance, const LockRequest& request);

/// Ends the session with this process id, where it has the target's lock: our own that was lost,
/// and that the server may not miss for as long as its network does not.
void end_holder(pg::Connection& maintenance, const std::string& target, int backend_pid);

} // namespace crudctl::database
