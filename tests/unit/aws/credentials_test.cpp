#include "aws/credentials/credential_chain.hpp"
#include "unit/aws/credential_scene.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::aws;
using namespace crudctl::aws::test;

namespace {

using Scene = CredentialScene;

const std::string two_profiles = "[default]\naws_access_key_id = DEFAULT\n"
                                 "aws_secret_access_key = s3cr3t-k3y\n"
                                 "[dev]\naws_access_key_id = DEV\n"
                                 "aws_secret_access_key = s3cr3t-k3y\naws_session_token = t0k3n\n";

void set_key(Environment& environment, const std::string& id)
{
    environment.set("AWS_ACCESS_KEY_ID", id);
    environment.set("AWS_SECRET_ACCESS_KEY", secret);
}

} // namespace

TEST_CASE("keys: the environment's, else the profile's", "[aws]")
{
    Scene scene("", two_profiles);
    CHECK(scene.outcome() == "DEFAULT");
    scene.environment.set("AWS_PROFILE", "dev");
    const Credentials dev = scene.find();
    CHECK(dev.access_key_id == "DEV");
    CHECK(dev.secret_access_key.reveal() == secret);
    CHECK(dev.session_token.reveal() == "t0k3n");
    CHECK(dev.source == "~/.aws/credentials:5");
    set_key(scene.environment, "ENV");
    CHECK(scene.outcome() == "ENV");
    CHECK(scene.told.find("not that of the AWS profile \"dev\" (AWS_PROFILE)") !=
          std::string::npos);
}

TEST_CASE("a profile that the settings name overrules keys of the environment", "[aws]")
{
    Scene scene("", two_profiles);
    set_key(scene.environment, "ENV");
    scene.setting = Found{"dev", "crudctl.toml:9"};
    CHECK(scene.outcome() == "DEV");
}

TEST_CASE("empty variables count as none, as the Lambda emulator sets them", "[aws]")
{
    Scene scene("", two_profiles);
    for (const char* name : {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}) {
        scene.environment.set(name, "");
    }
    CHECK(scene.outcome() == "DEFAULT");
}

TEST_CASE("half of a key is an error, and nothing else is taken in its place", "[aws]")
{
    Scene scene("", two_profiles);
    scene.environment.set("AWS_ACCESS_KEY_ID", "ENV");
    CHECK(scene.outcome().starts_with("3 the environment (AWS_ACCESS_KEY_ID) has half of"));
    Scene file("", "[default]\naws_secret_access_key = s3cr3t-k3y\n");
    CHECK(file.outcome().starts_with("3 ~/.aws/credentials:2 has half of an access key"));
}

TEST_CASE("a key with a line break is refused, and not shown", "[aws]")
{
    Scene scene;
    set_key(scene.environment, "ENV");
    scene.environment.set("AWS_SECRET_ACCESS_KEY", std::string(secret) + "\r");
    CHECK(scene.outcome().starts_with("3 the access key of the environment (AWS_ACCESS_KEY_ID) has "
                                      "a character that no key has"));
}

TEST_CASE("credentials that ran out are told before they are used", "[aws]")
{
    Scene scene;
    set_key(scene.environment, "ENV");
    for (const char* over : {"2026-11-22T11:59:59Z", "2026-11-22T11:59:59.123456+00:00"}) {
        scene.environment.set("AWS_CREDENTIAL_EXPIRATION", over);
        CHECK(scene.outcome().starts_with("6 the AWS credentials of the environment"));
    }
    scene.environment.set("AWS_CREDENTIAL_EXPIRATION", "2026-11-22T12:00:01+00:00");
    CHECK(scene.outcome() == "ENV");
    scene.environment.set("AWS_CREDENTIAL_EXPIRATION", "2999-01-01T00:00:00Z");
    CHECK(scene.outcome() == "ENV");
    scene.environment.set("AWS_CREDENTIAL_EXPIRATION", "whenever");
    CHECK(scene.outcome() == "ENV");
}

TEST_CASE("no credentials at all is an error with the ways to have some", "[aws]")
{
    Scene scene;
    CHECK(scene.outcome().starts_with("6 there are no AWS credentials | set AWS_ACCESS_KEY_ID"));
}

