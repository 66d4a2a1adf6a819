#include "aws/must_run.hpp"
#include "aws/strict_endpoint.hpp"
#include "support/system/file.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::tests;
using nlohmann::json;

// The AWS CLI is another client than ours: what it does holds our endpoint to the real protocol,
// and what it sends is what we have to send.

namespace {

constexpr const char* aws_program = "/usr/bin/aws";

bool may_try_aws_cli()
{
    if (is_there(aws_program)) {
        return true;
    }
    tell_not_run("the AWS CLI is not installed");
    return false;
}

CliResult aws(const StrictEndpoint& endpoint, std::vector<std::string> arguments)
{
    Workspace workspace(endpoint);
    workspace.set("AWS_DEFAULT_REGION", "ca-central-1");
    arguments.insert(arguments.begin(), {"--endpoint-url", endpoint.url()});
    return workspace.run(std::move(arguments)).with_program(aws_program).result();
}

CliResult aws_ec2(const StrictEndpoint& ec2, std::vector<std::string> arguments)
{
    arguments.insert(arguments.begin(), "ec2");
    return aws(ec2, std::move(arguments));
}

/// As the script calls it.
CliResult script_call(const StrictEndpoint& ec2, const std::string& cidr)
{
    return aws_ec2(ec2,
                   {"modify-security-group-rules", "--group-id", group_id, "--security-group-rules",
                    std::string("SecurityGroupRuleId=") + rule_id +
                        ",SecurityGroupRule={Description=GITPOD,IpProtocol=tcp,FromPort=5432,"
                        "ToPort=5432,CidrIpv4=" +
                        cidr + "}"});
}

/// The last request with this action.
json last_request(const StrictEndpoint& ec2, const std::string& action)
{
    json found;
    for (const json& request : ec2.requests()) {
        if (request.contains("fields") && request["fields"].value("Action", "") == action) {
            found = request;
        }
    }
    return found;
}

std::string signed_names(const json& request)
{
    const std::string header = request["headers"]["authorization"];
    const auto begin = header.find("SignedHeaders=");
    return header.substr(begin, header.find(',', begin) - begin);
}

void check_same(const StrictEndpoint& ours, const StrictEndpoint& theirs, const std::string& action)
{
    const json our_request = last_request(ours, action);
    const json their_request = last_request(theirs, action);
    CHECK(our_request["fields"] == their_request["fields"]);
    CHECK(our_request["headers"]["content-type"] == their_request["headers"]["content-type"]);
    CHECK(signed_names(our_request) == signed_names(their_request));
    CHECK(our_request["status"] == 200);
    CHECK(their_request["status"] == 200);
    CHECK(ours.rules() == theirs.rules());
}

/// `crudctl rds` of a project whose instance is "fresh".
CliResult rds_of_fresh(const StrictEndpoint& rds, std::vector<std::string> arguments)
{
    Workspace workspace(rds);
    workspace.set("AWS_ENDPOINT_URL_RDS", rds.url());
    workspace.set("DB_SG_ID", "");
    workspace.set("DB_SG_RULE_ID", "");
    workspace.write("project/crudctl.toml",
                    "[project]\nname = 'cruddur'\n[profiles.local]\nprotected = false\n"
                    "[profiles.local.aws]\ninstance = 'fresh'\nengine_version = '16'\n"
                    "deletion_protection = false\n");
    arguments.insert(arguments.begin(), "rds");
    return workspace.run(std::move(arguments)).result();
}

} // namespace

TEST_CASE("we send what the script's aws call sends, field by field")
{
    if (!may_try_aws_cli()) {
        return;
    }
    const StrictEndpoint ours;
    const StrictEndpoint theirs;
    CHECK(Workspace(ours).update().result().exit_code == 0);
    const auto result = script_call(theirs, std::string(own_address) + "/32");
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    check_same(ours, theirs, "ModifySecurityGroupRules");
}

