#include "commands/lambda/session.hpp"

#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::commands;

namespace {

const std::vector<std::optional<std::string>> values = {"Dora", std::nullopt, "", "Dora Example"};

std::string logged(std::string sqlstate, std::string primary)
{
    pg::Diagnostic diagnostic;
    diagnostic.sqlstate = std::move(sqlstate);
    diagnostic.primary = std::move(primary);
    diagnostic.detail = "Failing row contains (Dora).";
    return logged_message(diagnostic, values);
}

} // namespace

TEST_CASE("a message that quotes a value is logged without it", "[lambda]")
{
    CHECK(logged("22P02", "invalid input syntax for type uuid: \"x\"y\"") ==
          "invalid input syntax for type uuid: \"…\"");
    CHECK(logged("P0001", "no user is called 'dora'") == "no user is called '…'");
    CHECK(logged("P0001", "DORA EXAMPLE is not welcome") == "… is not welcome");
    CHECK(logged("22001", "value too long") == "value too long");
    CHECK(logged("P0001", "an unclosed \"quote of Dora") == "an unclosed ");
    CHECK(logged("XX000", "odd: \"Dora\"") == "odd: \"…\"");
}

TEST_CASE("a message that quotes names keeps them", "[lambda]")
{
    const std::string text = "null value in column \"email\" of relation \"users\"";
    CHECK(logged("23502", text) == text);
    CHECK(logged("42P01", "relation \"users\" does not exist") ==
          "relation \"users\" does not exist");
}

TEST_CASE("values go out of a text whole, the longest first", "[lambda]")
{
    CHECK(without_values("Dora Example, dora and DORA", values) == "…, … and …");
    CHECK(without_values("nobody", values) == "nobody");
    CHECK(without_values("", values).empty());
}
