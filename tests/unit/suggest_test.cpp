#include "support/suggest.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using crudctl::nearest;

TEST_CASE("a typo finds the word that was meant, a stranger finds none")
{
    const std::vector<std::string> words = {"setup", "seed", "sessions", "schema-load"};
    CHECK(nearest("setpu", words) == "setup");
    CHECK(nearest("sesions", words) == "sessions");
    CHECK(nearest("schemaload", words) == "schema-load");
    CHECK_FALSE(nearest("migrate", words).has_value());
    CHECK_FALSE(nearest("", words).has_value());
}
