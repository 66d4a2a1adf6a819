#include "cli/database_project.hpp"
#include "cli/project/own_server_project.hpp"
#include "support/loopback.hpp"
#include "support/system/file.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

std::string line_of(const std::string& text)
{
    return text.substr(0, text.find('\n'));
}

} // namespace

TEST_CASE("setup on a machine without a server makes one, and the next command finds it again")
{
    const OwnServerProject project;
    const auto first = project.run({"setup"}).result();
    REQUIRE(first.exit_code == 0);
    CHECK(contains(first.err, "making a Postgres server"));
    CHECK(contains(first.err, "cruddur: 2 tables, 8 rows"));
    const auto second = project.run({"setup"}).result();
    CHECK(second.exit_code == 0);
    CHECK_FALSE(contains(second.err, "making a Postgres server"));
    CHECK(line_of(first.err) == line_of(second.err));
}

TEST_CASE("the own server's URL is good for an application, and as CONNECTION_URL still starts it")
{
    const OwnServerProject project;
    REQUIRE(project.run({"setup"}).result().exit_code == 0);
    const std::string url = line_of(project.run({"url"}).that_may_show_secrets().result().out);
    const auto info = pg::ConnInfo::parse(url);
    CHECK(info.host() == "127.0.0.1");
    CHECK(pg::Connection(info).exec("select count(*) from users").scalar() == "3");
    CHECK_THROWS_AS(pg::Connection(info.with_password(Secret("wrong-password"))), pg::ConnectError);
    REQUIRE(project.run({"server", "stop"}).result().exit_code == 0);
    CHECK_THROWS_AS(pg::Connection(info), pg::ConnectError);
    const auto again = project.run({"sessions"})
                           .with_variable("CONNECTION_URL", url)
                           .that_may_show_secrets()
                           .result();
    CHECK(again.exit_code == 0);
    CHECK(line_of(project.run({"url"}).that_may_show_secrets().result().out) == url);
}

TEST_CASE("start, stop, status and logs are fine in any order, and twice")
{
    const OwnServerProject project;
    CHECK(contains(project.run({"server", "status"}).result().out, "not made yet"));
    CHECK(contains(project.run({"server", "stop"}).result().err, "not running"));
    CHECK(project.run({"server", "start"}).result().exit_code == 0);
    CHECK(project.run({"server", "start"}).result().exit_code == 0);
    const auto running =
        nlohmann::json::parse(project.run({"server", "status", "--json"}).result().out);
    CHECK(contains(running["state"].get<std::string>(), "running"));
    CHECK(running["data"] == project.data().string());
    CHECK(contains(project.run({"server", "logs"}).result().out, "ready to accept connections"));
    const auto log =
        nlohmann::json::parse(project.run({"server", "logs", "-n", "2", "--json"}).result().out);
    CHECK(log.size() == 2);
    CHECK(contains(project.run({"server", "stop"}).result().err, "is stopped"));
    CHECK(contains(project.run({"server", "status"}).result().out, "stopped"));
}

