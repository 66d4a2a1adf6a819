#pragma once

#include <string_view>

namespace crudctl::script {

/// Whether every function of that name in pg_catalog only computes, tells the time or gives a
/// number or a UUID: none is volatile in any supported version, but for clock, random and UUID
/// functions, nextval, currval and set_config. Takes the name as the server folds it. The list is
/// function_list.inc, which scripts/function_list.sh writes.
bool is_safe_function(std::string_view name);

/// The extension whose function of that name only gives a UUID, random bytes or a hash:
/// "uuid-ossp" or "pgcrypto". Empty for any other name.
std::string_view generator_extension(std::string_view name);

/// Whether a function of that name acts outside its transaction, so that READ ONLY does not stop
/// it: it ends sessions, makes or moves replication slots, switches the WAL, reloads the
/// configuration, takes a lock of the session, reads or writes the server's files, or talks to
/// another server.
bool acts_outside(std::string_view name);
/// Whether the function runs SQL that it is given as text.
bool runs_text(std::string_view name);

// Keywords, in any case.

/// In some supported version.
bool is_keyword(std::string_view word);
/// In all of them, so that no function can have that name without quotes.
bool is_never_function(std::string_view word);
/// Reserved in all of them, so that no table can have that name without quotes.
bool is_never_table(std::string_view word);
/// Joins two operands as LIKE and JOIN do, or is a function's name.
bool is_infix(std::string_view word);

} // namespace crudctl::script
