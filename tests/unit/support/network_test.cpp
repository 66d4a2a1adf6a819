#include "support/system/network.hpp"

#include "support/loopback.hpp"
#include "support/stand_in_server.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::tests;
using namespace std::chrono_literals;

TEST_CASE("an address stands for itself, and a name that nobody has is a problem", "[network]")
{
    CHECK(look_up("127.0.0.1", 5s, {}).addresses == std::vector<std::string>{"127.0.0.1"});
    CHECK(look_up("::1", 5s, {}).addresses == std::vector<std::string>{"::1"});
    const LookUp missing = look_up("nowhere.invalid", 30s, {});
    CHECK(missing.addresses.empty());
    CHECK_FALSE(missing.problem.empty());
}

TEST_CASE("a port that answers, one that refuses and one that is silent are told apart",
          "[network]")
{
    const StandInServer server(say_nothing);
    const auto answer = try_port({"127.0.0.1"}, server.port(), 5s, {});
    REQUIRE(answer.size() == 1);
    CHECK(answer[0].reach == Reach::answers);
    CHECK(answer[0].address == "127.0.0.1");

    const auto refusal = try_port({"127.0.0.1"}, std::to_string(free_port()), 5s, {});
    CHECK(refusal[0].reach == Reach::refuses);
    CHECK(refusal[0].problem == "Connection refused");

    const BlackHole hole;
    int waits = 0;
    const auto silence = try_port({"127.0.0.1"}, hole.port(), 1s, [&waits] { ++waits; });
    CHECK(silence[0].reach == Reach::is_silent);
    CHECK(waits > 1);
}

TEST_CASE("all addresses are tried at once, and what is none is no reason to wait", "[network]")
{
    const StandInServer server(say_nothing);
    const auto contacts = try_port({"not an address", "127.0.0.1"}, server.port(), 5s, {});
    REQUIRE(contacts.size() == 2);
    CHECK(contacts[0].reach == Reach::is_unreachable);
    CHECK_FALSE(contacts[0].problem.empty());
    CHECK(contacts[1].reach == Reach::answers);
    CHECK(try_port({}, "1", 5s, {}).empty());
}
