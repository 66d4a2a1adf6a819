#include "support/proxy.hpp"

#include "pg/connection.hpp"
#include "pg/result.hpp"
#include "support/loopback.hpp"
#include "support/temp_cluster.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <libpq-fe.h>
#include <sys/socket.h>

using namespace crudctl;
using namespace crudctl::tests;
using namespace std::chrono_literals;

using Clock = std::chrono::steady_clock;

namespace {

int cluster_port()
{
    return std::stoi(TestCluster::running().port());
}

pg::ConnInfo through(const Proxy& proxy, const std::string& database = "postgres")
{
    return TestCluster::running().tcp_info(database).with("port", proxy.port());
}

/// libpq's own, for what pg::Connection keeps to itself.
pg::ConnHandle plain_connection(const Proxy& proxy)
{
    const std::string url = through(proxy).url(pg::ConnInfo::ShowPassword::yes);
    pg::ConnHandle handle(PQconnectdb(url.c_str()));
    REQUIRE(PQstatus(handle.get()) == CONNECTION_OK);
    return handle;
}

/// Makes the table `t` through a proxy that cuts there; gives what became of it.
struct CutResult {
    Traffic traffic;
    bool was_lost = false;
    bool is_made = false;
};

CutResult make_table_cut_at(const Cut& cut)
{
    const TempDatabase database;
    CutResult result;
    {
        const Proxy proxy(cluster_port(), {0us, cut});
        try {
            pg::Connection(through(proxy, database.name())).exec_script("create table t ()");
        } catch (const Error&) {
            result.was_lost = true;
        }
        result.traffic = proxy.traffic();
    }
    result.is_made =
        pg::Connection(database.info()).exec("select to_regclass('t') is not null").scalar() == "t";
    return result;
}

Traffic uncut_traffic()
{
    return make_table_cut_at({Cut::Way::to_server, 0, Cut::Moment::before}).traffic;
}

} // namespace

TEST_CASE("the proxy counts log-ins and round trips, and names what each of these carried")
{
    const Proxy proxy(cluster_port());
    {
        pg::Connection connection(through(proxy));
        connection.exec_script("select 1;\n  select 2");
        connection.exec("select $1::text", "x");
        pg::Connection other(through(proxy));
        other.exec_script("select 3");
    }
    const Traffic traffic = proxy.traffic();
    CHECK(traffic.log_ins == 2);
    CHECK(traffic.sessions == 2);
    CHECK(traffic.log_in_trips == 8); // encryption, start-up, SCRAM twice
    CHECK(traffic.trips ==
          std::vector<std::string>{"Query: select 1; select 2",
                                   "Parse: select $1::text, Bind, Describe, Execute, Sync",
                                   "Query: select 3"});
    CHECK_FALSE(traffic.was_cut);
}

TEST_CASE("who sends without waiting makes one round trip of it")
{
    const Proxy proxy(cluster_port(), {20ms, {}});
    {
        const pg::ConnInfo info = through(proxy);
        const pg::ConnHandle handle(PQconnectdb(info.url(pg::ConnInfo::ShowPassword::yes).c_str()));
        REQUIRE(PQstatus(handle.get()) == CONNECTION_OK);
        REQUIRE(PQenterPipelineMode(handle.get()) == 1);
        for (int i = 0; i < 3; ++i) {
            PQsendQueryParams(handle.get(), "select 1", 0, nullptr, nullptr, nullptr, nullptr, 0);
            PQpipelineSync(handle.get());
        }
        PQflush(handle.get());
        for (int syncs = 0; syncs < 3;) {
            const pg::ResultHandle result(PQgetResult(handle.get()));
            syncs += PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC ? 1 : 0;
        }
    }
    CHECK(proxy.traffic().trips.size() == 1);
}

TEST_CASE("a COPY whose data wait for the server's word costs a round trip of its own")
{
    const Proxy proxy(cluster_port(), {20ms, {}});
    {
        const pg::ConnHandle handle = plain_connection(proxy);
        const std::string sql = "create temp table t (a int); copy t from stdin";
        const pg::ResultHandle result(PQexec(handle.get(), sql.c_str()));
        REQUIRE(PQresultStatus(result.get()) == PGRES_COPY_IN);
        PQputCopyData(handle.get(), "1\n", 2);
        PQputCopyData(handle.get(), "2\n", 2);
        PQputCopyEnd(handle.get(), nullptr);
        const pg::ResultHandle copied(PQgetResult(handle.get()));
        CHECK(PQresultStatus(copied.get()) == PGRES_COMMAND_OK);
    }
    CHECK(proxy.traffic().trips ==
          std::vector<std::string>{"Query: create temp table t (a int); copy t from stdin",
                                   "CopyData, CopyDone"});
}

