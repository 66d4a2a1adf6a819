#pragma once

#include <functional>
#include <string>
#include <vector>

namespace crudctl::cli {

/// What the word at the cursor could become, one a line: `word<TAB>description`. `words` is the
/// command line so far without the program's name, the word at the cursor last (it may be empty).
/// Everything comes from the registry; `profile_names` is called only where a profile fits. Empty
/// where the shell should offer files.
std::string completions(const std::vector<std::string>& words,
                        const std::function<std::vector<std::string>()>& profile_names);

} // namespace crudctl::cli
