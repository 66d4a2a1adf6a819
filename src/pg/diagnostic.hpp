#pragma once

#include "pg/error.hpp"

#include <libpq-fe.h>

namespace crudctl::pg {

/// The fields of an error or notice that libpq keeps in a result.
Diagnostic diagnostic_of(const PGresult* result);

/// A ConnectError from what libpq says of a log-in that failed: our own words for what can be told
/// apart, with the way out. `text` is libpq's message in verbose form (`FATAL:  28P01: …`).
class ConnInfo;
ConnectError connect_error_of(const ConnInfo& info, const std::string& text);

} // namespace crudctl::pg
