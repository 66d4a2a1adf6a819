#include "cli/proxy_project.hpp"
#include "support/nightly.hpp"
#include "support/temp_role.hpp"

#include <algorithm>
#include <csignal>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;

// What the marker remembers is committed with what it speaks of.

namespace {

struct MarkedProject : ProxyProject {
    MarkedProject()
    {
        project.write("crudctl.toml", "[project]\nname = \"x\"\nschema = [\"schema.sql\"]\n"
                                      "seeds = [\"seed.sql\"]\n"
                                      "[profiles.local]\nurl = \"${CONNECTION_URL}\"\n");
        project.write("schema.sql", "create table t (n int);\n");
        project.write("seed.sql", "insert into t values (1);\n");
        run_directly({"setup", "--no-seed"}, 0);
    }
    CliResult run_directly(const std::vector<std::string>& arguments, int exit_code)
    {
        project.set_variable("CONNECTION_URL", database.url());
        return expect(arguments, exit_code);
    }
    std::string rows() const { return ask("select count(*) from t"); }
};

} // namespace

namespace {

enum class End { cut, killed };

/// One command, ended at every message, one a run; the next plain ones have to come to the same.
class EndSweep {
public:
    EndSweep(std::vector<std::string> command, End end) : m_command(std::move(command)), m_end(end)
    {
        m_fixture.project.write("crudctl.toml",
                                "[project]\nname = \"x\"\nschema = [\"schema.sql\"]\n"
                                "seeds = [\"seed.sql\", \"u.csv\"]\n"
                                "[profiles.local]\nurl = \"${CONNECTION_URL}\"\n");
        m_fixture.project.write("schema.sql", "drop table if exists t, u;\n"
                                              "create table t (n int);\n"
                                              "create table u (n int);\n");
        m_fixture.project.write("u.csv", "n\n1\n");
        if (m_command.back().empty()) {
            m_command.back() = m_fixture.database.name() + "@local";
        }
    }

    /// False where there was no message left.
    bool end_at_next_message(Cut::Way way)
    {
        constexpr int by_day = 53;
        m_message = next_message(m_message, by_day);
        // Seeds are to be loaded, or are there.
        m_fixture.run_directly(m_command.front() == "seed"
                                   ? std::vector<std::string>{"setup", "--no-seed"}
                                   : std::vector<std::string>{"setup", "--seed"},
                               0);
        const int code = run_and_end(way);
        CAPTURE(m_message, code, m_command.front());
        CHECK((code == 0 || code == 1 || code == 4 || code == 8 || code == killed));
        // A killed run's COMMIT may still be on its way: then the next one says so, and to run
        // again.
        m_fixture.project.set_variable("CONNECTION_URL", m_fixture.database.url());
        int again = busy;
        for (int i = 0; i < 5 && again == busy; ++i) {
            again = m_fixture.DatabaseProject::run({"seed"}).result().exit_code;
        }
        CHECK(again == 0);
        CHECK(m_fixture.rows() == "1");
        CHECK(m_fixture.ask("select count(*) from u") == "1");
        ++m_points;
        return m_was_ended;
    }
    void restart() { m_message = 0; }
    int points() const noexcept { return m_points; }

private:
    static constexpr int busy = 9;
    static constexpr int killed = 128 + SIGKILL;

    int run_and_end(Cut::Way way)
    {
        pid_t crudctl = 0;
        Proxy::Options options;
        options.cut = Cut{way, m_message, Cut::Moment::after};
        m_was_ended = false;
        if (m_end == End::killed) {
            options.instead_of_cutting = [&] {
                m_was_ended = true;
                ::kill(crudctl, SIGKILL);
            };
        }
        const auto run =
            m_fixture.ProxyProject::run(m_command, options, [&](pid_t pid) { crudctl = pid; });
        m_was_ended = m_was_ended || run.traffic.was_cut;
        return run.result.exit_code;
    }

    MarkedProject m_fixture;
    std::vector<std::string> m_command;
    End m_end;
    int m_message = 0;
    int m_points = 0;
    bool m_was_ended = false;
};

} // namespace

TEST_CASE("whatever ends a load, the next ones neither load a row twice nor leave one out")
{
    const End end = GENERATE(End::cut, End::killed);
    const std::size_t number = GENERATE(0U, 1U, 2U);
    const std::vector<std::vector<std::string>> commands = {
        {"seed"}, {"schema-load", "--no-copy"}, {"setup", "--in-place", "--confirm", ""}};
    EndSweep sweep(commands.at(number), end);
    for (const Cut::Way way : {Cut::Way::to_server, Cut::Way::to_client}) {
        while (sweep.end_at_next_message(way)) {}
        sweep.restart();
    }
    WARN(fmt::format("{} was ended at {} messages", commands.at(number).front(), sweep.points()));
}

