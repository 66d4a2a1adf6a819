#include "pg/conn_info.hpp"
#include "pg/connection.hpp"
#include "support/process/interrupt.hpp"
#include "support/temp_cluster.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
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

ServerError error_of(Connection& connection, const std::string& script)
{
    try {
        connection.exec_script(script);
    } catch (const ServerError& error) {
        return error;
    }
    throw std::logic_error("the script went through");
}

/// Waits until the server shows this text as the query of an active session of the database.
void wait_until_running(const TempDatabase& database, const std::string& query)
{
    Connection watcher(TestCluster::running().info());
    const auto is_running = [&] {
        return watcher
                   .exec("select count(*) from pg_stat_activity"
                         " where datname = $1 and state = 'active' and query = $2",
                         database.name(), query)
                   .scalar() == "1";
    };
    for (int attempt = 0; attempt < 1000 && !is_running(); ++attempt) {
        std::this_thread::sleep_for(10ms);
    }
}

void terminate_sessions(const TempDatabase& database)
{
    Connection(TestCluster::running().info())
        .exec("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1",
              database.name());
}

} // namespace

TEST_CASE("a statement gives its rows, with null apart from the empty text")
{
    Connection connection(TestCluster::running().info());
    const Result result = connection.exec("select $1::text as a, $2::text as b, $3::int as c,"
                                          " $4::bool as d",
                                          "", std::nullopt, 42, true);
    REQUIRE(result.size() == 1);
    CHECK(result[0]["a"] == "");
    CHECK(result[0]["b"] == std::nullopt);
    CHECK(result[0].number("c") == 42);
    CHECK(result[0].is_true("d"));
    CHECK_THROWS_AS(result[0]["nothing"], std::logic_error);
    CHECK_THROWS_AS(connection.exec("select 1 union all select 2").scalar(), std::logic_error);
}

TEST_CASE("exec takes one statement, exec_script any number, with results in order")
{
    const TempDatabase database;
    Connection connection(database.info());
    CHECK_THROWS_AS(connection.exec("select 1; select 2"), ServerError);
    const auto results = connection.exec_script(
        "create table t(n int); insert into t values (1), (2); select sum(n) from t;");
    REQUIRE(results.size() == 3);
    CHECK(results[0].command_tag() == "CREATE TABLE");
    CHECK(results[1].affected_rows() == 2);
    CHECK(results[2].scalar() == "3");
}

TEST_CASE("a failing script is undone whole, and says which of its statements failed")
{
    const TempDatabase database;
    Connection connection(database.info());
    const ServerError error =
        error_of(connection, "create table t(n int primary key); insert into t values (1);\n"
                             "insert into t values (1);\nselect 1");
    CHECK(error.code() == ExitCode::failed);
    CHECK(error.failed_result() == 2);
    CHECK(error.sqlstate() == "23505");
    CHECK(error.diagnostic().severity == "ERROR");
    CHECK(error.diagnostic().schema == "public");
    CHECK(error.diagnostic().table == "t");
    CHECK(error.diagnostic().constraint == "t_pkey");
    CHECK(error.diagnostic().detail == "Key (n)=(1) already exists.");
    CHECK(connection.exec("select to_regclass('t') is null").scalar() == "t");
}

TEST_CASE("an error's position counts characters over the whole script")
{
    Connection connection(TestCluster::running().info());
    const ServerError error = error_of(connection, "select 'äöü';\nselect nonsense");
    CHECK(error.sqlstate() == "42703");
    CHECK(error.diagnostic().position == 22);
    CHECK(error.failed_result() == 1);

    const ServerError syntax_error = error_of(connection, "select 'äöü';\nselect from from");
    CHECK(syntax_error.diagnostic().position == 27);
    CHECK(syntax_error.failed_result() == 0); // found before anything ran
}

