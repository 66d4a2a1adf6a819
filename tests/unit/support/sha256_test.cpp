#include "support/text/sha256.hpp"

#include <catch2/catch.hpp>

using namespace crudctl;

// The standard's own examples.
TEST_CASE("a SHA-256 is the standard's")
{
    CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("a SHA-256 does not depend on the pieces, and begins anew once it was read")
{
    Sha256 hash;
    hash.update("a");
    hash.update("");
    hash.update("bc");
    CHECK(hash.hex() == sha256_hex("abc"));
    CHECK(hash.hex() == sha256_hex(""));
}
