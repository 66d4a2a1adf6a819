#include "commands/state_wait.hpp"

#include "support/text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace crudctl::commands {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds shortest_pause = 1s;
constexpr std::chrono::milliseconds longest_pause = 15s;

} // namespace

bool wait_through_states(Context& context, const aws::Pacing& pacing, std::chrono::seconds patience,
                         const std::function<bool(std::string& state)>& look)
{
    const auto deadline = std::chrono::steady_clock::now() + patience;
    std::string last;
    for (auto pause = shortest_pause;; pause = std::min(2 * pause, longest_pause)) {
        std::string state;
        const bool is_over = look(state);
        if (state != last) {
            context.console.note(fmt::format("  rds      {}, {}", printable(state),
                                             duration_text(context.elapsed().count())));
            last = state;
        }
        if (is_over || std::chrono::steady_clock::now() + pause > deadline) {
            return is_over;
        }
        pacing.sleep(pause);
    }
}

} // namespace crudctl::commands