TEST_CASE("notices, queries and waits reach the observer")
{
    std::vector<std::string> notices;
    std::vector<std::string> queries;
    int waits = 0;
    ConnectionObserver observer;
    observer.on_notice = [&](const Diagnostic& notice) {
        notices.push_back(notice.severity + " " + notice.sqlstate + " " + notice.primary);
    };
    observer.on_query = [&](std::string_view sql, std::chrono::duration<double>) {
        queries.emplace_back(sql);
    };
    observer.on_wait = [&] { ++waits; };
    Connection connection(TestCluster::running().info(), observer);
    waits = 0;
    connection.exec("do $$ begin raise warning 'careful'; end $$");
    connection.exec("select pg_sleep(0.5)");
    CHECK(notices == std::vector<std::string>{"WARNING 01000 careful"});
    CHECK(queries == std::vector<std::string>{"do $$ begin raise warning 'careful'; end $$",
                                              "select pg_sleep(0.5)"});
    CHECK(waits > 0);
}

TEST_CASE("names and texts come back as they went in, whatever is in them")
{
    const TempDatabase database;
    Connection connection(database.info());
    const std::vector<std::string> odd = {
        "plain", "Mixed Case", "\"",          "'",      "\\",   "a;b",         "-f",
        "%s",    "$1",         "naïve 🦆", "select", "a\nb", "postgres://x"};
    for (const std::string& text : odd) {
        CAPTURE(text);
        CHECK(connection.exec("select " + connection.literal(text)).scalar() == text);
        connection.exec("create table " + connection.quoted(text) + "()");
        CHECK(connection.exec("select count(*) from pg_class where relname = $1", text).scalar() ==
              "1");
    }
    CHECK_THROWS_AS(connection.quoted("\xff"), Error);
    CHECK_THROWS_AS(connection.literal("half a character \xc3"), Error);
}

namespace {

/// Gives the pieces one after the other.
CopySource source_of(std::vector<std::string> pieces)
{
    return [pieces = std::move(pieces), next = std::size_t{0}]() mutable {
        return next < pieces.size() ? std::string_view(pieces[next++]) : std::string_view();
    };
}

} // namespace

TEST_CASE("COPY takes its data in order, and one without data is an error and no hang")
{
    const TempDatabase database;
    Connection connection(database.info());
    connection.exec("create table t(n int)");
    const std::array sources = {source_of({"1\n", "2\n"}), source_of({"3\n"})};
    ScriptIO io;
    io.copies = sources;
    connection.exec_script("copy t from stdin; copy t from stdin;", io);
    CHECK(connection.exec("select string_agg(n::text, ' ' order by n) from t").scalar() == "1 2 3");

    CHECK(error_of(connection, "copy t from stdin").sqlstate() == sqlstate::query_canceled);
    const auto results = connection.exec_script("copy t to stdout; select count(*) from t");
    CHECK(results.back().scalar() == "3");
    CHECK(connection.transaction_status() == Connection::TransactionStatus::idle);
}

TEST_CASE("what a COPY's source throws undoes the script and leaves the session usable")
{
    const TempDatabase database;
    Connection connection(database.info());
    connection.exec("create table t(n int)");
    const std::array sources = {CopySource([is_first = true]() mutable {
        if (!std::exchange(is_first, false)) {
            throw Error(ExitCode::configuration, "the disk is gone");
        }
        return std::string_view("1\n");
    })};
    ScriptIO io;
    io.copies = sources;
    CHECK_THROWS_WITH(connection.exec_script("copy t from stdin", io), "the disk is gone");
    CHECK(connection.exec("select count(*) from t").scalar() == "0");
}

TEST_CASE("a script's notices come with the number of statements before them")
{
    Connection connection(TestCluster::running().info());
    using Seen = std::tuple<std::string, std::size_t, std::size_t>;
    std::vector<Seen> seen;
    ScriptIO io;
    io.rows = ScriptIO::Rows::dropped;
    io.on_notice = [&](const Diagnostic& notice, std::size_t at_least, std::size_t at_most) {
        seen.emplace_back(notice.primary, at_least, at_most);
    };
    connection.exec_script("do $$ begin raise notice 'one'; end $$; set work_mem = '4MB'; "
                           "do $$ begin raise notice 'two'; end $$",
                           io);
    REQUIRE(seen.size() == 2);
    CHECK(seen[0] == Seen{"one", 0, 0});
    CHECK(std::get<0>(seen[1]) == "two");
    CHECK(std::get<2>(seen[1]) == 2);
}

