#pragma once

#include <string>
#include <vector>

namespace crudctl::tests {

/// Throws std::runtime_error where a hint on stderr names a command that crudctl doesn't have, or
/// an option that its command lacks: that of the run itself, where the hint names none.
/// `arguments` are those of the run.
void require_possible_hints(const std::vector<std::string>& arguments, const std::string& err);

} // namespace crudctl::tests
