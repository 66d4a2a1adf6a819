#include "aws/strict_endpoint.hpp"
#include "support/canary.hpp"
#include "support/throw_away_server.hpp"

#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::tests;
using nlohmann::json;

// Every run fails by itself where a secret, which is the canary, shows anywhere.

namespace {

/// Without the key that a workspace's environment has.
void take_key_from(Workspace& workspace)
{
    workspace.set("AWS_ACCESS_KEY_ID", "");
    workspace.set("AWS_SECRET_ACCESS_KEY", "");
}

/// A key that only goes with its token.
json temporary_key()
{
    return {{"secret", canary()}, {"token", canary() + "/+=="}};
}

} // namespace

TEST_CASE("credentials come from every place they can, and show from none")
{
    const std::string pair =
        "aws_access_key_id = AKIDTEST\naws_secret_access_key = " + canary() + "\n";
    const std::string printed =
        R"({"Version":1,"AccessKeyId":"AKIDTEST","SecretAccessKey":")" + canary() + "\"}";
    const std::vector<std::pair<std::string, std::string>> files = {
        {".aws/credentials", "[default]\n" + pair},
        {".aws/config", "[default]\n" + pair},
        {".aws/config", "[default]\ncredential_process = cat \"key file\"\n"},
        {"project/.env", "AWS_ACCESS_KEY_ID=AKIDTEST\nAWS_SECRET_ACCESS_KEY='" + canary() + "'\n"},
    };
    for (const auto& [name, text] : files) {
        const StrictEndpoint ec2;
        Workspace workspace(ec2);
        workspace.set("AWS_ACCESS_KEY_ID", "");
        workspace.set("AWS_SECRET_ACCESS_KEY", "");
        workspace.write("project/key file", printed);
        workspace.write(name, text);
        const auto result = workspace.update({"-v"}).result();
        CAPTURE(name, result.err);
        CHECK(result.exit_code == 0);
        CHECK(ec2.cidr_of(rule_id) == own_cidr);
    }
}

TEST_CASE("a web identity is exchanged for a key, which is then used")
{
    const std::string identity = canary() + ".of.gitpod";
    const StrictEndpoint ec2(
        json{{"keys", {{"AKIDWEB", temporary_key()}}}, {"web_tokens", {{identity, "AKIDWEB"}}}});
    Workspace workspace(ec2);
    take_key_from(workspace);
    workspace.set("AWS_ENDPOINT_URL_STS", ec2.url());
    workspace.set("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/workspace");
    workspace.set("AWS_WEB_IDENTITY_TOKEN_FILE",
                  workspace.write("token", identity + "\n").string());
    const auto result = workspace.update({"-v"}).result();
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    CHECK(ec2.cidr_of(rule_id) == own_cidr);
    CHECK(ec2.actions().front() == "AssumeRoleWithWebIdentity 200");

    workspace.write("token", canary() + ".of.nobody");
    const auto refused = workspace.update().result();
    CHECK(refused.exit_code == 6);
    CHECK(contains(refused.err, "InvalidIdentityToken: No OpenIDConnect provider found"));
}

TEST_CASE("a container's credentials are used")
{
    const std::string printed = json{
        {"AccessKeyId", "AKIDBOX"},
        {"SecretAccessKey", canary()},
        {"Token", canary() + "/+=="},
        {"Expiration",
         "2999-01-01T00:00:00Z"}}.dump();
    const StrictEndpoint ec2(json{{"keys", {{"AKIDBOX", temporary_key()}}},
                                  {"addresses", {{"/credentials", {{"body", printed}}}}}});
    Workspace workspace(ec2);
    take_key_from(workspace);
    workspace.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", ec2.url() + "/credentials");
    workspace.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", canary());
    const auto result = workspace.update({"-v"}).result();
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    CHECK(ec2.cidr_of(rule_id) == own_cidr);
}

TEST_CASE("a certificate is checked, with the authorities of AWS_CA_BUNDLE or SSL_CERT_FILE")
{
    const Certificate ours("localhost");
    const StrictEndpoint ec2(json{
        {"tls", {{"certificate", ours.certificate().string()}, {"key", ours.key().string()}}}});
    Workspace workspace(ec2);
    const auto untrusted = workspace.update({"--ip", own_address}).result();
    CHECK(untrusted.exit_code == 6);
    CHECK(contains(untrusted.err, "AWS_CA_BUNDLE names a file"));
    CHECK_FALSE(contains(untrusted.err, "trying again"));
    CHECK(ec2.actions().empty());
    workspace.set(GENERATE(as<std::string>(), "AWS_CA_BUNDLE", "SSL_CERT_FILE"),
                  ours.certificate().string());
    const auto trusted = workspace.update({"--ip", own_address}).result();
    CAPTURE(trusted.err);
    CHECK(trusted.exit_code == 0);
    CHECK(ec2.cidr_of(rule_id) == own_cidr);
}
