#include "support/paths.hpp"

namespace crudctl::tests {

// Known to this file alone: what a path of the machine is compiled into, no cache of object files
// can share between two checkouts.

std::filesystem::path source_folder()
{
    return CRUDCTL_SOURCE_DIR;
}

std::filesystem::path crudctl_binary()
{
    return CRUDCTL_BINARY;
}

} // namespace crudctl::tests