TEST_CASE("the first command reaches a new own server whose port was taken, and says where it is")
{
    const OwnServerProject project;
    const auto planned =
        nlohmann::json::parse(project.run({"server", "status", "--json"}).result().out);
    const int port = std::stoi(planned["port"].get<std::string>());
    const Descriptor taken(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in address = loopback(port);
    REQUIRE(::bind(taken.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
            0);
    const auto first = project.run({"setup"}).result();
    INFO(first.err);
    CHECK(first.exit_code == 0);
    CHECK(contains(first.err, fmt::format("since {} is taken", port)));
    CHECK(contains(first.err, "cruddur: 2 tables, 8 rows"));
}

TEST_CASE("status and --dry-run start no server")
{
    const OwnServerProject project;
    const auto status = project.run({"status"}).result();
    CHECK(status.exit_code == 0);
    CHECK(contains(status.out, "not made yet"));
    CHECK(contains(status.out, "crudctl setup"));
    const auto plan = project.run({"setup", "--dry-run"}).result();
    CHECK(plan.exit_code == 0);
    CHECK(contains(plan.out, "1. make the project's own Postgres server, and start it"));
    CHECK(contains(project.run({"server", "start", "--dry-run"}).result().out, "would make"));
    CHECK_FALSE(std::filesystem::exists(project.data()));
}

TEST_CASE("a dry run plans for a server that is not made yet or stopped, and starts neither")
{
    const OwnServerProject project;
    const auto create = project.run({"create", "--dry-run"}).result();
    CHECK(create.exit_code == 0);
    CHECK(contains(create.out, "1. make the project's own Postgres server, and start it\n"
                               "  2. create database \"cruddur\""));
    const auto drop = project.run({"drop", "--dry-run"}).result();
    CHECK(drop.exit_code == 0);
    CHECK(contains(drop.err, "there is no database \"cruddur\": nothing to do"));
    const TempFolder empty;
    const auto impossible =
        project.run({"create", "--dry-run"}).with_variable("CRUDCTL_PG_BIN", empty.path()).result();
    CHECK(impossible.exit_code == 6);
    CHECK_FALSE(std::filesystem::exists(project.data()));

    REQUIRE(project.run({"server", "start"}).result().exit_code == 0);
    CHECK(contains(project.run({"server", "start", "--dry-run"}).result().out, "do nothing"));
    CHECK(contains(project.run({"server", "stop", "--dry-run"}).result().out, "would end"));
    REQUIRE(project.run({"server", "stop"}).result().exit_code == 0);
    CHECK(contains(project.run({"server", "stop", "--dry-run"}).result().out, "do nothing"));
    const auto start =
        nlohmann::json::parse(project.run({"server", "start", "--dry-run", "--json"}).result().out);
    CHECK(contains(start["message"], "would start"));
    const auto blind =
        nlohmann::json::parse(project.run({"drop", "--dry-run", "--json"}).result().out);
    CHECK(contains(blind["steps"][0], "start the project's own Postgres server"));
    CHECK(blind["effect"] == "destroys");
    CHECK(blind["destroys"][0] == "database \"cruddur\"");
    CHECK(contains(project.run({"create", "--dry-run"}).result().out, "2. create database"));
    CHECK(contains(project.run({"server", "status"}).result().out, "stopped"));
    const auto status = project.run({"status"}).result();
    CHECK(contains(status.out, "crudctl server start"));
    CHECK_FALSE(contains(status.out, "crudctl setup"));
}

TEST_CASE("deleting the server wants its name typed, and then nothing of it is left")
{
    const OwnServerProject project;
    REQUIRE(project.run({"setup"}).result().exit_code == 0);
    CHECK(project.run({"server", "delete"}).result().exit_code == 5);
    CHECK(project.run({"server", "delete"}).with_input("cruddur@server\n").result().exit_code == 5);
    const auto refused = project.run({"server", "delete"})
                             .with_terminal()
                             .expect("every database")
                             .expect("Type cruddur@server")
                             .type("y\n")
                             .result();
    CHECK(refused.exit_code == 5);
    CHECK(project.run({"sessions"}).result().exit_code == 0);
    const auto deleted = project.run({"server", "delete"})
                             .with_terminal()
                             .expect("Type cruddur@server")
                             .type("cruddur@server\n")
                             .result();
    CHECK(deleted.exit_code == 0);
    CHECK_FALSE(std::filesystem::exists(project.data() / "data"));
    CHECK(contains(project.run({"server", "delete"}).result().err, "no server to delete"));
    const std::string history = project.run({"history"}).result().out;
    CHECK(contains(history, "server delete  cruddur@server  refused"));
    CHECK(contains(history, "server delete  cruddur@server  done"));
}

TEST_CASE("where no Postgres is installed setup names the package, with exit code 6")
{
    const OwnServerProject project;
    const TempFolder empty;
    const auto result =
        project.run({"setup"}).with_variable("CRUDCTL_PG_BIN", empty.path()).result();
    CHECK(result.exit_code == 6);
    CHECK(contains(result.err, empty.path().string()));
}

TEST_CASE("a host named db with a database in use is local, and nothing is asked")
{
    DatabaseProject fixture;
    const pg::ConnInfo info =
        fixture.database.tcp_info().with("host", "db").with("hostaddr", "127.0.0.1");
    fixture.project.set_variable("CONNECTION_URL", info.url(pg::ConnInfo::ShowPassword::yes));
    CHECK(fixture.run({"setup"}).result().exit_code == 0);
    CHECK(fixture.run({"setup"}).result().exit_code == 0);
    CHECK(contains(fixture.run({"drop"}).result().err, "postgres@db:"));
    CHECK(fixture.databases().empty());
}
