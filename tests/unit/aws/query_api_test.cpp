#include "aws/request/query_api.hpp"
#include "unit/aws/fakes.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <pugixml.hpp>

using namespace crudctl;
using namespace crudctl::aws;
using namespace crudctl::aws::test;
using namespace std::chrono_literals;

namespace {

std::string ec2_error(const std::string& code)
{
    return "<Response><Errors><Error><Code>" + code +
           "</Code><Message>It is "
           "so</Message></Error></Errors><RequestID>r-1</RequestID></Response>";
}

const std::string good = "<?xml version=\"1.0\"?><GoResponse xmlns=\"http://x\"><return>true"
                         "</return></GoResponse>";

/// An API whose machine's clock stands still, and whose pauses are only noted.
struct QueryScene {
    QueryApi api()
    {
        QueryApi::Service service;
        service.name = "ec2";
        service.version = "2016-11-15";
        service.region = "eu-west-1";
        service.endpoint = {
            "https://ec2.eu-west-1.amazonaws.com", "ec2.eu-west-1.amazonaws.com", {}};
        service.credentials = Credentials{"AKID", Secret("secret"), {}, "a test"};
        Pacing pacing;
        pacing.now = [this] { return now; };
        pacing.sleep = [this](std::chrono::milliseconds time) { pauses.push_back(time); };
        pacing.random = [] { return 0.5; };
        return {
            http, service, {pacing, 3, [this](const std::string& text) { told += text + "\n"; }}};
    }

    /// What the call ends with: "done", or the error's code and text.
    std::string outcome()
    {
        QueryApi ec2 = api();
        try {
            const auto document = ec2.call("Go", {{"A", "b c"}});
            return document->document_element().child_value("return") == std::string("true")
                       ? "done"
                       : "strange";
        } catch (const Error& error) {
            return std::to_string(to_int(error.code())) + " " + error.what();
        }
    }

    ScriptedHttp http;
    std::chrono::sys_seconds now = noon;
    std::vector<std::chrono::milliseconds> pauses;
    std::string told;
};

} // namespace

TEST_CASE("a call is a signed form, and its answer XML", "[aws]")
{
    QueryScene scene;
    scene.http.answers = {says(200, good)};
    CHECK(scene.outcome() == "done");
    const HttpRequest& request = scene.http.requests.at(0);
    CHECK(request.url == "https://ec2.eu-west-1.amazonaws.com/");
    CHECK(request.body == "Action=Go&Version=2016-11-15&A=b+c");
    CHECK(request.headers.at("content-type") == "application/x-www-form-urlencoded; charset=utf-8");
    CHECK(request.headers.at("authorization").starts_with("AWS4-HMAC-SHA256 Credential=AKID/2026"));
    CHECK(scene.pauses.empty());
}

TEST_CASE("errors are read in all shapes that AWS has for them", "[aws]")
{
    const auto answer = [](const std::string& body) { return error_answer({400, {}, body}); };
    const auto ec2 = answer(ec2_error("A.B"));
    CHECK(ec2.code == "A.B");
    CHECK(ec2.message == "It is so");
    CHECK(ec2.request_id == "r-1");
    const auto rds = answer("<ErrorResponse xmlns=\"http://rds\"><Error><Type>Sender</Type><Code>C"
                            "</Code><Message>No</Message></Error><RequestId>r-2</RequestId>"
                            "</ErrorResponse>");
    CHECK(rds.code == "C");
    CHECK(rds.request_id == "r-2");
    const auto mixed = answer("<ErrorResponse><Errors><Error><Code>D</Code><Message/></Error>"
                              "</Errors></ErrorResponse>");
    CHECK(mixed.code == "D");
    CHECK(mixed.request_id.empty());
    for (const char* body : {"", "<html><body><h1>502</h1></body></html>", "{\"a\":1}", "<Resp"}) {
        CHECK(answer(body).code.empty());
    }
}

TEST_CASE("an error's message is one line, and repeats nothing of a request", "[aws]")
{
    const auto message = [](const std::string& text) {
        return error_answer({403,
                             {},
                             "<Response><Errors><Error><Code>A</Code><Message>" + text +
                                 "</Message></Error></Errors></Response>"})
            .message;
    };
    CHECK(message("It differs. The Canonical String for this request was 'POST\nx:t0ken'") ==
          "It differs.");
    CHECK(message("It differs.\n\nx-amz-security-token:t0ken") == "It differs.");
    CHECK(message("Not allowed. Encoded authorization failure message: Zm9v") == "Not allowed.");
    CHECK(message("a &lt; b\x1b[2J") == "a < b\\x1b[2J");
    CHECK(message(std::string(9999, 'x')).size() < 400);
}

