#include "support/process/interrupt.hpp"

#include <csignal>

#include <catch2/catch.hpp>

using namespace crudctl;

TEST_CASE("the terminal that goes away ends a run like SIGTERM, unless nohup wanted otherwise")
{
    const auto former = std::signal(SIGHUP, SIG_DFL);
    {
        const InterruptScope signals;
        std::raise(SIGHUP);
        CHECK(interrupt::pending() == ExitCode::terminated);
    }
    std::signal(SIGHUP, SIG_IGN);
    {
        const InterruptScope signals;
        std::raise(SIGHUP);
        CHECK_FALSE(interrupt::pending());
    }
    std::signal(SIGHUP, former);
}

TEST_CASE("a signal after everything is done does not end the process")
{
    const auto former = std::signal(SIGINT, SIG_DFL);
    {
        const InterruptScope signals;
    }
    std::raise(SIGINT);
    CHECK(interrupt::pending() == ExitCode::interrupted);
    interrupt::forget();
    std::signal(SIGINT, former);
}
