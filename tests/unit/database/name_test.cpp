#include "database/name.hpp"
#include "support/error.hpp"
#include "support/text/text.hpp"

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::database;

TEST_CASE("odd names are names as long as Postgres keeps them whole")
{
    for (const std::string name : {"a\"b", "it's", "two words", "Größe", "🎉", "-f", "a;b", "a=b",
                                   "postgres://x", "CamelCase"}) {
        CAPTURE(name);
        CHECK_NOTHROW(check_name(name));
    }
    CHECK_NOTHROW(check_name(std::string(63, 'x')));
}

TEST_CASE("a name that Postgres would cut or mangle is refused whole, as a usage error")
{
    const std::string name =
        GENERATE(std::string(), std::string(64, 'x'), "ü" + std::string(62, 'x'),
                 std::string("line\nbreak"), std::string("a\0b", 3), std::string("\xff"));
    try {
        check_name(name);
        FAIL("taken: " << name);
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::usage);
    }
}

TEST_CASE("the server's own databases and the maintenance database are left alone")
{
    for (const char* name : {"template0", "template1", "postgres", "admin"}) {
        CAPTURE(name);
        CHECK_THROWS_AS(check_own_name(name, "admin"), Error);
    }
    CHECK_NOTHROW(check_own_name("cruddur", "admin"));
}

TEST_CASE("a stand-in's name fits into 63 bytes, is valid UTF-8, and never meets another's")
{
    constexpr const char* time = "2026-11-24T09:15:00.123Z";
    CHECK(next_name("cruddur").starts_with("cruddur__next_"));
    CHECK(previous_name("cruddur", time).starts_with("cruddur__prev_20261124T091500_"));
    CHECK(saved_name("cruddur", "demo") == "cruddur__saved_demo");
    CHECK(start_name("cruddur", StandInKind::schema, "0123456789abcdef") ==
          "cruddur__schema_01234567");
    CHECK(start_name("cruddur", StandInKind::seeded, "0123456789abcdef") ==
          "cruddur__seeded_01234567");
    std::string long_name;
    while (long_name.size() < 62) {
        long_name += "ü";
    }
    for (const std::string& name : {next_name(long_name), previous_name(long_name, time),
                                    saved_name(long_name, std::string(20, 'x')),
                                    start_name(long_name, StandInKind::seeded, "0123456789")}) {
        CAPTURE(name);
        CHECK(name.size() <= longest_name);
        CHECK(is_valid_utf8(name));
    }
    CHECK(next_name(long_name) != next_name(long_name));
    CHECK(saved_name(long_name, "x") != saved_name(long_name + "x", "x"));
}

TEST_CASE("only we make the name of a database in the making, for one target each")
{
    const std::string target = GENERATE(as<std::string>(), "cruddur", "ü",
                                        "sixty-three bytes, or "
                                        "what will be cut so that an addition fits");
    const std::string name = next_name(target);
    CHECK(is_next_name(name, target));
    CHECK(name.starts_with(next_prefix(target)));
    CHECK_FALSE(is_next_name(name, target + "0"));
    CHECK_FALSE(is_next_name(target + "__next_0123456789ab", target));
    CHECK_FALSE(is_next_name(name + "0", target));
    CHECK_FALSE(is_next_name(target + "__next_", target));
    CHECK_FALSE(is_next_name("", target));
}
