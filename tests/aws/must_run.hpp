#pragma once

#include <string>

namespace crudctl::tests {

/// For a test that cannot be tried here: says so in the words by which ctest lists it as not run.
/// Throws std::runtime_error where CI or CRUDCTL_TESTS_MUST_RUN is set.
void tell_not_run(const std::string& why);

} // namespace crudctl::tests
