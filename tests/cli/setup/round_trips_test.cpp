#include "cli/proxy_project.hpp"

#include <string>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;
using namespace std::chrono_literals;

// Counts, not times: each is what a server far away makes one wait for. The proxy stands a little
// away, so that who sends without waiting is not met by an answer on the way.

namespace {

constexpr auto a_little_away = 10ms;

// What is reached; lower them with the code.
constexpr int schema_load_log_ins = 1;
constexpr std::size_t schema_load_trips = 3;
constexpr std::size_t seed_trips = 2; // with the marker, and without what each file takes:
constexpr std::size_t csv_trips = 3;  // what its table is, COPY's readiness, its rows
constexpr std::size_t setup_trips = 6;
constexpr std::size_t sessions_trips = 1;
constexpr std::size_t status_trips = 1;

std::string five_hundred_statements()
{
    std::string sql;
    for (int i = 0; i < 100; ++i) {
        sql += fmt::format("create table t{0} (id int primary key, name text not null);\n"
                           "create index t{0}_name on t{0} (name);\n"
                           "comment on table t{0} is 'number {0}';\n"
                           "alter table t{0} add check (name <> '');\n"
                           "insert into t{0} values ({0}, 'a');\n",
                           i);
    }
    return sql;
}

std::string listed(const Traffic& traffic)
{
    std::string text;
    for (const std::string& trip : traffic.trips) {
        text += "\n  " + trip;
    }
    return text;
}

/// Fails where it takes more, and asks to lower `reached` where it takes less.
void check_trips(const Traffic& traffic, std::size_t reached)
{
    INFO("the round trips:" << listed(traffic));
    CHECK(traffic.trips.size() == reached);
}

} // namespace

TEST_CASE("a schema of 500 statements costs as many round trips as one of five")
{
    ProxyProject fixture;
    fixture.project.write("sql/schema.sql", five_hundred_statements());
    const auto [result, traffic] = fixture.run({"schema-load"}, {a_little_away, {}});
    REQUIRE(result.exit_code == 0);
    CHECK(traffic.log_ins == schema_load_log_ins);
    check_trips(traffic, schema_load_trips);
    CHECK(fixture.ask("select count(*) from t99") == "1");
    fixture.project.write("sql/schema.sql", "create table few ();");
    check_trips(fixture.run({"schema-load"}, {a_little_away, {}}).traffic, schema_load_trips);
}

TEST_CASE("a COPY with its data in the file costs a round trip, and a run of them up to two more")
{
    ProxyProject fixture;
    fixture.project.write("sql/schema.sql", "create table few (id int);\n"
                                            "copy few from stdin;\n1\n2\n\\.\n"
                                            "copy few from stdin;\n3\n\\.\n"
                                            "copy few from stdin;\n4\n\\.\n"
                                            "insert into few values (5);\n"
                                            "copy few from stdin;\n6\n\\.\n");
    const auto [result, traffic] = fixture.run({"schema-load"}, {a_little_away, {}});
    REQUIRE(result.exit_code == 0);
    check_trips(traffic, schema_load_trips + 3 + 2 + 1 + 1); // the COMMIT's is behind the last one
    CHECK(fixture.ask("select count(*) from few") == "6");
}

TEST_CASE("every CSV file costs as many round trips as the first one")
{
    ProxyProject fixture;
    fixture.project.write("sql/schema.sql", "create table few (id serial, name text);"
                                            "create table more (id int, name text);");
    REQUIRE(fixture.run({"schema-load"}, {a_little_away, {}}).result.exit_code == 0);
    fixture.project.write("few.csv", "id,name\n7,ann\n");
    fixture.project.write("more.csv", "id,name\n1,ben\n2,eve\n");
    const auto one = fixture.run({"seed", "-f", "few.csv"}, {a_little_away, {}});
    REQUIRE(one.result.exit_code == 0);
    check_trips(one.traffic, seed_trips + csv_trips);
    const auto two =
        fixture.run({"seed", "-f", "few.csv", "-f", "more.csv", "--again"}, {a_little_away, {}});
    REQUIRE(two.result.exit_code == 0);
    check_trips(two.traffic, seed_trips + 2 * csv_trips);
    CHECK(fixture.ask("select nextval('few_id_seq')") == "8");
}

TEST_CASE("who only adds to a protected database looks no closer than elsewhere")
{
    ProxyProject fixture;
    fixture.project.write("crudctl.toml", "[profiles.prod]\nurl = \"${CONNECTION_URL}\"\n"
                                          "protected = true\n");
    fixture.project.write("few.sql", "create table few (id int);");
    fixture.project.write("few.csv", "id\n7\n");
    const auto schema =
        fixture.run({"schema-load", "-p", "prod", "-f", "few.sql"}, {a_little_away, {}});
    REQUIRE(schema.result.exit_code == 0);
    CHECK(schema.traffic.log_ins == schema_load_log_ins);
    check_trips(schema.traffic, schema_load_trips);
    const auto seed = fixture.run({"seed", "-p", "prod", "-f", "few.csv"}, {a_little_away, {}});
    REQUIRE(seed.result.exit_code == 0);
    CHECK(seed.traffic.log_ins == 1);
    check_trips(seed.traffic, seed_trips + csv_trips);
}

TEST_CASE("setup of the sample costs two log-ins and few round trips")
{
    constexpr int attempts = 5;
    ProxyProject fixture;
    Traffic traffic;
    // On a busy machine the session that loaded may be slow to go: the swap then calls another one
    // to end it, which is not what is counted here.
    for (int attempt = 0; attempt < attempts && traffic.log_ins != 2; ++attempt) {
        const auto run = fixture.run({"setup"}, {a_little_away, {}});
        REQUIRE(run.result.exit_code == 0);
        traffic = run.traffic;
    }
    CHECK(traffic.log_ins == 2);
    check_trips(traffic, setup_trips);
}

TEST_CASE("who only looks logs in once")
{
    ProxyProject fixture;
    const auto sessions = fixture.run({"sessions"}, {a_little_away, {}});
    REQUIRE(sessions.result.exit_code == 0);
    CHECK(sessions.traffic.log_ins == 1);
    check_trips(sessions.traffic, sessions_trips);
    const auto status = fixture.run({"status"}, {a_little_away, {}});
    REQUIRE(status.result.exit_code == 0);
    CHECK(status.traffic.log_ins == 1);
    check_trips(status.traffic, status_trips);
}
