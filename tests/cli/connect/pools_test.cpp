#include "cli/connect/bouncer.hpp"
#include "cli/setup/swap_project.hpp"
#include "support/as_server.hpp"
#include "support/loopback.hpp"
#include "support/own_server.hpp"
#include "support/process/process.hpp"
#include "support/standby.hpp"
#include "support/system/file.hpp"
#include "support/temp_folder.hpp"
#include "support/throw_away_server.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <unistd.h>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Clients that ask without a pause, and connect again a millisecond after they were ended.
class Clients {
public:
    Clients(pg::ConnInfo info, int count) : m_info(std::move(info))
    {
        m_logs.resize(static_cast<std::size_t>(count));
        for (Log& log : m_logs) {
            m_threads.emplace_back([this, &log] { live(log); });
        }
    }
    ~Clients() { end(); }
    Clients(const Clients&) = delete;
    Clients& operator=(const Clients&) = delete;

    void end()
    {
        m_is_over = true;
        for (std::thread& thread : m_threads) {
            thread.join();
        }
        m_threads.clear();
    }

    /// After end(): the longest time that one of them went without an answer, and which errors
    /// they saw how often, by SQLSTATE.
    std::chrono::milliseconds blip() const
    {
        Clock::duration longest{0};
        for (const Log& log : m_logs) {
            longest = std::max(longest, log.longest_gap);
        }
        return std::chrono::duration_cast<std::chrono::milliseconds>(longest);
    }
    std::map<std::string, int> errors() const
    {
        std::map<std::string, int> errors;
        for (const Log& log : m_logs) {
            for (const auto& [state, count] : log.errors) {
                errors[state] += count;
            }
        }
        return errors;
    }
    std::string text() const
    {
        std::string text = fmt::format("at most {} ms without an answer;", blip().count());
        for (const auto& [state, count] : errors()) {
            text += fmt::format(" {} × {}", count, state);
        }
        return text;
    }

private:
    struct Log {
        Clock::duration longest_gap{0};
        std::map<std::string, int> errors;
    };

    void live(Log& log) const
    {
        std::unique_ptr<pg::Connection> connection;
        auto last_answer = Clock::now();
        while (!m_is_over) {
            std::string error;
            try {
                if (!connection) {
                    connection = std::make_unique<pg::Connection>(m_info);
                }
                connection->exec("select pg_sleep(0.001)");
                log.longest_gap = std::max(log.longest_gap, Clock::now() - last_answer);
                last_answer = Clock::now();
                continue;
            } catch (const pg::ServerError& failure) {
                error = failure.sqlstate();
            } catch (const pg::ConnectError& failure) {
                error = failure.sqlstate().empty() ? "no connection" : failure.sqlstate();
            } catch (const pg::ConnectionLost&) {
                error = "lost";
            }
            ++log.errors[error];
            connection.reset();
            std::this_thread::sleep_for(1ms);
        }
    }

    pg::ConnInfo m_info;
    std::vector<Log> m_logs;
    std::atomic<bool> m_is_over = false;
    std::vector<std::thread> m_threads;
};

/// What a client may see of a change of names: that it was ended, and, where it was just
/// connecting, that the database has another name now.
void check_errors(const Clients& clients)
{
    for (const auto& [state, count] : clients.errors()) {
        INFO(state << " × " << count);
        CHECK(
            (state == "57P01" || state == "3D000" || state == "lost" || state == "no connection"));
    }
}

} // namespace

TEST_CASE("setup and undo and save win against eight clients that reconnect at once")
{
    SwapProject fixture;
    fixture.expect_done({"setup"});
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{"setup"}, {"undo"}, {"save", "demo"}}) {
        Clients clients(fixture.database.info(), 8);
        const CliResult result = fixture.run_directly(arguments);
        INFO(result.err);
        CHECK(result.exit_code == 0);
        clients.end();
        check_errors(clients);
        WARN(arguments.front() << ": " << clients.text());
        CHECK(fixture.state() == SwapProject::whole_new);
        CHECK(fixture.databases() == fixture.database.name());
    }
}

