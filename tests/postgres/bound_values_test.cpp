#include "pg/connection.hpp"
#include "support/proxy.hpp"
#include "support/temp_cluster.hpp"

#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using namespace crudctl::pg;
using crudctl::tests::Proxy;
using crudctl::tests::TempDatabase;
using crudctl::tests::TestCluster;
using namespace std::chrono_literals;

namespace {

using Bound = std::vector<std::optional<std::string>>;

std::string sqlstate_of(Connection& connection, const std::string& sql, const Bound& values)
{
    try {
        connection.exec_read_only(sql, values);
    } catch (const ServerError& error) {
        return error.sqlstate();
    }
    return "it went through";
}

} // namespace

TEST_CASE("any number of values is bound, with null apart from the empty text")
{
    Connection connection(TestCluster::running().info());
    const Bound values = {"", std::nullopt, "42"};
    const std::string sql = "select $1::text as a, $2::text as b, $3::int8 as c, $2::jsonb as d";
    const Result result = connection.exec(sql, values);
    REQUIRE(result.size() == 1);
    CHECK(result[0].field(0) == "");
    CHECK(result[0].field(1) == std::nullopt);
    CHECK(result[0].field(2) == "42");
    const std::vector<Column> columns = result.columns();
    REQUIRE(columns.size() == 4);
    CHECK(columns[2].name == "c");
    CHECK(columns[0].type == 25);
    CHECK(columns[2].type == 20);
    CHECK(columns[3].type == 3802);
    CHECK(connection.exec("set lock_timeout = 0", Bound()).columns().empty());
}

TEST_CASE("whatever is in a value is data")
{
    const TempDatabase database;
    Connection connection(database.info());
    connection.exec("create table kept (value text)");
    const std::string value =
        GENERATE(std::string("'; drop table kept; --"), std::string("\"$1\" :x %(x)s \\"),
                 std::string("$$"), std::string(1U << 20U, '\''), std::string("\xF0\x9F\x8C\x87"));
    CHECK(connection.exec_read_only("select $1::text", Bound{value}).scalar() == value);
    connection.exec("insert into kept values ($1)", Bound{value});
    CHECK(connection.exec("select value from kept").scalar() == value);
}

TEST_CASE("a value that would be cut off or is no text is refused")
{
    Connection connection(TestCluster::running().info());
    const Bound with_nul = {std::string("a\0b", 3)};
    CHECK_THROWS_AS(connection.exec("select $1::text", with_nul), std::logic_error);
    CHECK_THROWS_AS(connection.exec_read_only("select $1::text", with_nul), std::logic_error);
    CHECK(sqlstate_of(connection, "select $1::text", {"\xFF"}) == "22021");
    CHECK(sqlstate_of(connection, "select $1::uuid", {"x"}) == "22P02");
    CHECK(connection.exec_read_only("select 1", Bound()).scalar() == "1");
}

TEST_CASE("a read-only query is one round trip, and the server refuses what writes")
{
    const TempDatabase database;
    Connection(database.info())
        .exec_script("create table kept (id int);"
                     "create function write() returns int language sql"
                     " as 'insert into kept values (1) returning id'");
    const Proxy proxy(std::stoi(TestCluster::running().port()), {10ms, {}});
    std::optional<Connection> connection(std::in_place,
                                         database.tcp_info().with("port", proxy.port()));
    CHECK(connection->exec_read_only("select $1::int", Bound{"7"}).scalar() == "7");
    CHECK(connection->transaction_status() == Connection::TransactionStatus::idle);
    CHECK(sqlstate_of(*connection, "select write()", {}) == sqlstate::read_only);
    CHECK(sqlstate_of(*connection, "insert into kept values (1)", {}) == sqlstate::read_only);
    CHECK(sqlstate_of(*connection, "select set_config('transaction_read_only', 'off', true)", {}) ==
          "25001");
    CHECK(connection->transaction_status() == Connection::TransactionStatus::idle);
    CHECK(connection->exec("select count(*) from kept").scalar() == "0");
    connection.reset();
    CHECK(proxy.traffic().trips.size() == 1 + 3 * 2 + 1); // a failure takes a rollback, too
}

TEST_CASE("a session that ends during a read-only query is lost")
{
    Connection connection(TestCluster::running().info());
    CHECK_THROWS_AS(
        connection.exec_read_only("select pg_terminate_backend(pg_backend_pid())", Bound()),
        ConnectionLost);
    CHECK_THROWS_AS(connection.exec_read_only("select 1", Bound()), ConnectionLost);
}

TEST_CASE("the types of a statement's parameters are what the server infers")
{
    const TempDatabase database;
    Connection connection(database.info());
    connection.exec_script("create domain handle as text; create table people"
                           " (id uuid, born timestamptz, name handle, tags varchar(9)[])");
    const auto described = connection.describe("insert into people values ($1, $2, $3, $4)");
    CHECK(described.parameters == std::vector<std::string>{"uuid", "timestamp with time zone",
                                                           "handle", "character varying[]"});
    CHECK(connection.describe("select 1").parameters.empty());
    CHECK(connection.exec("select count(*) from people").scalar() == "0");
    CHECK_THROWS_AS(connection.describe("select $1::bogus"), ServerError);
    CHECK(connection.exec("select 1").scalar() == "1");
}

TEST_CASE("queries of one snapshot see nothing of what another session commits between them")
{
    const TempDatabase database;
    Connection admin(database.info());
    admin.exec("create table kept (value int)");
    Connection connection(database.info());
    const Bound least = {"0"};
    const std::string count = "select count(*) from public.kept where value > $1::int";
    // The one in the middle waits for the lock, so that the insert comes between the other two.
    Connection holder(database.info());
    holder.exec("select pg_advisory_lock(1)");
    const std::vector<BoundStatement> queries = {
        {count, least}, {"select pg_advisory_lock_shared(1)::text", {}}, {count, least}};
    auto counts = std::async(std::launch::async, [&] { return connection.look(queries); });
    const std::string waiting = "select 1 from pg_locks l join pg_database d on d.oid = l.database "
                                "where d.datname = current_database() and not granted";
    while (admin.exec(waiting).size() == 0) {
        std::this_thread::sleep_for(1ms);
    }
    admin.exec("insert into kept values (7)");
    holder.exec("select pg_advisory_unlock(1)");
    const std::vector<Result> results = counts.get();
    REQUIRE(results.size() == 3);
    CHECK(results[0].scalar() == "0");
    CHECK(results[2].scalar() == "0");
    CHECK(connection.transaction_status() == Connection::TransactionStatus::idle);

    const std::vector<BoundStatement> writing = {
        {"insert into public.kept values ($1::int)", least}};
    CHECK_THROWS_AS(connection.look(writing), ServerError);
    CHECK(connection.transaction_status() == Connection::TransactionStatus::idle);
    CHECK(admin.exec("select count(*) from kept").scalar() == "1");
}
