#pragma once

#include <set>
#include <string>
#include <vector>

namespace crudctl::tests {

/// Throws std::runtime_error where a hint on stderr names a command that crudctl doesn't have, or
/// an option that its command lacks: that of the run itself, where the hint names none.
/// `arguments` are those of the run.
void require_possible_hints(const std::vector<std::string>& arguments, const std::string& err);

/// The commands in the hints on stderr, each as one would type it behind the program's name: up to
/// the first word that is neither an option, an option's value, nor one of these names.
std::vector<std::vector<std::string>> commands_in_hints(const std::string& err,
                                                        const std::set<std::string>& names);

} // namespace crudctl::tests
