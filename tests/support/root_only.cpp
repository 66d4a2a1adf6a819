#include "support/root_only.hpp"

#include <cstdlib>
#include <iostream>
#include <stdexcept>

#include <unistd.h>

namespace crudctl::tests {

bool may_try_as_root(const std::string& what)
{
    if (::geteuid() == 0) {
        return true;
    }
    const std::string reason = "not run: only root can " + what;
    if (std::getenv("CRUDCTL_TESTS_MUST_RUN") != nullptr) {
        throw std::runtime_error(reason);
    }
    std::cout << reason << '\n';
    return false;
}

} // namespace crudctl::tests
