#pragma once

#include "database/permit.hpp"
#include "pg/connection.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace crudctl::database {

/// Did it have to be done?
enum class Change { made, was_so };

/// CREATE DATABASE from template0, so that nothing site-local and no busy template1 gets in the
/// way. An existing one is left as it is. Throws ServerError.
Change create_database(pg::Connection& maintenance, const std::string& name);

/// A database that is made like another one, and what is done to it in the same round trip.
struct Making {
    std::string name;
    std::string creation; // as in Locked
    std::string then;     // statements about it, for one transaction; may be empty
};

/// CREATE DATABASE from template0 with another one's owner, encoding, locale and tablespace; gives
/// its OID. Throws ServerError: where its failed_result() is 0, there is none, or another one has
/// the name; otherwise it is there, and `then` was not done.
std::string create_like(pg::Connection& maintenance, const Making& making);

/// What makes it, for Connection::start_sequence(): CREATE DATABASE first; the last one's result is
/// the OID.
std::vector<std::string> statements_of(const pg::Connection& connection, const std::string& create,
                                       const Making& making);

/// DROP DATABASE, ending the sessions on it; one that is not there is left so. Throws ServerError.
Change drop_database(const Permit& permit, pg::Connection& maintenance, const std::string& name);

/// The tables of the connection's database with their rows as ANALYZE counted them.
struct TableRows {
    std::string schema;
    std::string name;
    long long rows = 0;   // -1: never counted
    std::size_t size = 0; // bytes, with indexes
};
std::vector<TableRows> table_rows(pg::Connection& connection);

/// From the results of counting_sql(): the last one, or each row of it.
std::vector<TableRows> table_rows_in(const pg::Result& result);

/// "2 tables, 7 rows": rows only where all were counted.
std::string contents_text(const std::vector<TableRows>& tables);

/// ANALYZE of the database's own tables, then the same as table_rows(), in one round trip.
std::vector<TableRows> count_rows(pg::Connection& connection);
/// SQL for the same. It fails where there are more tables than one transaction may lock, which
/// count_rows() knows a way around.
std::string counting_sql();

} // namespace crudctl::database