TEST_CASE("a profile that was asked for and has no credentials is not replaced", "[aws]")
{
    Scene scene("[profile bare]\nregion = eu-west-1\n", two_profiles);
    scene.environment.set("AWS_PROFILE", "bare");
    scene.environment.set("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere");
    scene.environment.set("AWS_ROLE_ARN", "arn");
    scene.environment.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/");
    CHECK(
        scene.outcome().starts_with("6 the AWS profile \"bare\" (AWS_PROFILE) has no credentials"));
    CHECK(scene.http.requests.empty());
}

TEST_CASE("credential_process is run without a shell, and its JSON taken", "[aws]")
{
    Scene scene("[default]\ncredential_process = \"/opt/my tool\" --for 'a b' $HOME x\\ y\n");
    scene.programs.answer = {0, json_key("PROC", R"(,"Expiration":"2026-11-22T13:00:00Z")"), ""};
    CHECK(scene.outcome() == "PROC");
    CHECK(scene.programs.calls.at(0) ==
          std::vector<std::string>{"/opt/my tool", "--for", "a b", "$HOME", "x y"});
}

TEST_CASE("a credential_process that fails, or says something else, gives no credentials", "[aws]")
{
    Scene scene("[default]\ncredential_process = tool\n");
    scene.programs.answer = {3, json_key("PROC"), "Traceback\nno such vault\n"};
    CHECK(scene.outcome().starts_with(
        "6 credential_process (~/.aws/config:2) failed with exit code 3: no such vault"));
    for (const std::string& out :
         {std::string(), std::string("not JSON ") + secret, std::string("[]"),
          R"({"Version":1,"AccessKeyId":7,"SecretAccessKey":")" + std::string(secret) + "\"}"}) {
        scene.programs.answer = {0, out, ""};
        CHECK(scene.outcome().starts_with(
            "6 credential_process (~/.aws/config:2) gave no credentials"));
    }
    std::string other = json_key("PROC");
    other.replace(other.find(":1"), 2, ":2");
    scene.programs.answer = {0, other, ""};
    CHECK(scene.outcome().find("another version than 1") != std::string::npos);
    scene.programs.answer = {0, json_key("PROC", R"(,"Expiration":"2026-11-22T11:00:00Z")"), ""};
    CHECK(scene.outcome().find("ran out at") != std::string::npos);
}

TEST_CASE("a command is cut into words as a shell does it", "[aws]")
{
    using Words = std::vector<std::string>;
    const auto words = [](const char* text) { return command_words(text, "config:2"); };
    CHECK(words("a  b\tc") == Words{"a", "b", "c"});
    CHECK(words("a '' \"\"") == Words{"a", "", ""});
    CHECK(words(R"(a"b c"'d e'f)") == Words{"ab cd ef"});
    CHECK(words(R"("a \" \\ \n" '\')") == Words{R"(a " \ \n)", R"(\)"});
    CHECK_THROWS_AS(words("a 'b"), Error);
    CHECK_THROWS_AS(words("  "), Error);
}

TEST_CASE("SSO, MFA and chains of roles are left to the AWS CLI", "[aws]")
{
    for (const char* lines :
         {"sso_session = s\n", "sso_start_url = u\n", "login_session = l\n",
          "role_arn = r\nsource_profile = default\n", "role_arn = r\nmfa_serial = m\n"}) {
        Scene scene(std::string("[profile p]\n") + lines, two_profiles);
        scene.environment.set("AWS_PROFILE", "p");
        scene.programs.answer = {0, json_key("CLI"), ""};
        CHECK(scene.outcome() == "CLI");
        CHECK(scene.programs.calls.at(0) ==
              std::vector<std::string>{"aws", "configure", "export-credentials", "--profile", "p",
                                       "--format", "process"});
    }
}

TEST_CASE("without the AWS CLI the setting that wants it is named, and the ways out", "[aws]")
{
    Scene scene("[profile p]\nsso_session = s\n", two_profiles);
    scene.environment.set("AWS_PROFILE", "p");
    scene.programs.has_cli = false;
    CHECK(
        scene.outcome().starts_with("6 the AWS profile \"p\" wants sso_session (~/.aws/config:2), "
                                    "which takes the AWS CLI, and there is none | install"));
    scene.programs.has_cli = true;
    scene.programs.answer = {255, "", "\nError loading SSO Token: Token for s does not exist\n"};
    CHECK(scene.outcome().find("Token for s does not exist | aws sso login --profile p") !=
          std::string::npos);
    scene.programs.answer = {252, "",
                             "aws: error: Invalid choice, valid choices are:\n\nset | get\n"};
    CHECK(scene.outcome().find("| this AWS CLI is too old for it") != std::string::npos);
}