TEST_CASE("of several seeds at once one loads, whichever way, and the others wait or say so")
{
    MarkedProject fixture;
    fixture.project.write("seed.sql", "insert into t values (1);\nselect pg_sleep(0.5);\n");
    const std::vector<std::string> ways = {"", "--no-transaction", "", "--no-transaction"};
    std::vector<int> codes(ways.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < ways.size(); ++i) {
        threads.emplace_back([&, i] {
            std::vector<std::string> arguments = {"seed"};
            if (!ways[i].empty()) {
                arguments.push_back(ways[i]);
            }
            codes[i] = fixture.DatabaseProject::run(arguments).result().exit_code;
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    CHECK(fixture.rows() == "1");
    CHECK(std::ranges::count(codes, 0) >= 1);
    CHECK(std::ranges::all_of(codes, [](int code) { return code == 0 || code == 9; }));
}

TEST_CASE("seeds are remembered though the file leaves the session as another role")
{
    MarkedProject fixture;
    fixture.project.write("seed.sql", "insert into t values (1);\nset role pg_monitor;\n"
                                      "set search_path = '';\n");
    fixture.project.set_variable("CONNECTION_URL", fixture.database.url());
    fixture.expect({"seed"}, 0);
    CHECK(contains(fixture.expect({"seed"}, 0).err, "every seed was loaded before"));
    CHECK(fixture.rows() == "1");
}

TEST_CASE("of files without a transaction the next run says that it cannot know")
{
    MarkedProject fixture;
    fixture.project.set_variable("CONNECTION_URL", fixture.database.url());
    fixture.project.write("seed.sql", "insert into t values (1);\nselect 1/0;\n");
    fixture.expect({"seed", "--no-transaction"}, 1);
    CHECK(fixture.rows() == "1");
    const auto next = fixture.expect({"seed"}, 5);
    CHECK(contains(next.err, "an earlier run did not finish loading seed.sql"));
    CHECK(contains(fixture.expect({"status"}, 0).out, "cut short"));
    fixture.project.write("more.sql", "create table more ();\n"); // which says nothing of the seeds
    fixture.expect({"schema-load", "-f", "more.sql", "--no-transaction"}, 0);
    fixture.expect({"seed"}, 5);
    fixture.project.write("seed.sql", "insert into t values (2);\n");
    fixture.expect({"seed"}, 5);
    fixture.expect({"seed", "--again"}, 0);
    CHECK_FALSE(contains(fixture.expect({"status"}, 0).out, "cut short"));
    CHECK(contains(fixture.expect({"seed"}, 0).err, "every seed was loaded before"));
}

TEST_CASE("a load takes out of doubt the files that it loads, and no others")
{
    MarkedProject fixture;
    fixture.project.set_variable("CONNECTION_URL", fixture.database.url());
    fixture.project.write("seed.sql", "insert into t values (1);\nselect 1/0;\n");
    fixture.project.write("other.sql", "insert into t values (9);\n");
    fixture.expect({"seed", "--no-transaction"}, 1);
    fixture.expect({"seed", "-f", "other.sql"}, 0);
    CHECK(contains(fixture.expect({"status"}, 0).out, "cut short"));
    fixture.project.write("seed.sql", "insert into t values (1);\n");
    fixture.expect({"seed"}, 5);
    CHECK(fixture.rows() == "2");
    fixture.expect({"seed", "--again"}, 0);
    CHECK_FALSE(contains(fixture.expect({"status"}, 0).out, "cut short"));
}

TEST_CASE("a file that is no seed and failed does not keep the seeds from being loaded")
{
    MarkedProject fixture;
    fixture.project.set_variable("CONNECTION_URL", fixture.database.url());
    fixture.project.write("more.sql", "create table more ();\nselect 1/0;\n");
    fixture.expect({"schema-load", "-f", "more.sql", "--no-transaction"}, 1);
    CHECK(contains(fixture.expect({"seed"}, 0).err, "did not finish loading more.sql"));
    CHECK(fixture.rows() == "1");
}

TEST_CASE("a role that may not keep the marker is told that its seeds are not remembered")
{
    const TempRole role;
    MarkedProject fixture;
    pg::Connection(fixture.database.info()).exec_script("grant all on table t to " + role.name());
    fixture.project.set_variable(
        "CONNECTION_URL",
        fixture.database.info().with("user", role.name()).url(pg::ConnInfo::ShowPassword::no));
    const auto result = fixture.expect({"seed"}, 0);
    CHECK(contains(result.err, "not remembered as loaded: role \"" + role.name() + "\""));
}

TEST_CASE("what a person wrote before the marker does not pass for what it remembers")
{
    MarkedProject fixture;
    const std::string line = DatabaseProject::ask_server(
        "select shobj_description(oid, 'pg_database') from pg_database where datname = '" +
        fixture.database.name() + "'");
    pg::Connection server(TestCluster::running().info());
    server.exec_script("comment on database " + fixture.database.name() + " is " +
                       server.literal("about \"seeds\":{\"a\":\"b\"}\n" + line));
    fixture.run_directly({"seed"}, 0);
    CHECK(fixture.rows() == "1");
    CHECK(contains(fixture.run_directly({"seed"}, 0).err, "every seed was loaded before"));
}
