#include "aws/strict_endpoint.hpp"
#include "support/canary.hpp"
#include "support/loopback.hpp"
#include "support/stand_in_server.hpp"

#include <csignal>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::tests;
using nlohmann::json;

// Every run fails by itself where the key's secret, which is the canary, shows anywhere.

namespace {

json fault(const std::string& kind, int times, bool done = false)
{
    return {
        {"kind", kind}, {"times", times}, {"action", "ModifySecurityGroupRules"}, {"done", done}};
}

json addresses(const std::string& body, int status = 200)
{
    return json{{"/bad", {{"body", body}, {"status", status}}}};
}

} // namespace

TEST_CASE("what goes wrong twice is tried a third time, and done once")
{
    for (const char* kind : {"throttle", "html502", "empty503", "truncated", "cut", "hang_up"}) {
        for (const bool done : {false, true}) {
            const StrictEndpoint ec2(json{{"faults", json::array({fault(kind, 2, done)})}});
            const auto result = Workspace(ec2).update().result();
            CAPTURE(kind, done, result.err);
            CHECK(result.exit_code == 0);
            CHECK(contains(result.err, "trying again"));
            CHECK(ec2.cidr_of(rule_id) == own_cidr);
        }
    }
}

TEST_CASE("a rule that was made, with the answer lost, is found and not made again")
{
    for (const char* kind : {"cut", "truncated", "hang_up"}) {
        json lost = fault(kind, 1, true);
        lost["action"] = "AuthorizeSecurityGroupIngress";
        const StrictEndpoint ec2(
            json{{"faults", json::array({lost})},
                 {"rules", {stored_rule(rule_id, "198.51.100.1/32", "office")}}});
        Workspace workspace(ec2);
        workspace.set("DB_SG_RULE_ID", "create");
        const auto result = workspace.update({"--json"}).result();
        CAPTURE(kind, result.err);
        CHECK(result.exit_code == 0);
        CHECK(ec2.rules().size() == 2);
        CHECK(json::parse(result.out)["result"] == "made");
        CHECK(ec2.cidr_of(json::parse(result.out)["rule"].get<std::string>()) == own_cidr);
    }
}

TEST_CASE("what goes on going wrong is told: throttled is busy, the rest a failure outside")
{
    const std::vector<std::pair<const char*, std::pair<int, const char*>>> kinds = {
        {"throttle", {9, "RequestLimitExceeded: Request limit exceeded."}},
        {"html502", {6, "HTTP 502, and no answer that AWS would give"}},
        {"empty503", {6, "HTTP 503, and no answer that AWS would give"}},
        {"truncated", {6, "HTTP 200, and no answer that AWS would give"}},
        {"cut", {6, "no whole answer from \"127.0.0.1\""}},
        {"hang_up", {6, "no whole answer from \"127.0.0.1\""}},
    };
    for (const auto& [kind, expected] : kinds) {
        const StrictEndpoint ec2(json{{"faults", json::array({fault(kind, 9)})}});
        const auto result = Workspace(ec2).update().result();
        CAPTURE(kind, result.err);
        CHECK(result.exit_code == expected.first);
        CHECK(contains(result.err, expected.second));
        CHECK(ec2.cidr_of(rule_id) == "198.51.100.1/32");
        // libcurl itself tries a connection anew that was kept open and is closed.
        CHECK(ec2.actions().size() == (kind == std::string("hang_up") ? 5 : 4));
    }
}

TEST_CASE("AWS_MAX_ATTEMPTS says how often is tried")
{
    const StrictEndpoint ec2(json{{"faults", json::array({fault("throttle", 9)})}});
    Workspace workspace(ec2);
    workspace.set("AWS_MAX_ATTEMPTS", "1");
    CHECK(workspace.update().result().exit_code == 9);
    CHECK(ec2.actions().size() == 2);
}

TEST_CASE("an answer that stops half-way is given up, and a signal ends the wait at once")
{
    const StrictEndpoint slow(json{{"faults", json::array({fault("slow", 9)})}});
    Workspace workspace(slow);
    workspace.set("AWS_MAX_ATTEMPTS", "1");
    const auto given_up = workspace.update({"--connect-timeout", "1"}).result();
    CAPTURE(given_up.err);
    CHECK(given_up.exit_code == 6);
    const auto interrupted =
        workspace.update({"--connect-timeout", "600"})
            .with_signal(SIGINT, "by AWS_ENDPOINT_URL_EC2", std::chrono::milliseconds(500))
            .with_time_limit(std::chrono::seconds(20))
            .result();
    CHECK(interrupted.exit_code == 130);
    const auto hook =
        workspace.update({"--best-effort", "--connect-timeout", "600"})
            .with_signal(SIGTERM, "by AWS_ENDPOINT_URL_EC2", std::chrono::milliseconds(500))
            .result();
    CHECK(hook.exit_code == 143);
}

