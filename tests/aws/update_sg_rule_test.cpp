#include "aws/strict_endpoint.hpp"
#include "support/canary.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::tests;
using nlohmann::json;

namespace {

using Actions = std::vector<std::string>;

const std::string describe = "DescribeSecurityGroupRules 200";
const std::string modify = "ModifySecurityGroupRules 200";
const std::string authorize = "AuthorizeSecurityGroupIngress 200";
} // namespace

TEST_CASE("the rule gets the workspace's address, and the second time nothing is written")
{
    const StrictEndpoint ec2;
    const Workspace workspace(ec2);
    const auto first = workspace.update().result();
    CAPTURE(first.err);
    CHECK(first.exit_code == 0);
    CHECK(ec2.cidr_of(rule_id) == own_cidr);
    CHECK(ec2.actions() == Actions{describe, modify, describe});
    CHECK(first.err.starts_with("local · sgr-0123456789abcdef0 of sg-0123456789abcdef0 · "
                                "ca-central-1 · from DB_SG_RULE_ID\n"));
    CHECK(contains(first.err, "sgr-0123456789abcdef0: 203.0.113.7/32 on tcp 5432, before "
                              "198.51.100.1/32 on tcp 5432, "));
    CHECK(first.out.empty());

    const auto second = workspace.update().result();
    CHECK(second.exit_code == 0);
    CHECK(contains(second.err, "already: nothing to do"));
    CHECK(ec2.actions() == Actions{describe, modify, describe, describe});
}

TEST_CASE("a look alone, --check, says what differs")
{
    const StrictEndpoint ec2;
    const Workspace workspace(ec2);
    const auto differs = workspace.update({"--check"}).result();
    CHECK(differs.exit_code == 7);
    CHECK(contains(differs.err, "is for 198.51.100.1/32 on tcp 5432, \"GITPOD\", and not for "
                                "203.0.113.7/32 on tcp 5432, \"GITPOD\""));
    CHECK(ec2.actions() == Actions{describe});
    CHECK(workspace.update({"--check", "--ip", "198.51.100.1"}).result().exit_code == 0);
}

TEST_CASE("a trial, --dry-run, has AWS check it and changes nothing")
{
    const StrictEndpoint ec2;
    const Workspace workspace(ec2);
    const auto result = workspace.update({"--dry-run"}).result();
    CHECK(result.exit_code == 0);
    CHECK(result.out == "would change sgr-0123456789abcdef0 to 203.0.113.7/32 on tcp 5432, "
                        "\"GITPOD\", from 198.51.100.1/32 on tcp 5432, \"GITPOD\"\n");
    CHECK(ec2.actions() == Actions{describe, "ModifySecurityGroupRules 412"});
    CHECK(ec2.cidr_of(rule_id) == "198.51.100.1/32");
}

TEST_CASE("a trial without the right to change says so")
{
    const StrictEndpoint ec2(
        json{{"keys", {{key_id, {{"rights", {"DescribeSecurityGroupRules"}}}}}}});
    const auto result = Workspace(ec2).update({"--dry-run"}).result();
    CHECK(result.exit_code == 6);
    CHECK(contains(result.err, "UnauthorizedOperation: You are not authorized to perform"));
    CHECK(contains(result.err, "ec2:ModifySecurityGroupRules are needed"));
    CHECK_FALSE(contains(result.err, "Zm9vZm9v"));
}

TEST_CASE("a report, --json, has what was done")
{
    const StrictEndpoint ec2;
    const Workspace workspace(ec2);
    const auto document = json::parse(workspace.update({"--json"}).result().out);
    CHECK(document["result"] == "changed");
    CHECK(document["cidr"] == own_cidr);
    CHECK(document["before"] == "198.51.100.1/32");
    CHECK(document["rule"] == rule_id);
    CHECK(document["port"] == 5432);
    CHECK(json::parse(workspace.update({"--json"}).result().out)["result"] == "unchanged");
    const auto differs = workspace.update({"--json", "--check", "--ip", "203.0.113.8"}).result();
    CHECK(differs.exit_code == 7);
    CHECK(json::parse(differs.out)["result"] == "differs");
}

