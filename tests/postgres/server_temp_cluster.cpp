#include "pg/connection.hpp"
#include "server/binaries.hpp"
#include "support/cli_runner.hpp"
#include "support/temp_cluster.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>

using crudctl::tests::TempDatabase;
using crudctl::tests::TestCluster;

TEST_CASE("the cluster is of the version that was asked for")
{
    const char* chosen = std::getenv("CRUDCTL_TEST_SERVER");
    const std::filesystem::path folder = chosen != nullptr ? std::filesystem::path(chosen) / "bin"
                                                           : TestCluster::running().clients();
    const auto asked_for = crudctl::server::version_in(
        crudctl::tests::CliCall({"--version"}).with_program(folder / "postgres").result().out);
    REQUIRE(asked_for);
    crudctl::pg::Connection connection(TestCluster::running().info());
    CHECK_THAT(connection.parameter("server_version"), Catch::StartsWith(*asked_for));
}

TEST_CASE("a temporary database is empty, its own, and gone afterwards")
{
    std::string name;
    {
        const TempDatabase first;
        const TempDatabase second;
        CHECK(first.name() != second.name());
        name = first.name();
        crudctl::pg::Connection connection(first.tcp_info());
        CHECK(connection.exec("select current_database()").scalar() == name);
    }
    crudctl::pg::Connection connection(crudctl::tests::TestCluster::running().info());
    CHECK(connection.exec("select from pg_database where datname = $1", name).size() == 0);
}
