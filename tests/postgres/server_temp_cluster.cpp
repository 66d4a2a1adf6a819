#include "pg/connection.hpp"
#include "support/temp_cluster.hpp"

#include <catch2/catch.hpp>

using crudctl::tests::TempDatabase;

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
