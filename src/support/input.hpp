#pragma once

#include <cstddef>
#include <string>

namespace crudctl {

/// What comes from a stream (a pipe, a terminal, a file) until its end, byte for byte. A signal
/// ends the wait: throws Error(interrupted|terminated); Error(configuration) where it can't be read
/// or has more than max_bytes.
std::string read_to_end(int descriptor, std::size_t max_bytes);

} // namespace crudctl
