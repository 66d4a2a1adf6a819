#include "pg/connect_failure.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace crudctl;

namespace {

std::string reason_of(const std::string& text)
{
    return pg::connect_error_of(pg::ConnInfo::parse("host=h user=ann dbname=shop"), text).reason();
}

} // namespace

TEST_CASE("a server's refusal is told in one line, without code and place", "[pg]")
{
    const std::string tcp = "connection to server at \"db\" (10.0.0.1), port 5432 failed: ";
    CHECK(reason_of(tcp + "FATAL:  28P01: password authentication failed\n") ==
          "password authentication failed");
    CHECK(reason_of(tcp + "FATAL:  XX000: no\nDETAIL:  why\nHINT:  do\nLOCATION:  f, a.c:1\n") ==
          "no: why: do");
    CHECK(reason_of(tcp + "Connection timed out\n\tIs the server running on that host?\n") ==
          "Connection timed out");
    CHECK(reason_of("FATAL:  lower: no code\n\nmore ") == "FATAL:  lower: no code; more");
}

TEST_CASE("where a server was looked for is told where it was more than one place", "[pg]")
{
    const std::string refused = "Connection timed out\n";
    const std::string socket = "connection to server on socket \"/run/.s.PGSQL.5432\" failed: ";
    const std::string one = "connection to server at \"db\" (10.0.0.1), port 5432 failed: ";
    const std::string other = "connection to server at \"10.0.0.2\", port 5433 failed: ";
    CHECK(reason_of(one + refused + one + refused) == "Connection timed out; Connection timed out");
    CHECK(reason_of(one + refused + other + refused + socket + refused) ==
          "db 10.0.0.1 port 5432: Connection timed out; 10.0.0.2 port 5433: Connection timed out; "
          "/run/.s.PGSQL.5432: Connection timed out");
}

TEST_CASE("an answer without end is shown in bounds", "[pg]")
{
    for (const char* filling :
         {"x", "\n", "\n\t", "connection to server at \"", "FATAL:  28000: "}) {
        std::string flood =
            "connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  28000: ";
        while (flood.size() < (1U << 20U)) {
            flood += filling;
        }
        CAPTURE(filling);
        CHECK(reason_of(flood).size() < 5000);
    }
}
