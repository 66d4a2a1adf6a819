#pragma once

#include "database/permit.hpp"
#include "pg/connection.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace crudctl::database {

/// Did it have to be done?
enum class Change { made, was_so };

/// CREATE DATABASE from template0, so that nothing site-local and no busy template1 gets in the
/// way. An existing one is left as it is. Throws ServerError.
Change create_database(pg::Connection& maintenance, const std::string& name,
                       const std::string& owner = {});

/// DROP DATABASE, ending the sessions on it; one that is not there is left so. Throws ServerError.
Change drop_database(const Permit& permit, pg::Connection& maintenance, const std::string& name);

/// Makes a database that is filled before it takes another's name; its comment says for which one,
/// so that a later run can clean up after a killed one. `owner` is the role that owns it, where
/// that isn't to be this one. Gives its name.
std::string create_next(pg::Connection& maintenance, const std::string& target,
                        const std::string& owner);

/// Takes the lock of everybody who replaces `target`: a session advisory lock on the maintenance
/// database. Waits up to `patience`, then throws Error(busy) naming the holder. Gives the names of
/// what runs over the target left behind when they were killed: only who has the lock may drop it.
std::vector<std::string> lock_target(pg::Connection& maintenance, const std::string& target,
                                     std::chrono::seconds patience);

/// What takes whose name.
struct Swap {
    std::string target;
    std::string next;
    std::string expected_oid; // the target's; empty: no database of the name exists
    std::string then;         // SQL to run in the same transaction, once it has the name
};

/// Gives `next` the name of `target` in one transaction and one round trip; the old one gets the
/// name returned. `end_sessions` is called while the rename waits for sessions on the target to
/// leave, up to 5 s. Throws ServerError; the old one then stands as it was.
std::string swap_in(const Permit& permit, pg::Connection& maintenance, const Swap& swap,
                    const std::function<void()>& end_sessions);

/// The tables of the connection's database with their rows as ANALYZE counted them.
struct TableRows {
    std::string schema;
    std::string name;
    long long rows = 0;   // -1: never counted
    std::size_t size = 0; // bytes, with indexes
};
std::vector<TableRows> table_rows(pg::Connection& connection);

/// "2 tables, 7 rows": rows only where all were counted.
std::string contents_text(const std::vector<TableRows>& tables);

/// ANALYZE of the database's own tables, then the same as table_rows(), in one round trip.
std::vector<TableRows> count_rows(pg::Connection& connection);

} // namespace crudctl::database
