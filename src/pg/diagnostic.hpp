#pragma once

#include "pg/error.hpp"

#include <libpq-fe.h>

namespace crudctl::pg {

/// The fields of an error or notice that libpq keeps in a result.
Diagnostic diagnostic_of(const PGresult* result);

} // namespace crudctl::pg
