#pragma once

#include "config/file/variables.hpp"
#include "pg/conn_info.hpp"
#include "support/process/environment.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::config {

/// PGPASSFILE, PGSSLROOTCERT … as keywords where they aren't set, and the defaults that hold for
/// every connection: keepalives, connect_timeout, UTF-8. Throws Error(configuration) for a
/// PGCONNECT_TIMEOUT that is no number.
pg::ConnInfo with_common_defaults(const pg::ConnInfo& info, const Variables& variables);

/// sslmode by the kind of host where nothing set it: `verify-full` for a public one where a root
/// certificate can be found, else `require` and a warning; `prefer` for all others.
pg::ConnInfo with_tls_default(const pg::ConnInfo& info, const Variables& variables,
                              std::vector<std::string>& warnings);

/// The same where nothing may travel in the open: `require` in place of a weaker one.
pg::ConnInfo with_encryption(const pg::ConnInfo& info);

/// Keeps libpq from a passfile that it would refuse, with a warning in our words: libpq prints its
/// own to stderr, past every filter.
pg::ConnInfo without_unsafe_passfile(const pg::ConnInfo& info, const Variables& variables,
                                     std::vector<std::string>& warnings);

/// The PG* variables that are set and that crudctl ignores, sorted: PGHOST, PGHOSTADDR …
std::vector<std::string> ignored_variables(const Environment& environment);

using Keywords = std::map<std::string, std::string, std::less<>>;

/// The section [service] of a connection service file; nothing where the text has none.
std::optional<Keywords> parse_service(std::string_view text, std::string_view service);

/// The service's keywords without its password, from $PGSERVICEFILE, else ~/.pg_service.conf, else
/// $PGSYSCONFDIR/pg_service.conf, as libpq looks it up. Nothing where it is in none of them: libpq
/// may know another folder.
std::optional<Keywords> read_service(std::string_view service, const Environment& process);

} // namespace crudctl::config
