#pragma once

#include "operation/context.hpp"

namespace crudctl::commands {

/// Every query of the project with its parameters and what it is for; a file that is none says why.
/// Needs no server.
void list_queries(const Context& context);

} // namespace crudctl::commands
