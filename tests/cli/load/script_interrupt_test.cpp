#include "cli/database_project.hpp"
#include "support/own_server.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <chrono>
#include <csignal>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

using Clock = std::chrono::steady_clock;

/// How many of crudctl's own sessions are on the project's database.
std::string sessions_left(const DatabaseProject& fixture)
{
    return fixture.ask("select count(*) from pg_stat_activity where datname = current_database() "
                       "and application_name like 'crudctl%'");
}

constexpr const char* says_now = "do $$ begin raise notice 'now'; end $$;\n";
constexpr std::chrono::seconds far_less_than_the_sleep{20};

} // namespace

TEST_CASE("a signal cancels a long statement on the server, and the state is said")
{
    const int signal = GENERATE(SIGINT, SIGTERM);
    const DatabaseProject fixture;
    fixture.project.write("sql/schema.sql", std::string("create table a ();\n") + says_now +
                                                "select pg_sleep(60);\n");
    const auto started = Clock::now();
    const CliResult result = fixture.run({"schema-load"}).with_signal(signal, "now").result();
    INFO(result.err);
    CHECK(Clock::now() - started < far_less_than_the_sleep);
    CHECK(result.exit_code == 128 + signal);
    CHECK(contains(result.err, "interrupted"));
    CHECK(contains(result.err, fixture.database.name() + " is exactly as it was"));
    CHECK(fixture.ask("select to_regclass('a') is null") == "t");
    CHECK(eventually([&] { return sessions_left(fixture) == "0"; }));
}

// The server signals a session twice for one cancel: itself, then its process group. Most often the
// two fall together, but not always: so the statement survives two of them.
TEST_CASE("a second signal gives up waiting for a server that goes on")
{
    constexpr std::chrono::milliseconds until_it_sleeps{200};
    constexpr std::chrono::milliseconds between{500};
    const DatabaseProject fixture;
    fixture.project.write(
        "sql/schema.sql",
        "create table a ();\ndo $$ begin raise notice 'now'; begin perform pg_sleep(60);"
        "exception when query_canceled then perform pg_sleep(60); end;"
        "exception when query_canceled then perform pg_sleep(60); end $$;\n");
    const auto started = Clock::now();
    const CliResult result = fixture.run({"schema-load"})
                                 .with_signal(SIGINT, "now", until_it_sleeps)
                                 .with_signal(SIGINT, "now", between)
                                 .result();
    INFO(result.err);
    CHECK(Clock::now() - started > between); // the first one alone does not
    CHECK(Clock::now() - started < far_less_than_the_sleep);
    CHECK(result.exit_code == 130);
    CHECK(contains(result.err, "interrupted"));
    CHECK(fixture.ask("select to_regclass('a') is null") == "t");
    CHECK(fixture.ask(
              "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where datname ="
              " current_database() and application_name like 'crudctl%'") == "1");
    CHECK(fixture.ask("select to_regclass('a') is null") == "t");
}

TEST_CASE("a signal gets through to a COPY whose data the server doesn't read, waiting for a lock")
{
    const DatabaseProject fixture;
    pg::Connection holder(fixture.database.info());
    holder.exec_script("create table a (id int primary key, t text)");
    holder.exec_script("begin; insert into a values (1)");
    // The first row waits for the holder; far more follow than the sockets between us hold.
    std::string rows;
    for (int i = 1; i <= 20000; ++i) {
        rows += fmt::format("{}\t{:x>1000}\n", i, "");
    }
    fixture.project.write("sql/schema.sql", std::string("create table b ();\n") + says_now +
                                                "copy a from stdin;\n" + rows + "\\.\n");
    const auto started = Clock::now();
    const CliResult result = fixture.run({"schema-load", "--no-copy"})
                                 .with_signal(SIGINT, "now", std::chrono::milliseconds(500))
                                 .result();
    INFO(result.err);
    CHECK(Clock::now() - started < std::chrono::seconds(8)); // the lock's timeout is 10
    CHECK(result.exit_code == 130);
    CHECK(contains(result.err, fixture.database.name() + " is exactly as it was"));
    holder.exec_script("rollback");
    CHECK(fixture.ask("select count(*) from a") == "0");
    CHECK(fixture.ask("select to_regclass('b') is null") == "t");
    CHECK(eventually([&] { return sessions_left(fixture) == "0"; }));
}

namespace {

/// A batch whose first statement waits for a lock: the rest is more than the sockets hold.
struct WaitingBatch {
    WaitingBatch()
    {
        holder.exec_script("create table a (id int, t text)");
        holder.exec_script("begin; lock table a");
        std::string inserts;
        for (int i = 0; i < 4000; ++i) {
            inserts += fmt::format("insert into a values ({}, '{:x>1000}');\n", i, "");
        }
        fixture.project.write("sql/schema.sql", inserts);
        // Far shorter than the wait: the server takes nothing meanwhile, and is there all the same.
        fixture.project.set_variable("CONNECTION_URL",
                                     fixture.database.url() + "?tcp_user_timeout=1000");
    }
    CliCall run() const { return fixture.run({"schema-load", "--no-copy", "--lock-timeout", "5"}); }

    DatabaseProject fixture;
    pg::Connection holder{fixture.database.info().with("application_name", "a long report")};
};

} // namespace

TEST_CASE("a signal gets through to a batch whose first statement waits for a lock")
{
    const WaitingBatch batch;
    const CliResult result = batch.run().with_signal(SIGINT, "waiting  for a lock").result();
    INFO(result.err);
    CHECK(result.exit_code == 130);
    CHECK(contains(result.err, batch.fixture.database.name() + " is exactly as it was"));
    CHECK(eventually([&] { return sessions_left(batch.fixture) == "0"; }));
}

TEST_CASE("who holds the lock is said while a batch waits for it that the server doesn't read")
{
    const WaitingBatch batch;
    const CliResult result = batch.run().result();
    INFO(result.err);
    CHECK(result.exit_code == 9);
    CHECK(contains(result.err, "sql/schema.sql:1:13: error: canceling statement due to lock"));
    CHECK(contains(result.err, "the lock is held by a long report"));
}

TEST_CASE("a signal while a large file is read ends that, before anything was sent")
{
    const DatabaseProject fixture;
    std::string text = "create table a ();\n";
    for (int i = 0; i < 3'000'000; ++i) {
        text += "select 1;\n";
    }
    fixture.project.write("sql/schema.sql", text);
    const CliResult result = fixture.run({"schema-load"})
                                 .with_signal(SIGINT, "", std::chrono::milliseconds(300))
                                 .result();
    CHECK(result.exit_code == 130);
    CHECK(result.err == "crudctl: error: interrupted\n"); // not even the target yet
}
