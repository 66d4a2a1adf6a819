#pragma once

#include "support/cli_runner.hpp"

namespace crudctl::tests {

/// A person's yes to what the project wants: `call` is of `crudctl trust`, in that project.
///
///     agree(project.run_crudctl({"trust", "prod"}));
void agree(const CliCall& call);

} // namespace crudctl::tests
