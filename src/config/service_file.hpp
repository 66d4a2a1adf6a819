#pragma once

#include "support/environment.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace crudctl::config {

using Keywords = std::map<std::string, std::string, std::less<>>;

/// The section [service] of a connection service file; nothing where the text has none.
std::optional<Keywords> parse_service(std::string_view text, std::string_view service);

/// The service's keywords without its password, from $PGSERVICEFILE, else ~/.pg_service.conf, else
/// $PGSYSCONFDIR/pg_service.conf, as libpq looks it up. Nothing where it is in none of them: libpq
/// may know another folder.
std::optional<Keywords> read_service(std::string_view service, const Environment& process);

} // namespace crudctl::config
