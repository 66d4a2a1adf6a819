#include "unit/aws/fakes.hpp"

#include "aws/lambda/lambda_runtime.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace crudctl;
using namespace crudctl::aws;
using namespace crudctl::aws::test;

namespace {

const Headers event_headers = {{"lambda-runtime-aws-request-id", "8476a536-e9f4"},
                               {"lambda-runtime-deadline-ms", "1542409706888"}};

Invocation invocation()
{
    Invocation result;
    result.id = "8476a536-e9f4";
    return result;
}

} // namespace

TEST_CASE("an event comes with its id and its deadline, byte for byte", "[lambda]")
{
    ScriptedHttp http;
    LambdaRuntime runtime("127.0.0.1:9001", http);
    const std::string event = "{ \"a\" : 1.0,\n\"\\u0000\": \"\xff\" }";
    http.answers = {says(200, event, event_headers)};
    const Invocation got = runtime.next();
    CHECK(got.id == "8476a536-e9f4");
    CHECK(got.event == event);
    CHECK(got.deadline.time_since_epoch() == std::chrono::milliseconds(1542409706888));
    REQUIRE(http.requests.size() == 1);
    CHECK(http.requests[0].url == "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next");
    CHECK_FALSE(http.requests[0].body);
    CHECK(http.requests[0].waits_forever);
}

TEST_CASE("without a deadline there is time enough", "[lambda]")
{
    ScriptedHttp http;
    LambdaRuntime runtime("127.0.0.1:9001", http);
    http.answers = {says(200, "{}", {{"lambda-runtime-aws-request-id", "x"}})};
    CHECK(runtime.next().deadline == std::chrono::system_clock::time_point::max());
}

TEST_CASE("answers and errors go where Lambda wants them", "[lambda]")
{
    ScriptedHttp http;
    LambdaRuntime runtime("127.0.0.1:9001", http);
    http.answers = {says(202, ""), says(202, ""), says(202, "")};
    runtime.answer(invocation(), "{\"b\":2}");
    runtime.fail(invocation(), {"Crudctl.QueryFailed", "please \"try\" again"});
    runtime.fail_init({"Crudctl.Configuration", "not now"});
    REQUIRE(http.requests.size() == 3);
    const std::string base = "http://127.0.0.1:9001/2018-06-01/runtime/";
    CHECK(http.requests[0].url == base + "invocation/8476a536-e9f4/response");
    CHECK(http.requests[0].body == "{\"b\":2}");
    CHECK_FALSE(http.requests[0].waits_forever);
    CHECK(http.requests[1].url == base + "invocation/8476a536-e9f4/error");
    CHECK(http.requests[1].headers.at("Lambda-Runtime-Function-Error-Type") ==
          "Crudctl.QueryFailed");
    const auto error = nlohmann::json::parse(*http.requests[1].body);
    CHECK(error["errorMessage"] == "please \"try\" again");
    CHECK(error["errorType"] == "Crudctl.QueryFailed");
    CHECK(error["stackTrace"].empty());
    CHECK(http.requests[2].url == base + "init/error");
}

TEST_CASE("an answer that came too late is refused alone, a 500 ends it all", "[lambda]")
{
    ScriptedHttp http;
    LambdaRuntime runtime("127.0.0.1:9001", http);
    http.answers = {says(400, ""), says(413, ""), says(500, ""),
                    says(500, ""), says(403, ""), says(200, "{}")};
    CHECK_THROWS_AS(runtime.answer(invocation(), "{}"), AnswerRefused);
    CHECK_THROWS_AS(runtime.fail(invocation(), {}), AnswerRefused);
    try {
        runtime.answer(invocation(), "{}");
        FAIL("a 500 was taken");
    } catch (const AnswerRefused&) {
        FAIL("a 500 was taken for an answer that came too late");
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::external);
        CHECK(std::string(error.what()).find("500") != std::string::npos);
    }
    CHECK_THROWS_AS(runtime.next(), Error); // 500
    CHECK_THROWS_AS(runtime.next(), Error); // 403
    CHECK_THROWS_AS(runtime.next(), Error); // no id
}
