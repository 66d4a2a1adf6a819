#include "support/terminal/progress.hpp"

#include "support/text/text.hpp"

#include <utility>

#include <fmt/format.h>

namespace crudctl {

namespace {

using namespace std::chrono_literals;

constexpr auto timeout = 500ms; // what is faster than that needs no line
constexpr auto between_drawings = 100ms;

} // namespace

void Progress::begin(std::string what)
{
    m_what = std::move(what);
    m_done = 0;
    m_total = 0;
    m_counts.clear();
    m_began = Clock::now();
    m_drawn = m_began;
}

void Progress::set_share(std::size_t done, std::size_t total, std::vector<Count> counts)
{
    m_done = done;
    m_total = total;
    m_counts = std::move(counts);
    tick();
}

void Progress::tick()
{
    const auto now = Clock::now();
    if (m_what.empty() || now - m_began < timeout || now - m_drawn < between_drawings) {
        return;
    }
    m_drawn = now;
    const std::chrono::duration<double> elapsed = now - m_began;
    std::string line = fmt::format("{} … {}", m_what, duration_text(elapsed.count()));
    if (m_total > 0) {
        line += fmt::format(" · {} of {}", size_text(m_done), size_text(m_total));
    }
    for (const Count& count : m_counts) {
        const double rate = static_cast<double>(count.number) / elapsed.count();
        if (rate >= 1) {
            line += fmt::format(" · {}/s", counted(static_cast<std::size_t>(rate), count.noun));
        }
    }
    if (m_done > 0 && m_done < m_total) {
        const double left = static_cast<double>(m_total - m_done) / static_cast<double>(m_done);
        line += fmt::format(" · {} left", duration_text(elapsed.count() * left));
    }
    m_console.transient(line);
}

void Progress::end()
{
    m_what.clear();
    m_console.transient("");
}

} // namespace crudctl
