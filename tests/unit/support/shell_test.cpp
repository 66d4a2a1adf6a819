#include "support/text/text.hpp"

#include <catch2/catch.hpp>

using crudctl::shell_word;

TEST_CASE("a word is quoted for a shell where it has to be")
{
    CHECK(shell_word("cruddur_dev-2.bak") == "cruddur_dev-2.bak");
    CHECK(shell_word("~/app/crudctl.toml") == "~/app/crudctl.toml");
    CHECK(shell_word("my shop") == "'my shop'");
    CHECK(shell_word("$(reboot)") == "'$(reboot)'");
    CHECK(shell_word("it's") == R"('it'\''s')");
    CHECK(shell_word("größe") == "'größe'");
    CHECK(shell_word("") == "''");
}
