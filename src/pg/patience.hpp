#pragma once

#include "pg/conn_info.hpp"

#include <chrono>

namespace crudctl::pg {

/// How long one address may take to answer: connect_timeout, or what holds without one.
std::chrono::seconds connect_patience(const ConnInfo& info);

} // namespace crudctl::pg
