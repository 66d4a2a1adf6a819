#pragma once

#include "support/terminal/console.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl {

/// A line on the terminal for whatever takes longer than half a second; nothing anywhere else.
/// Whoever waits calls tick() a few times a second.
class Progress {
public:
    explicit Progress(Console& console) : m_console(console) {}

    void begin(std::string what);
    /// How much of it is done, in bytes; total 0 is unknown. What is counted besides is shown as so
    /// many a second.
    struct Count {
        std::size_t number = 0;
        std::string_view noun; // "row"
    };
    void set_share(std::size_t done, std::size_t total, std::vector<Count> counts = {});
    void tick();
    /// Clears the line.
    void end();

private:
    using Clock = std::chrono::steady_clock;

    Console& m_console;
    std::string m_what;
    std::size_t m_done = 0;
    std::size_t m_total = 0;
    std::vector<Count> m_counts;
    Clock::time_point m_began;
    Clock::time_point m_drawn;
};

} // namespace crudctl
