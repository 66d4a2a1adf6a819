#include "cli/proxy_project.hpp"
#include "support/nightly.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <string>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::tests;

using Clock = std::chrono::steady_clock;

namespace {

// Two files with inline data, of more than one batch each: what changes how text is read ends one.
constexpr const char* configuration = R"([project]
name = "cuts"
schema = ["sql/first.sql", "sql/second.sql"]

[profiles.local]
url = "${CONNECTION_URL}"
)";

constexpr const char* first_file = R"(create table first (id int primary key, name text);
copy first from stdin;
1	one
2	two
3	three
\.
set client_encoding = 'UTF8';
insert into first values (4, 'four');
)";

constexpr const char* second_file = R"(create table second (id int references first);
copy second from stdin;
1
4
\.
set client_encoding = 'UTF8';
insert into second values (3);
)";

constexpr const char* tables_query =
    "select string_agg(relname, ' ' order by relname) from pg_class"
    " where relname in ('first', 'second')";
constexpr const char* rows_query =
    "select (select count(*) from first) || ' and ' || (select count(*) from second)";

enum class State { nothing, all, half };

State state_of(pg::Connection& connection)
{
    const auto tables = connection.exec(tables_query).scalar();
    if (!tables) {
        return State::nothing;
    }
    const bool is_all =
        tables == "first second" && connection.exec(rows_query).scalar() == "4 and 3";
    return is_all ? State::all : State::half;
}

/// What a run left; the database is empty again afterwards.
State take_state(pg::Connection& connection)
{
    const State state = state_of(connection);
    connection.exec("drop table if exists second, first");
    return state;
}

/// How the round trip begins that commits.
constexpr const char* commits = "SELECT 1 OPERATOR";

/// How many round trips there are before the one that commits.
std::size_t trips_before_commit(const Traffic& traffic)
{
    const auto commit =
        std::find_if(traffic.trips.begin(), traffic.trips.end(),
                     [](const std::string& trip) { return contains(trip, commits); });
    REQUIRE(commit != traffic.trips.end());
    return static_cast<std::size_t>(commit - traffic.trips.begin());
}

/// Every message of a load, cut at one by one until a run has no such message any more.
class CutSweep {
public:
    CutSweep(Cut::Way way, Cut::Moment moment) : m_cut{way, 0, moment}
    {
        m_fixture.project.write("crudctl.toml", configuration);
        m_fixture.project.write("sql/first.sql", first_file);
        m_fixture.project.write("sql/second.sql", second_file);
        const auto [result, traffic] = m_fixture.run({"schema-load"}, {});
        REQUIRE(result.exit_code == 0);
        REQUIRE(take_state(m_connection) == State::all);
        m_trips_before_commit = trips_before_commit(traffic);
    }

    /// False where there was no message left to cut at.
    bool cut_at_next_message()
    {
        constexpr auto timeout = std::chrono::seconds(10);
        m_cut.message = next_message(m_cut.message);
        const auto start = Clock::now();
        const auto [result, traffic] = m_fixture.run({"schema-load"}, {{}, m_cut});
        INFO((m_cut.moment == Cut::Moment::before ? "before" : "after")
             << " message " << m_cut.message
             << (m_cut.way == Cut::Way::to_server ? " to the server" : " to the client"));
        CHECK(Clock::now() - start < timeout);
        check(result, traffic);
        return traffic.was_cut;
    }

    const std::set<int>& exit_codes() const noexcept { return m_exit_codes; }

private:
    void check(const CliResult& result, const Traffic& traffic)
    {
        const State state = take_state(m_connection);
        INFO(result.err);
        m_exit_codes.insert(result.exit_code);
        switch (result.exit_code) {
        case 0:
            CHECK(state == State::all);
            break;
        case 1:
        case 4:
            CHECK(state == State::nothing);
            CHECK((result.exit_code == 4) == (traffic.sessions < traffic.connections));
            break;
        case 8: // only the commit can be in doubt
            CHECK(state != State::half);
            CHECK(traffic.trips.size() >= m_trips_before_commit);
            break;
        default:
            FAIL_CHECK("exit code " << result.exit_code);
        }
    }

    ProxyProject m_fixture;
    pg::Connection m_connection{m_fixture.database.info()};
    Cut m_cut;
    std::size_t m_trips_before_commit = 0;
    std::set<int> m_exit_codes;
};

} // namespace

TEST_CASE("a load that is cut leaves all or nothing, and its exit code tells the truth")
{
    const auto way = GENERATE(Cut::Way::to_server, Cut::Way::to_client);
    const auto moment = GENERATE(Cut::Moment::before, Cut::Moment::after);
    CutSweep sweep(way, moment);
    while (sweep.cut_at_next_message()) {}
    CHECK(sweep.exit_codes().contains(1));
    CHECK(sweep.exit_codes().contains(4));
}
