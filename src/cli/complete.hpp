#pragma once

#include <functional>
#include <string>
#include <vector>

namespace crudctl::cli {

/// Names of one kind, from the configuration at hand.
using NameSource = std::function<std::vector<std::string>()>;

/// What the word at the cursor could become, one a line: `word<TAB>description`. `words` is the
/// command line so far without the program's name, the word at the cursor last (it may be empty).
/// Everything comes from the registry; the names are asked for only where one fits. Empty where the
/// shell should offer files.
std::string completions(const std::vector<std::string>& words, const NameSource& profile_names,
                        const NameSource& query_names);

} // namespace crudctl::cli