TEST_CASE("rows that nobody wants are counted and not kept")
{
    Connection connection(TestCluster::running().info());
    ScriptIO io;
    io.rows = ScriptIO::Rows::dropped;
    const auto results = connection.exec_script("select generate_series(1, 5); select 7", io);
    REQUIRE(results.size() == 2);
    CHECK(results[0].empty());
    CHECK(results[0].command_tag() == "SELECT 5");
}

TEST_CASE("a script that was started is not waited for until it is finished")
{
    Connection connection(TestCluster::running().info());
    connection.start_script("select pg_sleep(0.4); select 7");
    CHECK_FALSE(connection.script_is_done(1ms));
    CHECK(connection.finish_script().back().scalar() == "7");
}

TEST_CASE("an idle session that the server ended is lost at the next statement")
{
    const TempDatabase database;
    Connection connection(database.info());
    terminate_sessions(database);
    CHECK_THROWS_AS(connection.exec("select 1"), ConnectionLost);
    CHECK_THROWS_AS(connection.exec("select 1"), ConnectionLost);
    CHECK_THROWS_AS(connection.exec_script("select 1"), ConnectionLost);
}

TEST_CASE("a session that the server ends in the middle of a statement is lost with the reason")
{
    const TempDatabase database;
    Connection connection(database.info());
    std::thread other([&] {
        wait_until_running(database, "select pg_sleep(60)");
        terminate_sessions(database);
    });
    std::string message;
    try {
        connection.exec("select pg_sleep(60)");
    } catch (const ConnectionLost& error) {
        message = error.what();
    }
    other.join();
    CHECK(message.find("lost the connection to the server: ") == 0);
    CHECK(message.find("terminating connection due to administrator command") != std::string::npos);
    CHECK(message.find('\n') == std::string::npos);
}

TEST_CASE("a signal cancels the statement on the server, and the session can go on")
{
    const TempDatabase database;
    const auto [signal, code] = GENERATE(std::pair{SIGINT, ExitCode::interrupted},
                                         std::pair{SIGTERM, ExitCode::terminated});
    const InterruptScope signals;
    Connection connection(database.info());
    std::thread person([&, signal = signal] {
        wait_until_running(database, "select pg_sleep(60)");
        ::kill(::getpid(), signal);
    });
    std::optional<ExitCode> ended_with;
    try {
        connection.exec("select pg_sleep(60)");
    } catch (const Error& error) {
        ended_with = error.code();
    }
    person.join();
    CHECK(ended_with == code);
    CHECK_THROWS_AS(connection.exec("select 1"), Error); // the signal is still to be dealt with
    interrupt::forget();
    CHECK(connection.exec("select 1").scalar() == "1");
}

TEST_CASE("a log-in that is refused keeps the server's SQLSTATE")
{
    const ConnInfo info = TestCluster::running().info("no such database");
    try {
        const Connection connection(info);
        FAIL("there is no such database");
    } catch (const ConnectError& error) {
        CHECK(error.code() == ExitCode::connection);
        CHECK(error.sqlstate() == sqlstate::missing_database);
        CHECK_FALSE(error.may_pass());
    }
    try {
        const Connection connection(info.with("port", "1"));
        FAIL("nobody listens on port 1");
    } catch (const ConnectError& error) {
        CHECK(error.sqlstate().empty());
        CHECK(error.may_pass());
    }
}

TEST_CASE("a database named like a URL is a name and not a URL")
{
    const ConnInfo info = TestCluster::running().info("postgresql://elsewhere/other");
    CHECK_THROWS_WITH(Connection(info),
                      Catch::Matchers::Contains("\"postgresql://elsewhere/other\" does not exist"));
}

TEST_CASE("libpq's variables are forgotten, but for where services are looked up")
{
    const std::vector<const char*> forgotten = {"PGHOST", "PGHOSTADDR", "PGPASSWORD", "PGSERVICE",
                                                "PGOPTIONS"};
    for (const char* name : forgotten) {
        ::setenv(name, "192.0.2.1", 1);
    }
    ::setenv("PGSERVICEFILE", "/nonexistent", 1);
    forget_libpq_environment();
    for (const char* name : forgotten) {
        CAPTURE(name);
        CHECK(std::getenv(name) == nullptr);
    }
    CHECK(std::getenv("PGSERVICEFILE") != nullptr);
    ::unsetenv("PGSERVICEFILE");
}
