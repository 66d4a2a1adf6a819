#include "cli/setup/swap_project.hpp"
#include "support/temp_role.hpp"

#include <chrono>
#include <set>
#include <string>
#include <thread>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

using namespace std::chrono_literals;

/// One command over a database that is old, cut at every message of it, one a run.
class KillSweep {
public:
    KillSweep(std::string command, std::string state_after, Proxy::Options options,
              const std::string& more_schema = "")
        : m_command(std::move(command)),
          m_state_after(std::move(state_after)),
          m_options(std::move(options))
    {
        m_fixture.add_to_schema(more_schema);
        m_fixture.expect_done({"setup"});
        m_fixture.prepare_for(m_command);
    }

    /// Each so many messages by day.
    void set_step(int by_day) { m_by_day = by_day; }

    /// False where there was no message left to cut at.
    bool kill_at_next_message()
    {
        m_options.cut->message = next_message(m_options.cut->message, m_by_day);
        const auto [result, traffic] = m_fixture.run({m_command}, m_options);
        INFO(text_of(*m_options.cut) << ", exit code " << result.exit_code << '\n' << result.err);
        check(result.exit_code);
        m_codes.insert(result.exit_code);
        ++m_points;
        m_fixture.converge_and_prepare_for(m_command);
        return traffic.was_cut;
    }

    int points() const noexcept { return m_points; }
    const std::set<int>& exit_codes() const noexcept { return m_codes; }

private:
    static std::string text_of(const Cut& cut)
    {
        return fmt::format("{} message {} to the {}",
                           cut.moment == Cut::Moment::before ? "before" : "after", cut.message,
                           cut.way == Cut::Way::to_server ? "server" : "client");
    }

    /// The name stands for the whole old one or for the whole new one, and the exit code says
    /// which.
    void check(int exit_code)
    {
        const std::string state = m_fixture.state();
        CHECK((state == SwapProject::whole_old || state == m_state_after));
        if (exit_code == 8) {
            CHECK(m_options.stays_cut);
        } else {
            CHECK((exit_code == 0) == (state == m_state_after));
            CHECK((exit_code == 0 || exit_code == 1 || exit_code == 4));
        }
    }

    SwapProject m_fixture;
    std::string m_command;
    std::string m_state_after;
    Proxy::Options m_options;
    int m_by_day = step_by_day;
    std::set<int> m_codes;
    int m_points = 0;
};

void sweep(const std::string& command, const std::string& state_after, Cut::Way way,
           Cut::Moment moment)
{
    Proxy::Options options;
    options.cut = Cut{way, 0, moment};
    KillSweep kills(command, state_after, options);
    while (kills.kill_at_next_message()) {}
    WARN(fmt::format("{} was cut at {} messages", command, kills.points()));
    CHECK(kills.exit_codes().contains(0));
    CHECK(kills.exit_codes().contains(1));
    CHECK(kills.exit_codes().contains(4));
}

} // namespace

TEST_CASE("a setup cut at any message to the server leaves the old database or the new one")
{
    const auto moment = GENERATE(Cut::Moment::before, Cut::Moment::after);
    if (moment == Cut::Moment::after && !is_nightly()) {
        return; // below it is cut there on its own side alone, which is harder
    }
    sweep("setup", SwapProject::whole_new, Cut::Way::to_server, moment);
}

TEST_CASE("a setup cut at any message to the client leaves the old database or the new one")
{
    // What is cut after a message is cut before the next one.
    sweep("setup", SwapProject::whole_new, Cut::Way::to_client, Cut::Moment::before);
}

TEST_CASE("a setup that compares, cut at any message, leaves the old database or the new one")
{
    const TempRole role;
    Proxy::Options options;
    options.cut = Cut{Cut::Way::to_server, 0, Cut::Moment::before};
    KillSweep kills("setup", SwapProject::whole_new, options,
                    fmt::format("grant select on people to {};\n", role.name()));
    while (kills.kill_at_next_message()) {}
    WARN(fmt::format("a setup that compares was cut at {} messages", kills.points()));
    CHECK(kills.exit_codes() == std::set<int>{0, 1, 4});
}

TEST_CASE("a drop cut at any message leaves the database or takes it away, and says which")
{
    const auto way = GENERATE(Cut::Way::to_server, Cut::Way::to_client);
    sweep("drop", SwapProject::nothing, way, Cut::Moment::before);
}

TEST_CASE("an undo cut at any message leaves the new database or the old one, and says which")
{
    const auto way = GENERATE(Cut::Way::to_server, Cut::Way::to_client);
    sweep("undo", SwapProject::whole_new, way, Cut::Moment::before);
}

TEST_CASE("a setup whose connection is reset at any message is no different")
{
    const auto way = is_nightly() ? Cut::Way::to_client : Cut::Way::to_server;
    Proxy::Options options;
    options.cut = Cut{way, 0, Cut::Moment::after};
    options.is_reset = true;
    KillSweep kills("setup", SwapProject::whole_new, options);
    while (kills.kill_at_next_message()) {}
    WARN(fmt::format("setup's connection was reset at {} messages", kills.points()));
    CHECK(kills.exit_codes() == std::set<int>{0, 1, 4});
}

TEST_CASE("a setup over a network that is slow in odd ways is no different")
{
    SwapProject fixture;
    fixture.expect_done({"setup"});
    fixture.make_old();
    Proxy::Options bytewise;
    bytewise.is_in_bytes = true;
    const auto [result, traffic] = fixture.run({"setup"}, bytewise);
    INFO(result.err);
    CHECK(result.exit_code == 0);
    CHECK(fixture.state() == SwapProject::whole_new);

    // Ten seconds of silence from the swap on; the last messages are farewells.
    fixture.make_old();
    Proxy::Options stalling;
    stalling.cut = Cut{Cut::Way::to_server, traffic.messages_to_server - 4, Cut::Moment::before};
    stalling.instead_of_cutting = [] { std::this_thread::sleep_for(10s); };
    const CliResult late = fixture.run({"setup"}, stalling).result;
    INFO(late.err);
    CHECK(late.exit_code == 0);
    CHECK(fixture.state() == SwapProject::whole_new);
    CHECK(fixture.databases() == fixture.database.name());
}

TEST_CASE("a setup whose loss the server does not notice does not wait for its own lost session")
{
    Proxy::Options options;
    const auto way = is_nightly() ? Cut::Way::to_client : Cut::Way::to_server;
    options.cut = Cut{way, 0, Cut::Moment::after};
    options.is_half_open = true;
    KillSweep kills("setup", SwapProject::whole_new, options);
    while (kills.kill_at_next_message()) {}
    WARN(fmt::format("setup was cut on its own side at {} messages", kills.points()));
    CHECK(kills.exit_codes() == std::set<int>{0, 1, 4});
}

TEST_CASE("where the server cannot be reached any more, only a change of names is in doubt")
{
    Proxy::Options options;
    options.cut = Cut{Cut::Way::to_server, 0, Cut::Moment::after};
    options.stays_cut = true;
    KillSweep kills("setup", SwapProject::whole_new, options);
    kills.set_step(5); // the doubt is about few of them
    // Each doubt takes as long as crudctl tries to reach the server again.
    while (kills.kill_at_next_message() && (is_nightly() || !kills.exit_codes().contains(8))) {}
    WARN(fmt::format("setup was cut off for good at {} messages", kills.points()));
    CHECK(kills.exit_codes().contains(8));
}
