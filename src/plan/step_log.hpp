#pragma once

#include "support/terminal/console.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace crudctl::plan {

/// Prints a line for each thing that a run has done, with the time that it took.
class StepLog {
public:
    /// Prints to `console`, which has to outlive this.
    explicit StepLog(Console& console) : m_console(console) {}

    /// Starts the clock for the next line.
    void restart();
    /// Prints the line with the time since the clock was started, and restarts it.
    void print(std::string_view verb, const std::string& what);
    /// Prints the line with a time that was measured elsewhere. The clock goes on.
    void print(std::string_view verb, const std::string& what, double seconds);

private:
    using Clock = std::chrono::steady_clock;

    Console& m_console;
    Clock::time_point m_started;
};

} // namespace crudctl::plan
