#pragma once

#include <cstddef>
#include <string>

namespace crudctl {

/// So many random letters and digits from the kernel: good for a password, safe in a URL or a file
/// name. Throws Error(failed) where the kernel gives none.
std::string random_token(std::size_t length);

} // namespace crudctl