TEST_CASE("the proxy counts the bytes of both directions")
{
    const Proxy proxy(cluster_port());
    pg::Connection(through(proxy))
        .exec_script("select repeat('x', 1000000) --" + std::string(500000, 'y'));
    const Traffic traffic = proxy.traffic();
    constexpr std::size_t around_it = 5000; // the log-in and the messages' heads
    CHECK(traffic.bytes_to_client > 1000000);
    CHECK(traffic.bytes_to_client < 1000000 + around_it);
    CHECK(traffic.bytes_to_server > 500000);
    CHECK(traffic.bytes_to_server < 500000 + around_it);
}

TEST_CASE("every round trip through a distant proxy takes its time, the log-in's five as well")
{
    const Proxy proxy(cluster_port(), {40ms, {}});
    const auto start = Clock::now();
    pg::Connection connection(through(proxy));
    const auto logged_in = Clock::now();
    CHECK(logged_in - start >= 5 * 40ms);
    connection.exec_script("select 1");
    connection.exec_script("select 1");
    CHECK(Clock::now() - logged_in >= 2 * 40ms);
}

TEST_CASE("distance does not limit how much passes at once")
{
    // Some thousand reads of the proxy: they would take a minute if one waited for the other.
    const Proxy proxy(cluster_port(), {200ms, {}});
    pg::Connection connection(through(proxy));
    const auto start = Clock::now();
    const std::string length =
        connection.exec("select length($1)", std::string(40000000, 'x')).scalar().value_or("");
    connection.exec("select repeat('x', 40000000)");
    CHECK(length == "40000000");
    CHECK(Clock::now() - start < 20s);
}

TEST_CASE("a message behind the cut does not arrive, one before it does")
{
    // The query is the last message but one; the last one is the goodbye.
    const int query = uncut_traffic().messages_to_server - 1;
    const CutResult before = make_table_cut_at({Cut::Way::to_server, query, Cut::Moment::before});
    CHECK(before.was_lost);
    CHECK_FALSE(before.is_made);
    CHECK(before.traffic.was_cut);
    const CutResult after = make_table_cut_at({Cut::Way::to_server, query, Cut::Moment::after});
    CHECK(after.was_lost);
    CHECK(after.is_made);
}

TEST_CASE("an answer behind the cut does not arrive, though what it answers was done")
{
    const int last = uncut_traffic().messages_to_client;
    const CutResult before = make_table_cut_at({Cut::Way::to_client, last, Cut::Moment::before});
    CHECK(before.was_lost);
    CHECK(before.is_made);
    CHECK(before.traffic.messages_to_client == last - 1);
    const CutResult after = make_table_cut_at({Cut::Way::to_client, last, Cut::Moment::after});
    CHECK_FALSE(after.was_lost);
    CHECK(after.is_made);
    CHECK(after.traffic.was_cut);
}

TEST_CASE("a log-in that is cut is none, and the next one goes through")
{
    const Proxy proxy(cluster_port(), {0us, Cut{Cut::Way::to_client, 2, Cut::Moment::before}});
    CHECK_THROWS_AS(pg::Connection(through(proxy)), pg::ConnectError);
    CHECK(proxy.traffic().sessions == 0);
    pg::Connection(through(proxy)).exec("select 1");
    CHECK(proxy.traffic().log_ins == 2);
    CHECK(proxy.traffic().sessions == 1);
}

TEST_CASE("what is no Postgres on the other side is said")
{
    const Proxy proxy(cluster_port());
    {
        const Descriptor client = connected_socket(std::stoi(proxy.port()));
        const std::string request = "GET / HTTP/1.1\r\n\r\n";
        REQUIRE(::send(client.number(), request.data(), request.size(), 0) == 18);
        char answer = 0;
        CHECK(::recv(client.number(), &answer, 1, 0) <= 0); // hangs up
    }
    CHECK_THROWS(proxy.traffic());
}