TEST_CASE("a rule is made by the same request as the AWS CLI's")
{
    if (!may_try_aws_cli()) {
        return;
    }
    const json office = stored_rule(rule_id, "198.51.100.1/32", "office");
    const StrictEndpoint ours(json{{"rules", json::array({office})}});
    const StrictEndpoint theirs(json{{"rules", json::array({office})}});
    Workspace workspace(ours);
    workspace.set("DB_SG_RULE_ID", "create");
    CHECK(workspace.update().result().exit_code == 0);
    const auto result = aws_ec2(
        theirs, {"authorize-security-group-ingress", "--group-id", group_id, "--ip-permissions",
                 "IpProtocol=tcp,FromPort=5432,ToPort=5432,IpRanges=[{CidrIp=203.0.113.7/32,"
                 "Description=GITPOD}]"});
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    check_same(ours, theirs, "AuthorizeSecurityGroupIngress");
}

TEST_CASE("the AWS CLI finds in our endpoint what it expects of EC2")
{
    if (!may_try_aws_cli()) {
        return;
    }
    json rules = json::array();
    for (int i = 10; i < 22; ++i) {
        rules.push_back(stored_rule("sgr-000000000000000" + std::to_string(i),
                                    "192.0.2." + std::to_string(i) + "/32", "office"));
    }
    const StrictEndpoint ec2(json{{"rules", rules}, {"page_size", 5}});
    const std::string filter = std::string("Name=group-id,Values=") + group_id;
    const auto all = aws_ec2(ec2, {"describe-security-group-rules", "--filters", filter,
                                   "--max-results", "1000", "--output", "json"});
    CAPTURE(all.err);
    CHECK(json::parse(all.out)["SecurityGroupRules"].size() == 5);
    const auto paged = aws_ec2(ec2, {"describe-security-group-rules", "--filters", filter,
                                     "--output", "json", "--page-size", "5"});
    CAPTURE(paged.err);
    const json found = json::parse(paged.out)["SecurityGroupRules"];
    CHECK(found.size() == 12);
    CHECK(found[0]["CidrIpv4"] == "192.0.2.10/32");
    CHECK(found[0]["IsEgress"] == false);
    CHECK(aws_ec2(ec2, {"revoke-security-group-ingress", "--group-id", group_id,
                        "--security-group-rule-ids", "sgr-00000000000000010"})
              .exit_code == 0);
    CHECK(ec2.rules().size() == 11);
}

TEST_CASE("the AWS CLI is refused in EC2's words")
{
    if (!may_try_aws_cli()) {
        return;
    }
    const StrictEndpoint ec2;
    const auto malformed = script_call(ec2, "/32"); // as with an empty GITPOD_IP
    CHECK(malformed.exit_code == 254);
    CHECK(malformed.err.find("(InvalidParameterValue) when calling the ModifySecurityGroupRules "
                             "operation: CIDR block /32 is malformed") != std::string::npos);
    const auto trial = aws_ec2(ec2, {"describe-security-group-rules", "--security-group-rule-ids",
                                     "sgr-0000000000000dead"});
    CHECK(trial.err.find("(InvalidSecurityGroupRuleId.NotFound)") != std::string::npos);
    CHECK(ec2.cidr_of(rule_id) == "198.51.100.1/32");
}

TEST_CASE("an SSO profile is asked of the real AWS CLI, which says how to log in")
{
    if (!may_try_aws_cli()) {
        return;
    }
    const StrictEndpoint ec2;
    Workspace workspace(ec2);
    workspace.set("AWS_ACCESS_KEY_ID", "");
    workspace.set("AWS_SECRET_ACCESS_KEY", "");
    workspace.set("AWS_PROFILE", "dev");
    workspace.write(".aws/config",
                    "[profile dev]\nsso_session = my\nsso_account_id = 123456789012\n"
                    "sso_role_name = r\n[sso-session my]\nsso_region = eu-west-1\n"
                    "sso_start_url = https://my.example.com/start\n");
    const auto result = workspace.update().with_programs_from("/usr/bin").result();
    CAPTURE(result.err);
    CHECK(result.exit_code == 6);
    CHECK(result.err.find("hint: aws sso login --profile dev") != std::string::npos);
    CHECK(ec2.actions().empty());
}

