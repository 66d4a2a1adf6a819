#include "pg/connection.hpp"
#include "support/process/interrupt.hpp"
#include "support/temp_cluster.hpp"

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <unistd.h>

using namespace crudctl;
using namespace crudctl::pg;
using crudctl::tests::TempDatabase;
using crudctl::tests::TestCluster;
using namespace std::chrono_literals;

namespace {

/// A session on the maintenance database, and the name of a database that a test makes there.
class SequenceBench {
public:
    SequenceBench() : m_connection(TestCluster::running().info()), m_name(m_database.name() + "_2")
    {}
    ~SequenceBench()
    {
        Connection(TestCluster::running().info())
            .exec("drop database if exists " + m_name + " with (force)");
    }
    SequenceBench(const SequenceBench&) = delete;
    SequenceBench& operator=(const SequenceBench&) = delete;

    std::vector<Result> run(const std::vector<std::string>& statements)
    {
        m_connection.start_sequence(statements);
        return m_connection.finish_script();
    }
    ServerError failure(const std::vector<std::string>& statements)
    {
        try {
            run(statements);
        } catch (const ServerError& error) {
            return error;
        }
        throw std::logic_error("the sequence went through");
    }
    std::string creation() const { return "create database " + m_name + " template template0"; }
    std::string comment() const { return "comment on database " + m_name + " is 'ours'"; }
    /// What it says of itself; nothing where there is none.
    std::vector<std::string> comments()
    {
        const Result result = m_connection.exec(
            "select coalesce(shobj_description(oid, 'pg_database'), '') as comment"
            " from pg_database where datname = $1",
            m_name);
        return result.empty() ? std::vector<std::string>() : std::vector{result[0].text("comment")};
    }
    Connection& connection() noexcept { return m_connection; }

private:
    TempDatabase m_database;
    Connection m_connection;
    std::string m_name;
};

} // namespace

TEST_CASE("a sequence makes a database, which no script may, and goes on with it")
{
    SequenceBench bench;
    CHECK_THROWS_AS(bench.connection().exec_script(bench.creation() + ";" + bench.comment()),
                    ServerError);
    const auto results = bench.run({bench.creation(), bench.comment(), "select 7"});
    REQUIRE(results.size() == 3);
    CHECK(results[0].command_tag() == "CREATE DATABASE");
    CHECK(results[2].scalar() == "7");
    CHECK(bench.comments() == std::vector<std::string>{"ours"});
    CHECK(bench.connection().transaction_status() == Connection::TransactionStatus::idle);
    CHECK(bench.connection().exec_script("select 1; select 2").size() == 2);
}

TEST_CASE("where a sequence's first statement fails nothing of it is done")
{
    SequenceBench bench;
    bench.run({bench.creation()});
    const ServerError error = bench.failure({bench.creation(), bench.comment(), "select 7"});
    CHECK(error.sqlstate() == sqlstate::duplicate_database);
    CHECK(error.failed_result() == 0);
    CHECK(bench.comments() == std::vector<std::string>{""});
}

TEST_CASE("where a later statement of a sequence fails the first stays, the others are undone")
{
    SequenceBench bench;
    const ServerError error =
        bench.failure({bench.creation(), bench.comment(), "select 1/0", "select 7"});
    CHECK(error.sqlstate() == "22012");
    CHECK(error.failed_result() == 2);
    CHECK(bench.comments() == std::vector<std::string>{""});
}

TEST_CASE("a signal cancels a sequence on the server, and the session can go on")
{
    SequenceBench bench;
    const InterruptScope signals;
    std::thread sender([] {
        std::this_thread::sleep_for(200ms);
        ::kill(::getpid(), SIGINT);
    });
    CHECK_THROWS_AS(bench.run({"select 1", "select pg_sleep(60)", "select 2"}), Error);
    sender.join();
    interrupt::forget();
    CHECK(bench.connection().exec("select 3").scalar() == "3");
}

TEST_CASE("a sequence that nobody waited for leaves a session that is lost, and does not hang")
{
    SequenceBench bench;
    bench.connection().start_sequence(std::vector<std::string>{"select pg_sleep(60)"});
    CHECK_THROWS_AS(bench.connection().exec("select 1"), ConnectionLost);
    CHECK_THROWS_AS(bench.connection().exec_script("select 1"), ConnectionLost);
}

TEST_CASE("a session that ends in the middle of a sequence is lost")
{
    SequenceBench bench;
    CHECK_THROWS_AS(
        bench.run({"select 1", "select pg_terminate_backend(pg_backend_pid())", "select 2"}),
        Error);
    CHECK_THROWS_AS(bench.connection().exec("select 1"), ConnectionLost);
}