TEST_CASE("what may pass is tried three times, with pauses that grow", "[aws]")
{
    for (const auto& passing :
         {says(503, ec2_error("RequestLimitExceeded")), says(500, ec2_error("InternalError")),
          says(502, "<html>Bad Gateway</html>"), says(400, ec2_error("Throttling")), says(504, ""),
          says(200, good.substr(0, 60)), says(200, "<html>log in first</html>"),
          fails(HttpError::Outlook::may_pass)}) {
        QueryScene scene;
        scene.http.answers = {passing, passing, says(200, good)};
        CHECK(scene.outcome() == "done");
        CHECK(scene.pauses == std::vector{500ms, 1000ms});
    }
}

TEST_CASE("what stays is told: throttled is busy, the rest is a failure outside", "[aws]")
{
    const std::vector<std::pair<ScriptedHttp::Answer, std::string>> cases = {
        {says(503, ec2_error("RequestLimitExceeded")),
         "9 ec2 Go failed: RequestLimitExceeded: It is so (request r-1)"},
        {says(502, "<html>Bad Gateway</html>"),
         "6 ec2 Go failed: HTTP 502, and no answer that AWS would give"},
        {says(200, "<html>log in first</html>"),
         "6 ec2 Go failed: HTTP 200, and no answer that AWS would give"},
        {fails(HttpError::Outlook::may_pass), "6 no answer"},
    };
    for (const auto& [answer, told] : cases) {
        QueryScene scene;
        scene.http.answers = {answer, answer, answer};
        CHECK(scene.outcome() == told);
        CHECK(scene.http.requests.size() == 3);
    }
}

TEST_CASE("what cannot pass is not tried again", "[aws]")
{
    for (const auto& final :
         {says(400, ec2_error("InvalidGroup.NotFound")),
          says(403, ec2_error("UnauthorizedOperation")), says(412, ec2_error("DryRunOperation")),
          says(407, "<html>proxy</html>"), says(302, ""), fails(HttpError::Outlook::final)}) {
        QueryScene scene;
        scene.http.answers = {final};
        CHECK(scene.outcome().starts_with("6 "));
        CHECK(scene.pauses.empty());
    }
}

TEST_CASE("a wrong clock is corrected once, and told", "[aws]")
{
    for (const char* code : {"RequestExpired", "SignatureDoesNotMatch", "AuthFailure"}) {
        QueryScene scene;
        scene.now = noon - 10min;
        scene.http.answers = {says(403, ec2_error(code), {{"date", noon_header}}), says(200, good)};
        CHECK(scene.outcome() == "done");
        CHECK(scene.http.requests.at(0).headers.at("x-amz-date") == "20261122T115000Z");
        CHECK(scene.http.requests.at(1).headers.at("x-amz-date") == "20261122T120000Z");
        CHECK(scene.told.find("clock is 10 min 00 s behind AWS's") != std::string::npos);
    }
    QueryScene twice;
    twice.now = noon + 10min;
    const auto refusal = says(403, ec2_error("AuthFailure"), {{"date", noon_header}});
    twice.http.answers = {refusal, refusal};
    CHECK(twice.outcome().starts_with("6 ec2 Go failed: AuthFailure"));
    CHECK(twice.told.find("ahead of") != std::string::npos);
}

TEST_CASE("a clock that is right, or an answer without a date, changes nothing", "[aws]")
{
    for (const Headers& headers :
         {Headers{{"date", noon_header}}, Headers{}, Headers{{"date", "yesterday"}}}) {
        QueryScene scene;
        scene.now = headers.empty() ? noon + 1h : noon + 3min;
        scene.http.answers = {says(403, ec2_error("AuthFailure"), headers)};
        CHECK(scene.outcome().starts_with("6 "));
        CHECK(scene.http.requests.size() == 1);
    }
}

TEST_CASE("each error that users of the script ran into has a hint", "[aws]")
{
    for (const char* code :
         {"InvalidSecurityGroupRuleId.NotFound", "InvalidGroup.NotFound", "UnauthorizedOperation",
          "AuthFailure", "ExpiredToken", "InvalidClientTokenId", "OptInRequired"}) {
        CHECK_FALSE(hint_for(code).empty());
    }
    CHECK(hint_for("NeverHeardOf").empty());
}

TEST_CASE("a form is what the AWS tools send, byte by byte", "[aws]")
{
    CHECK(form_text({{"a.1", "p@ss w0rd&=+/%~*\xc3\xa9"}, {"b", ""}}) ==
          "a.1=p%40ss+w0rd%26%3D%2B%2F%25~%2A%C3%A9&b=");
    CHECK(form_text({}).empty());
}
