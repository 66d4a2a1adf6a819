#pragma once

#include "pg/conn_info.hpp"
#include "pg/error.hpp"

#include <chrono>
#include <string>

namespace crudctl::pg {

/// What libpq says of a log-in that failed, in our own words where it can be told apart, with the
/// way out. `whole` is libpq's message in verbose form (`FATAL:  28P01: …`).
ConnectError connect_error_of(const ConnInfo& info, const std::string& whole);

/// How libpq's message says that nothing answered at an address: connect_error_of() knows it.
std::string no_answer_text(std::chrono::seconds timeout);

/// The connection was taken, and then nothing was said for so long.
ConnectError silence_error_of(const ConnInfo& info, std::chrono::seconds timeout);

} // namespace crudctl::pg
