#include "support/text/sha256.hpp"

#include <catch2/catch.hpp>

using namespace crudctl;

TEST_CASE("the hash of a text is FNV-1a, on every machine")
{
    CHECK(stable_hash("") == 2166136261U);
    CHECK(stable_hash("a") == 0xe40c292cU);
    CHECK(stable_hash("foobar") == 0xbf9cf968U);
}
