#pragma once

namespace crudctl::pg {

/// Unsets every PG* variable of the process but PGSERVICEFILE and PGSYSCONFDIR (which only say
/// where a named service is looked up): libpq would otherwise fill each unset keyword from them,
/// and PGHOSTADDR silently leads elsewhere. The ones that count are turned into keywords before.
void forget_libpq_environment();

} // namespace crudctl::pg
