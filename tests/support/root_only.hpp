#pragma once

#include <string>

namespace crudctl::tests {

/// False where this test needs root and we are not: it then says so in the words by which ctest
/// lists a test as not run. Where CRUDCTL_TESTS_MUST_RUN is set that fails it.
///
///     if (!may_try_as_root("give a file away")) {
///         return;
///     }
bool may_try_as_root(const std::string& what);

} // namespace crudctl::tests