TEST_CASE("an address is one host's, and a rule never wider")
{
    const StrictEndpoint ec2;
    const Workspace workspace(ec2);
    for (const char* wrong : {"0.0.0.0", "0.0.0.0/0", "203.0.113.0/24", "::1", "127.0.0.1", "",
                              "203.0.113.7/33", "203.0.113.7, 0.0.0.0", "$GITPOD_IP", "/32"}) {
        CAPTURE(wrong);
        CHECK(workspace.update({"--ip", wrong}).result().exit_code == 2);
        CHECK(workspace.update({"--ip", wrong, "--best-effort"}).result().exit_code == 2);
    }
    CHECK(ec2.requests().empty());
    CHECK(workspace.update({"--ip", "203.0.113.9/32"}).result().exit_code == 0);
    CHECK(ec2.cidr_of(rule_id) == "203.0.113.9/32");
    const auto inner = workspace.update({"--ip", "10.1.2.3"}).result();
    CHECK(inner.exit_code == 0);
    CHECK(contains(inner.err, "the internet does not see it"));
}

TEST_CASE("GITPOD_IP is compared, and not believed")
{
    const StrictEndpoint ec2;
    Workspace workspace(ec2);
    workspace.set("GITPOD_IP", "198.51.100.77");
    const auto result = workspace.update().result();
    CHECK(
        contains(result.err, "GITPOD_IP says \"198.51.100.77\", which is not it and is not used"));
    CHECK(ec2.cidr_of(rule_id) == own_cidr);
    workspace.set("GITPOD_IP", own_address);
    CHECK_FALSE(contains(workspace.update().result().err, "GITPOD_IP"));
    workspace.set("GITPOD_IP", "");
    CHECK(workspace.update().result().exit_code == 0);
}

TEST_CASE("an overridden endpoint is warned about")
{
    const StrictEndpoint ec2;
    Workspace workspace(ec2);
    workspace.set("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    CHECK(contains(workspace.update().result().err,
                   "warning: requests for ec2 go to " + ec2.url() + ", by AWS_ENDPOINT_URL_EC2\n"));
}

TEST_CASE("what was changed stands in the journal")
{
    const StrictEndpoint ec2;
    const Workspace workspace(ec2);
    workspace.update().result();
    workspace.update().result();
    const auto entries = json::parse(workspace.run({"history", "--all", "--json"}).result().out);
    REQUIRE(entries.size() == 1);
    CHECK(entries[0]["command"] == "update-sg-rule");
    CHECK(entries[0]["database"] == group_id);
    CHECK(entries[0]["result"] == "done");
}

TEST_CASE("settings say which rule, region and AWS profile")
{
    const StrictEndpoint ec2(
        json{{"keys", {{"AKIDDEV", {{"secret", canary()}, {"token", canary() + "+/="}}}}},
             {"region", "eu-west-1"}});
    Workspace workspace(ec2);
    workspace.set("DB_SG_RULE_ID", "sgr-dead");
    workspace.write("project/crudctl.toml",
                    "[profiles.prod]\nurl = 'postgresql://u@h:5432/d'\n[profiles.prod.aws]\n"
                    "profile = 'dev'\nregion = 'eu-west-1'\n"
                    "security_group_rule = 'sgr-0123456789abcdef0'\n");
    workspace.write(".aws/credentials", "[dev]\naws_access_key_id = AKIDDEV\n"
                                        "aws_secret_access_key = " +
                                            canary() + "\naws_session_token = " + canary() +
                                            "+/=\n");
    const auto result = workspace.update({"-v"}).result();
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    CHECK(result.err.starts_with("prod · "));
    CHECK(ec2.cidr_of(rule_id) == own_cidr);
}

TEST_CASE("what is missing or cannot be is a matter of the configuration")
{
    const StrictEndpoint ec2;
    const auto told = [&](const std::string& name, const std::string& value) {
        Workspace workspace(ec2);
        workspace.set(name, value);
        const auto result = workspace.update().result();
        CHECK(result.exit_code == 3);
        return result.err;
    };
    CHECK(contains(told("AWS_REGION", ""), "no AWS region is set"));
    CHECK(contains(told("AWS_REGION", "ca-central-1a"), "is an availability zone, not a region"));
    CHECK(contains(told("DB_SG_ID", "default"), "DB_SG_ID: \"default\" is no security group's id"));
    CHECK(contains(told("DB_SG_RULE_ID", "sg-01"), "DB_SG_RULE_ID: \"sg-01\" is no rule's id"));
    CHECK(contains(told("AWS_PROFILE", "gone"), "there is no AWS profile \"gone\""));
    CHECK(contains(told("AWS_SECRET_ACCESS_KEY", ""), "has half of an access key"));
    CHECK(ec2.actions().empty());
}
