#include "commands/lambda/event.hpp"
#include "support/error.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::commands;

TEST_CASE("an event's fields are found by their way", "[lambda]")
{
    const LambdaEvent event(R"({"triggerSource": "PostConfirmation_ConfirmSignUp", "version": "1",
        "number": 7, "flag": true, "nothing": null, "empty": "", "list": [1, "a"],
        "request": {"userAttributes": {"sub": "abc", "custom:a.b": "dotted",
                                       "emoji": "\ud83d\ude00 \u00e9"}}})");
    CHECK(event.trigger_source() == "PostConfirmation_ConfirmSignUp");
    CHECK(event.field("request.userAttributes.sub") == "abc");
    CHECK(event.field("request.userAttributes.custom:a.b") == "dotted");
    CHECK(event.field("request.userAttributes.emoji") == "\xF0\x9F\x98\x80 \xC3\xA9");
    CHECK(event.field("number") == "7");
    CHECK(event.field("flag") == "true");
    CHECK(event.field("list") == "[1,\"a\"]");
    for (const char* missing : {"nothing", "empty", "request.userAttributes.name", "version.x", "",
                                ".", "..", "request.", ".request"}) {
        CAPTURE(missing);
        CHECK_FALSE(event.field(missing));
    }
    CHECK(event.first_field({"nothing", "empty", "number", "version"}) == "7");
    CHECK_FALSE(event.first_field({}));
}

TEST_CASE("what Postgres cannot hold is refused without being shown", "[lambda]")
{
    const LambdaEvent event(R"({"nul": "S3cr3t\u0000x", "high": "S3cr3t\ud800", "low": "\udc00",
        "pair": "\ud83d\ude00", "swapped": "\ude00\ud83d", "twice": "\ud83d\ud83d\ude00",
        "backslash": "\\ud800", "inner": ["\u0000"], "other": "fine"})");
    for (const char* refused : {"nul", "high", "low", "swapped", "twice", "inner"}) {
        CAPTURE(refused);
        try {
            event.field(refused);
            FAIL("was taken");
        } catch (const Error& error) {
            CHECK(std::string(error.what()).find("S3cr3t") == std::string::npos);
            CHECK(std::string(error.what()).find(refused) != std::string::npos);
        }
    }
    CHECK(event.field("backslash") == "\\ud800");
    CHECK(event.field("pair") == "\xF0\x9F\x98\x80");
    CHECK(event.field("other") == "fine"); // whatever the fields beside it are
}

TEST_CASE("what is no event is refused", "[lambda]")
{
    const std::string text =
        GENERATE("", "[]", "7", "null", "{", "{\"a\": \"\xff\"}", "\"triggerSource\"", "{} {}");
    CHECK_THROWS_AS(LambdaEvent(text), Error);
}

TEST_CASE("an event that says no trigger has none", "[lambda]")
{
    CHECK(LambdaEvent("{}").trigger_source().empty());
    CHECK(LambdaEvent("{\"triggerSource\": 7}").trigger_source().empty());
}
