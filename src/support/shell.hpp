#pragma once

#include <string>

namespace crudctl {

/// A word for a POSIX shell: in single quotes, unless nothing in it means something there. `~`
/// stays bare, since paths are shown with it.
std::string shell_word(const std::string& text);

} // namespace crudctl
