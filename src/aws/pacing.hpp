#pragma once

#include <chrono>
#include <functional>

namespace crudctl::aws {

/// Time, as requests need it; tests make one of their own.
struct Pacing {
    std::function<std::chrono::system_clock::time_point()> now;
    std::function<void(std::chrono::milliseconds)> sleep;
    std::function<double()> random; // 0 to 1

    /// The real one: a signal ends its sleep, and throws Error.
    static Pacing of_machine();
};

} // namespace crudctl::aws
