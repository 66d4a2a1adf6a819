#pragma once

#include "pg/conn_info.hpp"

namespace crudctl::config {

/// Whether two ways to connect lead to one database for certain, without asking anybody: the same
/// name on the same port of the same host, or in the same socket folder. That they don't is not
/// said by it: a tunnel or another name may lead there, too.
bool lead_to_same_database(const pg::ConnInfo& one, const pg::ConnInfo& other);

} // namespace crudctl::config
