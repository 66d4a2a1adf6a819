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

/// The same with another one's owner, encoding, locale and tablespace; `creation` as in Locked. A
/// database of the name is an error.
void create_like(pg::Connection& maintenance, const std::string& name, const std::string& creation);

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

/// "2 tables, 7 rows": rows only where all were counted.
std::string contents_text(const std::vector<TableRows>& tables);

/// ANALYZE of the database's own tables, then the same as table_rows(), in one round trip.
std::vector<TableRows> count_rows(pg::Connection& connection);

} // namespace crudctl::database
