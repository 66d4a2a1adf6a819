#include "config/profile/host_kind.hpp"

#include <catch2/catch.hpp>

using namespace crudctl;
using config::lead_to_same_database;

namespace {

bool same(const std::string& one, const std::string& other)
{
    const auto first = pg::ConnInfo::parse(one);
    const auto second = pg::ConnInfo::parse(other);
    const bool result = lead_to_same_database(first, second);
    CHECK(lead_to_same_database(second, first) == result);
    return result;
}

} // namespace

TEST_CASE("two ways lead to one database where name, port and host are the same")
{
    CHECK(same("postgres://a:x@db/cruddur", "host=DB. port=5432 user=b dbname=cruddur"));
    CHECK(same("postgres://localhost/x", "postgres://127.0.0.1:5432/x?sslmode=require"));
    CHECK(same("postgres://[::1]/x", "postgres://localhost/x"));
    CHECK(same("host=/tmp/../tmp dbname=x", "host=/tmp dbname=x"));
    CHECK(same("dbname=x user=a", "dbname=x user=b"));
    CHECK(same("postgres://a,b:6000/x", "postgres://b:6000/x"));
    CHECK(same("host=anything hostaddr=10.0.0.1 dbname=x", "postgres://10.0.0.1/x"));
}

TEST_CASE("nothing is said of two ways that may lead to different databases")
{
    CHECK_FALSE(same("postgres://db/cruddur", "postgres://db/cruddur2"));
    CHECK_FALSE(same("postgres://db/x", "postgres://db:5433/x"));
    CHECK_FALSE(same("postgres://db/x", "postgres://db.example.com/x"));
    CHECK_FALSE(same("host=/tmp dbname=x", "postgres://localhost/x"));
}
