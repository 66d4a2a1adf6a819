#pragma once

#include "bench/comparison.hpp"
#include "support/cli_runner.hpp"

namespace crudctl::bench {

/// Runs a program to its end, with nothing to read and nobody to read what it says. What it said on
/// stderr is the failure of one that didn't end with 0.
Sample time_program(const tests::ProgramStart& start);

} // namespace crudctl::bench
