#pragma once

#include "database/marker.hpp"

#include <string>
#include <string_view>

namespace crudctl::database {

/// Postgres cuts longer names silently (NAMEDATALEN - 1), in the middle of a character if need be.
inline constexpr std::size_t longest_name = 63; // bytes

/// Throws Error(usage) for what cannot be a database's name, or could only be one by being changed:
/// empty, over 63 bytes, invalid UTF-8, with a NUL or a line break (pg_dumpall refuses those).
void check_name(std::string_view name);

/// Whether each server has one of this name, which is no project's: postgres, template0, template1.
bool is_of_server(std::string_view name);

/// The same, and refuses what crudctl never creates, drops or replaces: template0, template1 and
/// the maintenance database.
void check_own_name(std::string_view name, std::string_view maintenance_database);

// The names of databases that stand in for another one. Where the addition doesn't fit behind the
// name, its front is cut at a character and a hash of the whole name put in.

/// "cruddur__next_1f0c33a9d2e4": one in the making. Its last digits follow from the ones before, so
/// that a run which was killed before it could write a marker can be cleaned up after.
std::string next_name(const std::string& target);
bool is_next_name(std::string_view name, const std::string& target);
/// How all of them begin.
std::string next_prefix(const std::string& target);

/// "cruddur__drop_1f0c33a9d2e4": about to be dropped; digits as above.
std::string drop_name(const std::string& target);

/// "cruddur__prev_20261124T091500_1f0c": set aside. `at` is a time as markers have it.
std::string previous_name(const std::string& target, std::string_view at);
/// "cruddur__saved_demo".
std::string saved_name(const std::string& target, const std::string& label);
/// "cruddur__schema_1f0c33a9", or "cruddur__seeded_…"; `hash` says what it was built from.
std::string start_name(const std::string& target, StandInKind kind, std::string_view hash);

/// Whether a database has a name that crudctl would have given to this stand-in.
bool is_name_of(std::string_view name, const StandIn& stand_in);

} // namespace crudctl::database
