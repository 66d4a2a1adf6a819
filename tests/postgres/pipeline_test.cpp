#include "pg/connection.hpp"
#include "support/process/interrupt.hpp"
#include "support/temp_cluster.hpp"

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <unistd.h>

using namespace crudctl;
using namespace crudctl::pg;
using crudctl::tests::TempDatabase;
using crudctl::tests::TestCluster;
using namespace std::chrono_literals;

namespace {

std::vector<const char*> pointers_to(const std::vector<std::string>& statements)
{
    std::vector<const char*> pointers;
    pointers.reserve(statements.size());
    for (const std::string& statement : statements) {
        pointers.push_back(statement.c_str());
    }
    return pointers;
}

ServerError error_of_each(Connection& connection, const std::vector<std::string>& statements)
{
    try {
        connection.exec_each(statements);
    } catch (const ServerError& error) {
        return error;
    }
    throw std::logic_error("none of them failed");
}

} // namespace

TEST_CASE("each statement of a pipeline is all the text there is, and has one result")
{
    const TempDatabase database;
    Connection connection(database.info());
    const auto results = connection.exec_each(std::vector<std::string>{
        "create table t (n int)", "create rule r as on insert to t do also select 1",
        "insert into t values (1), (2)", "", "/* c */ select current_query();", "table t"});
    REQUIRE(results.size() == 6);
    CHECK(results[2].affected_rows() == 2);
    CHECK(results[4].scalar() == "/* c */ select current_query();");
    CHECK(results[5].size() == 2);
    CHECK(connection.exec_each(std::vector<std::string>()).empty());
}

TEST_CASE("what fails in a pipeline is known by its index, and nothing behind it runs")
{
    const TempDatabase database;
    Connection connection(database.info());
    const ServerError error = error_of_each(
        connection, {"create table t (n int)", "select  nothing", "create tabel u ()"});
    CHECK(error.failed_result() == 1);
    CHECK(error.diagnostic().position == 9);
    CHECK(connection.exec("select to_regclass('t')").scalar() == std::nullopt);
    CHECK(error_of_each(connection, {"begin", "select 1/0", "commit"}).failed_result() == 1);
    CHECK(connection.transaction_status() == Connection::TransactionStatus::failed);
    connection.exec("rollback");
}

// Far more than the sockets hold, both ways: who waits for the other to read waits forever.
TEST_CASE("a pipeline whose statements and answers are large flows both ways")
{
    Connection connection(TestCluster::running().info());
    const std::string text(1U << 20U, 'x');
    const std::vector<std::string> statements(24, "select '" + text + "', '" + text + "'");
    CHECK(connection.exec_each(statements).size() == statements.size());

    std::size_t rows = 0;
    ScriptIO io;
    io.rows = ScriptIO::Rows::dropped;
    io.on_row = [&](const Result& /*row*/, std::size_t completed) { rows += completed; };
    const auto results = connection.exec_each(pointers_to(statements), io);
    CHECK(results.back().command_tag() == "SELECT 1");
    CHECK(rows == 24 * 23 / 2);
}

TEST_CASE("a pipeline's notices are about the statement at work")
{
    Connection connection(TestCluster::running().info());
    using Seen = std::pair<std::string, std::size_t>;
    std::vector<Seen> seen;
    ScriptIO io;
    io.rows = ScriptIO::Rows::dropped;
    io.on_notice = [&](const Diagnostic& notice, std::size_t at_least, std::size_t /*at_most*/) {
        seen.emplace_back(notice.primary, at_least);
    };
    const std::vector<std::string> statements = {
        "do $$ begin raise notice 'one'; end $$", "set work_mem = '4MB'",
        "do $$ begin raise notice 'two'; end $$", "select generate_series(1, 100)",
        "drop table if exists none"};
    connection.exec_each(pointers_to(statements), io);
    CHECK(seen == std::vector<Seen>{
                      {"one", 0}, {"two", 2}, {"table \"none\" does not exist, skipping", 4}});
}

TEST_CASE("a signal cancels a pipeline, and leaves out what was not sent yet")
{
    Connection connection(TestCluster::running().info());
    const InterruptScope signals;
    std::vector<std::string> statements = {"begin", "select pg_sleep(30)"};
    statements.resize(40, "select '" + std::string(1U << 20U, 'x') + "'");
    const auto start = std::chrono::steady_clock::now();
    std::thread person([] {
        std::this_thread::sleep_for(300ms);
        ::kill(::getpid(), SIGINT);
    });
    CHECK_THROWS_WITH(connection.exec_each(statements), "interrupted");
    person.join();
    interrupt::forget();
    CHECK(std::chrono::steady_clock::now() - start < 10s);
}
