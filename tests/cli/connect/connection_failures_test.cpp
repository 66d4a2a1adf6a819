#include "cli/connect/log_in_checks.hpp"
#include "support/canary.hpp"
#include "support/stand_in_server.hpp"

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

/// A command on a database that is not there as it should be; nothing may take longer than this.
CliResult try_on(const std::string& url, std::vector<std::string> arguments = {"sessions"})
{
    SampleProject project;
    project.set_variable("CONNECTION_URL", url);
    arguments.insert(arguments.end(), {"--connect-timeout", "2"});
    return call_in(project, std::move(arguments))
        .with_time_limit(std::chrono::seconds(20))
        .result();
}

/// The same as check_fails(), and the target is named.
void check_names(const CliResult& result, const std::string& target, const std::string& reason,
                 const std::string& hint)
{
    check_fails(result, reason, hint);
    CAPTURE(result.err);
    CHECK(contains(result.err, target));
}

std::string url_of(const std::string& place)
{
    return fmt::format("postgresql://ann:{}@{}", canary_in_url(), place);
}

/// A log-in that works, at several places in turn.
std::string cluster_url_at(const std::string& places)
{
    const TestCluster& cluster = TestCluster::running();
    return fmt::format("postgresql://postgres:{}@{}/postgres", cluster.password(), places);
}

std::string cluster_place()
{
    return "127.0.0.1:" + TestCluster::running().port();
}

} // namespace

TEST_CASE("a server that cannot be reached is named, with the reason and what may help")
{
    check_names(try_on(url_of("127.0.0.1:1/cruddur")),
                "cannot connect to \"cruddur\" as ann@127.0.0.1:1", "Connection refused",
                "is it running, is the port right?");
    check_names(try_on(url_of("nowhere.invalid/cruddur")), "as ann@nowhere.invalid:5432",
                "could not translate host name \"nowhere.invalid\"", "check the host name");
    check_names(try_on(url_of("/cruddur?host=/tmp/no-such-folder")),
                "as ann@/tmp/no-such-folder:5432", "no server listens on that socket",
                "is it running?");
}

TEST_CASE("a refused connection is said once, however many addresses a name has")
{
    const auto result = try_on(url_of("127.0.0.1:1/cruddur"));
    CHECK_FALSE(contains(result.err, "Is the server running"));
    CHECK_FALSE(contains(result.err, "connection to server"));
}

TEST_CASE("a port that never answers ends the wait after the connect timeout")
{
    const BlackHole hole;
    check_names(try_on(url_of("127.0.0.1:" + hole.port() + "/cruddur")),
                "as ann@127.0.0.1:" + hole.port(), "no answer within 2 s", "a firewall");
}

TEST_CASE("the first of two addresses that never answers is passed over")
{
    const BlackHole hole;
    const auto result = try_on(cluster_url_at("127.0.0.1:" + hole.port() + "," + cluster_place()));
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    CHECK(contains(result.out, "crudctl sessions"));
}

TEST_CASE("where no address answers, each is named with its reason")
{
    const BlackHole hole;
    const std::string silent = "127.0.0.1:" + hole.port();
    const auto result = try_on(url_of(silent + ",127.0.0.1:1/cruddur"));
    check_names(result, "as ann@" + silent + ",127.0.0.1:1: ",
                "127.0.0.1 port " + hole.port() + ": no answer within 2 s", "crudctl: hint: ");
    CHECK(contains(result.err, "127.0.0.1 port 1: Connection refused"));
}

TEST_CASE("what listens but is no Postgres server is told apart")
{
    const StandInServer silent(say_nothing);
    check_names(try_on(silent.url()), "as ann@127.0.0.1:" + silent.port(),
                "it took the connection, but said nothing for 2 s",
                "may not be a Postgres server, or it hangs");
    for (const char* parameters : {"", "?sslmode=disable", "?sslmode=require"}) {
        const StandInServer web_server(answer_http);
        check_names(try_on(web_server.url(parameters)), web_server.port(),
                    "does not speak Postgres' protocol", "is the port right?");
        const StandInServer proxy(hang_up);
        check_names(try_on(proxy.url(parameters)), proxy.port(),
                    "the connection was closed before anything was said", "nothing but TLS");
    }
}

TEST_CASE("a server that is starting, stopping or full says so, and --wait is named")
{
    const StandInServer starting(refuse("57P03", "the database system is starting up"));
    check_names(try_on(starting.url()), "as ann@127.0.0.1:", "the database system is starting up",
                "--wait waits for it");
    CHECK(starting.connections() == 1);
    const StandInServer full(refuse("53300", "sorry, too many clients already"));
    check_names(try_on(full.url()), "as ann@127.0.0.1:", "sorry, too many clients already",
                "crudctl sessions");
}

