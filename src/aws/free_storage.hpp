#pragma once

#include "aws/query_api.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace crudctl::aws {

/// Bytes that an RDS instance has left, as CloudWatch last measured them; nothing where it measured
/// none in the last quarter of an hour. Throws as QueryApi::call() does.
std::optional<std::size_t> free_storage(QueryApi& monitoring, const std::string& instance,
                                        std::chrono::system_clock::time_point now);

} // namespace crudctl::aws
