#include "aws/pacing.hpp"

#include "support/interrupt.hpp"

#include <array>
#include <random>

#include <poll.h>

namespace crudctl::aws {

namespace {

void sleep_interruptibly(std::chrono::milliseconds time)
{
    std::array<pollfd, 1> wait = {pollfd{interrupt::descriptor(), POLLIN, 0}};
    ::poll(wait.data(), wait.size(), static_cast<int>(time.count()));
    interrupt::throw_if_pending();
}

} // namespace

Pacing Pacing::of_machine()
{
    Pacing pacing;
    pacing.now = [] { return std::chrono::system_clock::now(); };
    pacing.sleep = sleep_interruptibly;
    pacing.random = [engine = std::mt19937(std::random_device()())]() mutable {
        return std::uniform_real_distribution<double>(0, 1)(engine);
    };
    return pacing;
}

} // namespace crudctl::aws