TEST_CASE("the option --wait ends once the server accepts log-ins")
{
    const auto refuse_start = refuse("57P03", "the database system is starting up");
    const StandInServer server([&](int connection, int number) {
        number <= 2 ? refuse_start(connection, number) : relay_to_cluster(connection);
    });
    const auto result =
        try_on(cluster_url_at("127.0.0.1:" + server.port()), {"sessions", "--wait=15s"});
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    CHECK(contains(result.out, "crudctl sessions"));
    CHECK(server.connections() == 3);
}

TEST_CASE("the option --wait waits for a port that nobody listens on yet")
{
    const std::chrono::milliseconds silence(700);
    const auto relay = [](int connection, int) { relay_to_cluster(connection); };
    const StandInServer server(relay, silence);
    const std::string url = cluster_url_at("127.0.0.1:" + server.port());
    check_names(try_on("postgresql://ann@127.0.0.1:1/cruddur"), "127.0.0.1:1", "Connection refused",
                "is it running");
    const auto result = try_on(url, {"sessions", "--wait=15s"});
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
}

TEST_CASE("the option --wait is over when its time is up, with the last reason")
{
    const StandInServer server(refuse("57P03", "the database system is shutting down"));
    check_names(try_on(server.url(), {"sessions", "--wait=1s"}), "127.0.0.1:" + server.port(),
                "the database system is shutting down", "it is starting or stopping");
    CHECK(server.connections() > 1);
}

TEST_CASE("the option --wait does not try again what will be refused again")
{
    const auto check_one_try = [](const StandInServer::Conversation& conversation,
                                  const std::string& reason, const std::string& parameters = {}) {
        const StandInServer server(conversation);
        const auto result = try_on(server.url(parameters), {"sessions", "--wait=15s"});
        CAPTURE(result.err);
        CHECK(result.exit_code == 4);
        CHECK(contains(result.err, reason));
        CHECK(server.connections() == 1);
    };
    check_one_try(refuse("28P01", "password authentication failed for user \"ann\""),
                  "password authentication failed");
    check_one_try(refuse("28000", "no pg_hba.conf entry for host"), "no pg_hba.conf entry");
    check_one_try(refuse("3D000", "database \"cruddur\" does not exist"), "does not exist");
    check_one_try(let_in({{"server_version", "9.6.24"}}), "PostgreSQL 9.6.24");
    check_one_try(let_in({{"server_version", "15.1"}}), "no TLS", "?sslmode=require");
    check_one_try(answer_http, "Postgres' protocol", "?sslmode=disable");
}

TEST_CASE("a server that would be misunderstood is refused by its name and version")
{
    using Parameters = std::map<std::string, std::string>;
    const std::vector<std::pair<Parameters, std::string>> servers = {
        {{{"server_version", "9.6.24"}}, "it says that it is PostgreSQL 9.6.24"},
        {{{"server_version", "13.14 (Debian 13.14-1)"}}, "it says that it is PostgreSQL 13.14"},
        {{{"server_version", "8.0.2"}}, "it says that it is PostgreSQL 8.0.2"},
        {{{"server_version", "1.18.0/bouncer"}}, "PgBouncer's own console"},
        {{{"server_version", "13.0.0"}, {"crdb_version", "CockroachDB CCL v23.1.0"}},
         "it is CockroachDB"},
        {{{"server_version", "15.1"}, {"crdb_version", "CockroachDB CCL v25.1.0"}},
         "it is CockroachDB"},
        {{}, "PostgreSQL"},
    };
    for (const auto& [parameters, reason] : servers) {
        const StandInServer server(let_in(parameters));
        check_names(try_on(server.url()), "cannot work with ann@127.0.0.1:" + server.port(), reason,
                    "PostgreSQL 14 and newer");
    }
}

TEST_CASE("every command that connects fails alike on a server that is too old")
{
    const StandInServer server(let_in({{"server_version", "12.4"}}));
    for (const char* command : {"setup", "create", "drop", "schema-load", "seed", "sessions"}) {
        CAPTURE(command);
        check_names(try_on(server.url(), {command}), "cannot work with", "PostgreSQL 12.4",
                    "PostgreSQL 14");
    }
    const auto status = try_on(server.url(), {"status"});
    CHECK(status.exit_code == 4);
    CHECK(contains(status.out, "PostgreSQL 12.4"));
}
