#include "support/text/secret.hpp"

#include <catch2/catch.hpp>

using namespace crudctl;

TEST_CASE("a known secret is masked as it stands and percent-encoded")
{
    SecretFilter filter;
    filter.add(Secret("p@ss/word"));
    CHECK(filter.masked("url postgres://u:p%40ss%2Fword@h and p@ss/word.") ==
          "url postgres://u:***@h and ***.");
}

TEST_CASE("a longer secret is masked whole where a shorter one is part of it")
{
    SecretFilter filter;
    filter.add(Secret("abcd"));
    filter.add(Secret("abcdefgh"));
    CHECK(filter.masked("abcdefgh abcd") == "*** ***");
}

TEST_CASE("a secret too short to tell from text does not blot the text out")
{
    SecretFilter filter;
    filter.add(Secret("abc"));
    filter.add(Secret(""));
    CHECK(filter.masked("abc of it") == "abc of it");
}
