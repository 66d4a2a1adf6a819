#include "cli/setup/swap_project.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <regex>
#include <string>
#include <thread>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

using namespace std::chrono_literals;

/// What the program gets at one message, and how often.
struct Shot {
    int signal = 0;
    int count = 1;
};

/// One command over a database that is old, hit by a signal at every message of it, one a run: the
/// message waits meanwhile.
class SignalSweep {
public:
    SignalSweep(std::string command, Shot shot, Cut where)
        : m_command(std::move(command)), m_shot(shot), m_where(where)
    {
        m_fixture.expect_done({"setup"});
        m_fixture.prepare_for(m_command);
    }

    /// False where there was no such message any more.
    bool shoot_at_next_message()
    {
        m_where.message = next_message(m_where.message);
        ++m_points;
        const auto [result, traffic] = run();
        INFO("signal " << m_shot.signal << " × " << m_shot.count << " at message "
                       << m_where.message << ", exit code " << result.exit_code << '\n'
                       << result.err);
        check(result.exit_code);
        m_fixture.converge_and_prepare_for(m_command);
        return traffic.was_cut;
    }

    int points() const noexcept { return m_points; }

private:
    ProxyProject::Run run()
    {
        std::atomic<pid_t> id = 0;
        Proxy::Options options;
        options.cut = m_where;
        options.instead_of_cutting = [&] {
            while (id == 0) {
                std::this_thread::sleep_for(1ms);
            }
            for (int i = 0; i < m_shot.count; ++i) {
                ::kill(id, m_shot.signal);
                std::this_thread::sleep_for(2ms); // two at once would count as one
            }
        };
        return m_fixture.run({m_command}, options, [&](pid_t started) { id = started; });
    }

    void check(int exit_code)
    {
        const std::string state = m_fixture.state();
        CHECK((state == SwapProject::whole_old || state == SwapProject::whole_new));
        if (m_shot.signal == SIGKILL && exit_code != 0) {
            CHECK(exit_code == 128 + SIGKILL);
            return;
        }
        CHECK((exit_code == 0 || exit_code == 128 + m_shot.signal));
        CHECK((exit_code == 0) == (state == SwapProject::whole_new));
        if (m_shot.count == 1) { // it had the time to clear up
            CHECK(without_half_dropped() == m_fixture.database.name());
        }
    }

    /// What was renamed to be dropped is finished by the next run.
    std::string without_half_dropped() const
    {
        const std::regex half_dropped(" " + m_fixture.database.name() + "__drop_[0-9a-f]+");
        return std::regex_replace(m_fixture.databases(), half_dropped, "");
    }

    SwapProject m_fixture;
    std::string m_command;
    Shot m_shot;
    Cut m_where;
    int m_points = 0;
};

void sweep(const std::string& command, Shot shot, Cut where)
{
    SignalSweep signals(command, shot, where);
    while (signals.shoot_at_next_message()) {}
    WARN(fmt::format("{} got signal {} × {} at {} messages", command, shot.signal, shot.count,
                     signals.points()));
}

} // namespace

TEST_CASE("a setup killed while the server is at any message leaves the old one or the new one")
{
    sweep("setup", {SIGKILL}, {Cut::Way::to_server, 0, Cut::Moment::after});
}

TEST_CASE("a setup interrupted while the server is at any message says which one there is")
{
    const auto shot = GENERATE(Shot{SIGINT}, Shot{SIGINT, 2});
    sweep("setup", shot, {Cut::Way::to_server, 0, Cut::Moment::after});
}

TEST_CASE("signals at any other message, and to undo, are no different")
{
    if (!is_nightly()) {
        sweep("setup", {SIGTERM}, {Cut::Way::to_server, 0, Cut::Moment::before});
        return;
    }
    const auto command = GENERATE(as<std::string>(), "setup", "undo");
    const auto shot = GENERATE(Shot{SIGKILL}, Shot{SIGINT}, Shot{SIGTERM}, Shot{SIGTERM, 2});
    const auto way = GENERATE(Cut::Way::to_server, Cut::Way::to_client);
    sweep(command, shot, {way, 0, Cut::Moment::before});
}