TEST_CASE("an instance is stopped by the same request as the AWS CLI's")
{
    if (!may_try_aws_cli()) {
        return;
    }
    const json instances = {{"cruddur-db-instance", "available"}};
    const StrictEndpoint ours(json{{"instances", instances}});
    const StrictEndpoint theirs(json{{"instances", instances}});
    Workspace workspace(ours);
    workspace.set("AWS_ENDPOINT_URL_RDS", ours.url());
    workspace.write("project/crudctl.toml",
                    "[profiles.local.aws]\ninstance = 'cruddur-db-instance'\n");
    CHECK(workspace.run({"rds", "stop"}).result().exit_code == 0);
    const auto result = aws(theirs, {"rds", "stop-db-instance", "--db-instance-identifier",
                                     "cruddur-db-instance", "--output", "json"});
    CAPTURE(result.err);
    CHECK(json::parse(result.out)["DBInstance"]["DBInstanceStatus"] == "stopping");
    check_same(ours, theirs, "StopDBInstance");
    const auto again =
        aws(theirs, {"rds", "stop-db-instance", "--db-instance-identifier", "cruddur-db-instance"});
    CHECK(again.err.find("(InvalidDBInstanceState)") != std::string::npos);
}

TEST_CASE("an instance is made by the same request as the AWS CLI's")
{
    if (!may_try_aws_cli()) {
        return;
    }
    const StrictEndpoint ours(json{{"instances", json::object()}});
    const StrictEndpoint theirs(json{{"instances", json::object()}});
    const auto made = rds_of_fresh(ours, {"create"});
    CAPTURE(made.err);
    CHECK(made.exit_code == 0);
    const auto same = aws(theirs, {"rds",
                                   "create-db-instance",
                                   "--db-instance-identifier",
                                   "fresh",
                                   "--db-instance-class",
                                   "db.t4g.micro",
                                   "--engine",
                                   "postgres",
                                   "--engine-version",
                                   "16",
                                   "--allocated-storage",
                                   "20",
                                   "--port",
                                   "5432",
                                   "--backup-retention-period",
                                   "7",
                                   "--storage-encrypted",
                                   "--no-publicly-accessible",
                                   "--no-deletion-protection",
                                   "--no-enable-iam-database-authentication",
                                   "--master-username",
                                   "postgres",
                                   "--manage-master-user-password",
                                   "--db-name",
                                   "cruddur"});
    CAPTURE(same.err);
    check_same(ours, theirs, "CreateDBInstance");
}

TEST_CASE("an instance is deleted by the same request as the AWS CLI's")
{
    if (!may_try_aws_cli()) {
        return;
    }
    const json instances = {{"fresh", "available"}};
    const StrictEndpoint ours(json{{"instances", instances}});
    const StrictEndpoint theirs(json{{"instances", instances}});
    const auto deleted =
        rds_of_fresh(ours, {"delete", "--no-final-snapshot", "--confirm", "fresh@local"});
    CAPTURE(deleted.err);
    CHECK(deleted.exit_code == 0);
    aws(theirs, {"rds", "delete-db-instance", "--db-instance-identifier", "fresh",
                 "--skip-final-snapshot"});
    check_same(ours, theirs, "DeleteDBInstance");
}

TEST_CASE("a workspace does not wait for it as for the AWS CLI")
{
    if (!may_try_aws_cli()) {
        return;
    }
    const StrictEndpoint ec2;
    const Workspace workspace(ec2);
    using Clock = std::chrono::steady_clock;
    auto ours = Clock::duration::max();
    auto theirs = Clock::duration::max();
    for (int i = 0; i < 4; ++i) { // in turns; the quickest of each
        const std::string cidr = "203.0.113." + std::to_string(i) + "/32";
        const auto begun = Clock::now();
        CHECK(workspace.update({"--ip", cidr}).result().exit_code == 0);
        const auto between = Clock::now();
        CHECK(script_call(ec2, "198.51.100." + std::to_string(i) + "/32").exit_code == 0);
        ours = std::min(ours, between - begun);
        theirs = std::min(theirs, Clock::now() - between);
    }
    const double ratio = static_cast<double>(theirs.count()) / static_cast<double>(ours.count());
    WARN("the AWS CLI takes " << ratio << " times as long");
    CHECK(ratio > (peak_is_ours ? 20 : 2)); // a sanitizer takes its time
}
