#include "support/text/text.hpp"

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
    CHECK(nearest("sess", words) == "sessions");
    CHECK_FALSE(nearest("", words).has_value());
}

TEST_CASE("the beginning of a word is nearer than any other typo")
{
    const std::vector<std::string> options = {"--wait", "--write", "--show-password", "--no-seed"};
    CHECK(nearest("--writ", options) == "--write");
    CHECK(nearest("--show", options) == "--show-password");
    CHECK_FALSE(nearest("--no", options).has_value());
}
