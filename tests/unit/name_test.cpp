#include "database/name.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

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
    CHECK(stand_in_name("cruddur", "next").starts_with("cruddur__next_"));
    std::string long_name;
    while (long_name.size() < 62) {
        long_name += "ü";
    }
    const std::string stand_in = stand_in_name(long_name, "next");
    CHECK(stand_in.size() <= longest_name);
    CHECK(is_valid_utf8(stand_in));
    CHECK(stand_in != stand_in_name(long_name, "next"));
}
