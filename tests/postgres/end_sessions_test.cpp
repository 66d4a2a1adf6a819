#include "database/sessions.hpp"
#include "pg/connection.hpp"
#include "support/own_server.hpp"
#include "support/permit.hpp"
#include "support/throw_away_server.hpp"

#include <catch2/catch.hpp>

using namespace crudctl;
using crudctl::tests::eventually;
using crudctl::tests::ThrowAwayServer;

namespace {

constexpr const char* slow_autovacuum = "autovacuum_naptime = 1s\n"
                                        "autovacuum_vacuum_threshold = 1\n"
                                        "autovacuum_vacuum_cost_delay = 100ms\n"
                                        "autovacuum_vacuum_cost_limit = 1\n";

void busy_autovacuum(const ThrowAwayServer& server)
{
    pg::Connection owner(server.info().with("dbname", "busy"));
    owner.exec_script("create table t as select n from generate_series(1, 100000) n;");
    owner.exec_script("update t set n = n + 1");
}

} // namespace

TEST_CASE("a role that may end sessions ends the people's, whatever autovacuum does")
{
    const ThrowAwayServer server({slow_autovacuum, {}, nullptr});
    pg::Connection admin(server.info());
    admin.exec("create database busy");
    admin.exec("create role ender login in role pg_signal_backend");
    admin.exec("create role worker login");
    busy_autovacuum(server);
    REQUIRE(eventually([&] {
        return admin
                   .exec("select from pg_stat_activity where datname = 'busy' and backend_type ="
                         " 'autovacuum worker'")
                   .size() > 0;
    }));
    pg::Connection worker(server.info().with("user", "worker").with("dbname", "busy"));
    pg::Connection ender(server.info().with("user", "ender"));
    CHECK(database::end_sessions(tests::permit(), ender, "busy") == 1);
    CHECK_THROWS_AS(worker.exec("select 1"), pg::ConnectionLost);
    admin.exec("alter database busy rename to calm");
}