TEST_CASE("a setup through PgBouncer is refused, and one past it wins against its clients")
{
    SwapProject fixture;
    fixture.expect_done({"setup"});
    fixture.make_old();
    const Bouncer bouncer(GENERATE(as<std::string>(), "session", "transaction"));
    const pg::ConnInfo through = bouncer.info(fixture.database.name());
    fixture.project.set_variable("CONNECTION_URL", through.url(pg::ConnInfo::ShowPassword::no));
    const CliResult refused = fixture.DatabaseProject::run({"setup"}).result();
    INFO(refused.err);
    CHECK(refused.exit_code == 4);
    CHECK(contains(refused.err, "a connection pooler stands between"));
    CHECK(contains(refused.err, "point the profile at the server itself"));
    CHECK(fixture.state() == SwapProject::whole_old);
    const CliResult doctor = fixture.DatabaseProject::run({"doctor"}).result();
    CHECK(doctor.exit_code == 0);
    CHECK(contains(doctor.out, "! pooler    a pooler stands in between"));

    // A query needs no session of its own: what only reads is held to that all the same.
    fixture.project.write("sql/queries/read.sql", "select count(*) > :least::int from people");
    fixture.project.write("sql/queries/write.sql", "select nextval('people_numbers')");
    pg::Connection(fixture.database.info()).exec("create sequence if not exists people_numbers");
    const auto read =
        fixture.DatabaseProject::run({"query", "read", "least=0", "--value"}).result();
    CHECK(read.out == "t\n");
    const auto write = fixture.DatabaseProject::run({"query", "write"}).result();
    INFO(read.err << write.err);
    CHECK(write.exit_code == 1);
    CHECK(contains(write.err, "the file writes"));

    Clients clients(through, 8);
    fixture.expect_done({"setup"});
    CHECK(fixture.state() == SwapProject::whole_new);
    CHECK(eventually([&] {
        try {
            return pg::Connection(through).exec("select min(word) from people").scalar() == "new";
        } catch (const Error&) {
            return false;
        }
    }));
    clients.end();
    WARN("through PgBouncer: " << clients.text());
}

TEST_CASE("files load through PgBouncer in session mode, batches and COPYs")
{
    const DatabaseProject fixture;
    SampleProject project;
    const Bouncer bouncer("session");
    project.set_variable("CONNECTION_URL",
                         bouncer.info(fixture.database.name()).url(pg::ConnInfo::ShowPassword::no));
    std::string sql = "create table many (id int);\ncopy many from stdin;\n-1\n\\.\n";
    for (int i = 0; i < 6000; ++i) {
        sql += fmt::format("insert into many values ({});\n", i);
    }
    project.write("many.sql", sql);
    const CliResult result = project.run_crudctl({"schema-load", "-f", "many.sql"}).result();
    INFO(result.err);
    CHECK(result.exit_code == 0);
    CHECK(fixture.ask("select count(*) from many") == "6001");
}

TEST_CASE("seeds without a transaction leave no lock in a transaction pooler's session")
{
    DatabaseProject fixture;
    fixture.project.write("sql/schema.sql", "create table t (n int);\n");
    fixture.project.write("sql/seed.sql", "insert into t values (1);\n");
    fixture.expect({"setup", "--no-seed"}, 0);
    const Bouncer bouncer("transaction");
    fixture.project.set_variable(
        "CONNECTION_URL",
        bouncer.info(fixture.database.name()).url(pg::ConnInfo::ShowPassword::no));
    const CliResult result = fixture.run({"seed", "--no-transaction"}).result();
    INFO(result.err);
    CHECK(fixture.ask("select count(*) from pg_locks l join pg_database d on d.oid = l.database "
                      "where locktype = 'advisory' and datname = current_database()") == "0");
    CHECK(fixture.ask("select count(*) from t") == (result.exit_code == 0 ? "1" : "0"));
}

TEST_CASE("setup says that sessions on a standby keep the old database until they reconnect")
{
    const ThrowAwayServer primary({"", "", nullptr});
    SampleProject project;
    project.set_variable("CONNECTION_URL",
                         primary.info().with("dbname", "app").url(pg::ConnInfo::ShowPassword::no));
    const Standby standby(primary);
    REQUIRE(project.run_crudctl({"setup"}).result().exit_code == 0);
    REQUIRE(standby.has_replayed("^app$"));
    pg::Connection reader(standby.info("app"));
    const CliResult result = project.run_crudctl({"setup"}).result();
    CHECK(result.exit_code == 0);
    CHECK(contains(result.err, "sessions there keep the old database until they reconnect"));
    REQUIRE(standby.has_replayed("^app__prev_"));
    CHECK(reader.exec("select starts_with(current_database(), 'app__prev_')").scalar() == "t");
    CHECK(pg::Connection(standby.info("app")).exec("select count(*) from users").scalar() == "3");
}