TEST_CASE("a clock that is off is corrected, and told")
{
    for (const int offset : {-3600, 3600}) {
        const StrictEndpoint ec2(json{{"clock_offset", offset}});
        const auto result = Workspace(ec2).update().result();
        CAPTURE(offset, result.err);
        CHECK(result.exit_code == 0);
        CHECK(contains(result.err, offset < 0 ? "ahead of AWS's" : "behind AWS's"));
        CHECK(ec2.cidr_of(rule_id) == own_cidr);
    }
}

TEST_CASE("a change that shows late is waited for")
{
    const StrictEndpoint ec2(json{{"lag", 3}});
    const auto result = Workspace(ec2).update().result();
    CHECK(result.exit_code == 0);
    CHECK(ec2.actions().size() == 6);
    CHECK_FALSE(contains(result.err, "does not show it yet"));
}

TEST_CASE("credentials that are wrong, ran out or lack a right are told with what helps")
{
    const auto told = [](const json& key, const std::string& token = "") {
        const StrictEndpoint ec2(json{{"keys", {{key_id, key}}}});
        Workspace workspace(ec2);
        workspace.set("AWS_SESSION_TOKEN", token);
        const auto result = workspace.update().result();
        CHECK(result.exit_code == 6);
        CHECK(ec2.cidr_of(rule_id) == "198.51.100.1/32");
        return result.err;
    };
    const std::string token = canary() + "-token";
    CHECK(contains(told({{"secret", "another"}}), "SignatureDoesNotMatch"));
    CHECK(contains(told({{"secret", "another"}}, token), "SignatureDoesNotMatch"));
    CHECK(contains(told({{"secret", canary()}}, token), "AuthFailure"));
    CHECK(contains(told({{"token", token}, {"expired", true}}, token),
                   "the credentials ran out: log in again"));
    CHECK(contains(told({{"rights", {"DescribeSecurityGroupRules"}}}),
                   "ec2:ModifySecurityGroupRules are needed"));
}

TEST_CASE("without credentials nothing is asked")
{
    const StrictEndpoint ec2;
    Workspace workspace(ec2);
    workspace.set("AWS_ACCESS_KEY_ID", "");
    workspace.set("AWS_SECRET_ACCESS_KEY", "");
    const auto result = workspace.update().result();
    CHECK(result.exit_code == 6);
    CHECK(contains(result.err, "there are no AWS credentials"));
    CHECK(ec2.requests().empty());
}

TEST_CASE("an address service that is down, or says something else, opens nothing")
{
    for (const json& service :
         {addresses("down", 503), addresses("<html><body>203.0.113.7</body></html>"),
          addresses("2001:db8::7\n"), addresses("10.1.2.3\n"), addresses("0.0.0.0\n"),
          addresses("0.0.0.0/0\n"), addresses(std::string(5000, '7')),
          addresses("203.0.113.7\n1\n"), addresses(""), addresses("moved", 302)}) {
        const StrictEndpoint ec2(json{{"addresses", service}});
        Workspace workspace(ec2);
        workspace.set("CRUDCTL_ADDRESS_SERVICES", ec2.url() + "/bad");
        const auto result = workspace.update().result();
        CAPTURE(service, result.err);
        CHECK(result.exit_code == 6);
        CHECK(contains(result.err, "give it with --ip"));
        CHECK(ec2.actions().empty());
        workspace.set("CRUDCTL_ADDRESS_SERVICES", ec2.url() + "/bad," + ec2.url() + "/ip");
        CHECK(workspace.update().result().exit_code == 0);
        CHECK(ec2.cidr_of(rule_id) == own_cidr);
    }
}

TEST_CASE("what fails is a warning with --best-effort, and nothing else is")
{
    const StrictEndpoint ec2(json{{"faults", json::array({fault("throttle", 9)})}});
    Workspace workspace(ec2);
    const auto busy = workspace.update({"--best-effort"}).result();
    CHECK(busy.exit_code == 0);
    CHECK(contains(busy.err, "warning: the rule was not updated: ec2 ModifySecurityGroupRules"));
    workspace.set("AWS_ENDPOINT_URL_EC2", "http://127.0.0.1:" + std::to_string(free_port()));
    CHECK(workspace.update({"--best-effort"}).result().exit_code == 0);
    workspace.set("AWS_REGION", "");
    CHECK(workspace.update({"--best-effort"}).result().exit_code == 0);
    CHECK(workspace.update({"--best-effort", "--nonsense"}).result().exit_code == 2);
    CHECK(workspace.update({"--best-effort", "--check"}).result().exit_code == 2);
}
