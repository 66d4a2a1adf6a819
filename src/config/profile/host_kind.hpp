#pragma once

#include "pg/conn_info.hpp"

#include <string_view>

namespace crudctl::config {

/// True where the way to the host may lead through the internet: a name with a dot that is not
/// .local, .internal or .localhost, or an address that is neither loopback, private, link-local nor
/// shared (RFC 6598). Of a comma-separated list, where any of them is. A socket folder is not.
bool is_public_host(std::string_view hosts);

/// Says whether no stranger on the internet can be this host: a Unix socket, a loopback address,
/// localhost, or a name of one label that is no number, such as a compose file's `db`.
bool is_near_host(std::string_view host);

/// Whether two ways to connect lead to one database for certain, without asking anybody: the same
/// name on the same port of the same host, or in the same socket folder. That they don't is not
/// said by it: a tunnel or another name may lead there, too.
bool lead_to_same_database(const pg::ConnInfo& one, const pg::ConnInfo& other);

} // namespace crudctl::config
