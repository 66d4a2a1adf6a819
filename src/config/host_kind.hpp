#pragma once

#include <string_view>

namespace crudctl::config {

/// True where the way to the host may lead through the internet: a name with a dot that is not
/// .local, .internal or .localhost, or an address that is neither loopback, private, link-local nor
/// shared (RFC 6598). Of a comma-separated list, where any of them is. A socket folder is not.
bool is_public_host(std::string_view hosts);

} // namespace crudctl::config
