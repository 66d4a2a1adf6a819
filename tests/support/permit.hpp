#pragma once

#include "database/permit.hpp"
#include "plan/guard.hpp"
#include "support/terminal/console.hpp"

#include <sstream>

namespace crudctl::tests {

/// As the guard gives it for a target that nobody protects.
inline database::Permit permit()
{
    std::stringstream streams;
    Console console(streams, streams, streams, Terminal{});
    return plan::Guard(console).judge({}, {});
}

} // namespace crudctl::tests
