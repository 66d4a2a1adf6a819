#pragma once

#include <string>
#include <string_view>

namespace crudctl::database {

/// Postgres cuts longer names silently (NAMEDATALEN - 1), in the middle of a character if need be.
inline constexpr std::size_t longest_name = 63; // bytes

/// Throws Error(usage) for what cannot be a database's name, or could only be one by being changed:
/// empty, over 63 bytes, invalid UTF-8, with a NUL or a line break (pg_dumpall refuses those).
void check_name(std::string_view name);

/// The same, and refuses what crudctl never creates, drops or replaces: template0, template1 and
/// the maintenance database.
void check_own_name(std::string_view name, std::string_view maintenance_database);

/// "cruddur" + "__next_1f0c…": the name of a database that stands in for another. Where both don't
/// fit, the front is cut at a character and a hash of the whole name put in.
std::string stand_in_name(const std::string& name, std::string_view kind);

/// The comment on every such database: a later run knows them by it, never by the name alone.
std::string stand_in_comment(const std::string& target);

} // namespace crudctl::database
