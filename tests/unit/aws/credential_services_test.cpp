#include "unit/aws/credential_scene.hpp"

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::aws;
using namespace crudctl::aws::test;
using Scene = CredentialScene;

TEST_CASE("a web identity is exchanged for credentials by an unsigned request", "[aws]")
{
    Scene scene;
    scene.home.write("token", "ey.J.w\n");
    scene.environment.set("AWS_WEB_IDENTITY_TOKEN_FILE", (scene.home / "token").string());
    CHECK(scene.outcome().starts_with("3 AWS_WEB_IDENTITY_TOKEN_FILE is set, and AWS_ROLE_ARN is"));
    scene.environment.set("AWS_ROLE_ARN", "arn:aws:iam::1:role/r");
    scene.http.answers = {says(
        200,
        "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
        "<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>WEB</AccessKeyId>"
        "<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken></Credentials>"
        "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>")};
    CHECK(scene.outcome() == "WEB");
    const HttpRequest& request = scene.http.requests.at(0);
    CHECK(request.url == "https://sts.eu-west-1.amazonaws.com/");
    CHECK_FALSE(request.headers.contains("authorization"));
    CHECK(*request.body ==
          "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3A"
          "iam%3A%3A1%3Arole%2Fr&RoleSessionName=crudctl-1795348800&"
          "WebIdentityToken=ey.J.w");
}

TEST_CASE("a profile's own web identity is exchanged, too", "[aws]")
{
    Scene scene;
    scene.home.write("token", "ey.J.w");
    scene.home.write(".aws/config", "[profile p]\nrole_arn = r\nweb_identity_token_file = " +
                                        (scene.home / "token").string() +
                                        "\nrole_session_name = me\n");
    scene.environment.set("AWS_PROFILE", "p");
    scene.http.answers = {says(400, "<ErrorResponse><Error><Code>InvalidIdentityToken</Code>"
                                    "<Message>No</Message></Error></ErrorResponse>")};
    CHECK(scene.outcome().starts_with(
        "6 sts AssumeRoleWithWebIdentity failed: InvalidIdentityToken"));
    CHECK(scene.http.requests.at(0).body->find("&RoleSessionName=me&") != std::string::npos);
}

TEST_CASE("a container's credentials are asked for at its own address", "[aws]")
{
    Scene scene;
    scene.environment.set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/x");
    scene.environment.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic abc");
    scene.http.answers = {says(500, ""), fails(HttpError::Outlook::may_pass),
                          says(200, R"({"AccessKeyId":"CONT","SecretAccessKey":"s","Token":"t",)"
                                    R"("Expiration":"2026-11-22T13:00:00Z"})")};
    const Credentials credentials = scene.find();
    CHECK(credentials.access_key_id == "CONT");
    CHECK(credentials.session_token.reveal() == "t");
    CHECK(scene.http.requests.at(2).url == "http://169.254.170.2/v2/credentials/x");
    CHECK(scene.http.requests.at(2).headers.at("authorization") == "Basic abc");
    scene.http.answers = {says(404, "")};
    CHECK(scene.outcome().find("gave no credentials: HTTP 404") != std::string::npos);
}

TEST_CASE("a container's credentials are not asked for anywhere else over plain HTTP", "[aws]")
{
    for (const char* url : {"http://example.com/", "http://10.0.0.1/", "http://169.254.1.1/",
                            "ftp://127.0.0.1/", "nonsense"}) {
        Scene scene;
        scene.environment.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
        CHECK(scene.outcome().starts_with("3 AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https"));
    }
    for (const char* url : {"https://example.com/x", "http://127.0.0.1:9/x", "http://localhost/x",
                            "http://169.254.170.23/x", "http://[fd00:ec2::23]/x"}) {
        Scene scene;
        scene.environment.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
        scene.http.answers = {says(200, json_key("C"))};
        CHECK(scene.outcome() == "C");
    }
}

TEST_CASE("a container's token comes from its file, in one line", "[aws]")
{
    Scene scene;
    scene.home.write("token", "abc\n");
    scene.environment.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/x");
    scene.environment.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "old");
    scene.environment.set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                          (scene.home / "token").string());
    scene.http.answers = {says(200, json_key("C"))};
    CHECK(scene.outcome() == "C");
    CHECK(scene.http.requests.at(0).headers.at("authorization") == "abc");
    scene.home.write("token", "abc\r\nx-evil: 1\n");
    CHECK(scene.outcome().starts_with("3 the container's authorization token has a line break"));
}
