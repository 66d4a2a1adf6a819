#pragma once

#include "aws/security_group.hpp"

#include <string>

namespace crudctl::aws {

/// Whether the rule is one for what comes in over TCP to this port, whoever it comes from.
bool is_for_incoming(const SecurityGroupRule& rule, int port);

/// Whether it lets this IPv4 address in to the port. Of one that names a prefix list, another group
/// or an IPv6 network that cannot be told: false.
bool lets_in(const SecurityGroupRule& rule, const std::string& address, int port);

} // namespace crudctl::aws
