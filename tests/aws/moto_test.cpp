#include "aws/must_run.hpp"
#include "support/canary.hpp"
#include "support/cli_runner.hpp"
#include "support/paths.hpp"
#include "support/system/file.hpp"
#include "support/talking_program.hpp"
#include "support/temp_folder.hpp"

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace crudctl;
using namespace crudctl::tests;
using nlohmann::json;

namespace {

/// An EC2 that checks signatures and rights, and that this project did not write.
class Moto {
public:
    Moto(const std::string& python, int free_calls)
        : m_program({python, (source_folder() / "tests/aws/moto_scene.py").string(),
                     std::to_string(free_calls)},
                    {}),
          m_scene(json::parse(m_program.first_line()))
    {}

    /// What the scene has under this name.
    std::string operator[](const char* name) const { return m_scene[name]; }

    CliCall update(const char* user, std::vector<std::string> arguments = {},
                   const std::string& rule = {}) const
    {
        arguments.insert(arguments.begin(), "update-sg-rule");
        return run(user, std::move(arguments), rule);
    }

    CliCall run(const char* user, std::vector<std::string> arguments,
                const std::string& rule = {}) const
    {
        CliCall call(std::move(arguments));
        call.with_variable("AWS_ACCESS_KEY_ID", m_scene[user]["id"])
            .with_variable("AWS_SECRET_ACCESS_KEY", m_scene[user]["secret"])
            .with_secret(m_scene[user]["secret"])
            .with_variable("AWS_REGION", "ca-central-1")
            .with_variable("AWS_ENDPOINT_URL_EC2", m_scene["url"])
            .with_variable("AWS_ENDPOINT_URL_RDS", m_scene["url"])
            .with_variable("DB_SG_ID", m_scene["group"])
            .with_variable("DB_SG_RULE_ID",
                           rule.empty() ? m_scene["rule"].get<std::string>() : rule);
        return call;
    }

    /// CIDR and description by the rule's id.
    json rules() const { return json::parse(m_program.ask("rules")); }

private:
    TalkingProgram m_program;
    json m_scene;
};

/// Nothing where moto could not be installed. So many calls are let in without a key.
std::unique_ptr<Moto> start_moto(int free_calls = 0)
{
    const char* folder = std::getenv("CRUDCTL_TEST_MOTO");
    const std::filesystem::path root = folder == nullptr ? "" : folder;
    if (!is_there(root / "installed.txt")) {
        tell_not_run("moto is not installed");
        return nullptr;
    }
    return std::make_unique<Moto>((root / "venv/bin/python").string(), free_calls);
}

} // namespace

TEST_CASE("moto takes our signatures, and its rule gets the address")
{
    const auto moto = start_moto();
    if (!moto) {
        return;
    }
    const auto first = moto->update("all", {"--ip", "203.0.113.7"}).result();
    CAPTURE(first.err);
    CHECK(first.exit_code == 0);
    const json expected = json::array({"203.0.113.7/32", "GITPOD"});
    CHECK(moto->rules() == json{{(*moto)["rule"], expected}});
    CHECK(moto->update("all", {"--ip", "203.0.113.7", "--check"}).result().exit_code == 0);
    CHECK(moto->update("all", {"--ip", "203.0.113.8", "--check"}).result().exit_code == 7);
    CHECK(moto->update("all", {"--ip", "203.0.113.8", "--dry-run"}).result().exit_code == 0);
    CHECK(moto->rules().at((*moto)["rule"]) == expected);
}

TEST_CASE("moto's rule is found by its description, made, and removed")
{
    const auto moto = start_moto();
    if (!moto) {
        return;
    }
    CHECK(
        moto->update("all", {"--ip", "203.0.113.7"}, "sgr-0000000000000dead").result().exit_code ==
        0);
    CHECK(moto->rules().at((*moto)["rule"])[0] == "203.0.113.7/32");
    const auto made =
        moto->update("all", {"--ip", "203.0.113.9", "--json"}, "per-workspace").result();
    CAPTURE(made.err);
    CHECK(made.exit_code == 0);
    const std::string id = json::parse(made.out)["rule"];
    CHECK(moto->rules().at(id)[0] == "203.0.113.9/32");
    CHECK(moto->rules().size() == 2);
}

TEST_CASE("moto refuses who may not, and nothing is changed")
{
    const auto moto = start_moto();
    if (!moto) {
        return;
    }
    const auto refused = moto->update("look", {"--ip", "203.0.113.7"}).result();
    CHECK(refused.exit_code == 6);
    CHECK(refused.err.find("ModifySecurityGroupRules") != std::string::npos);
    const auto forged = moto->update("all", {"--ip", "203.0.113.7"})
                            .with_variable("AWS_SECRET_ACCESS_KEY", canary())
                            .result();
    CHECK(forged.exit_code == 6);
    CHECK(forged.err.find("AuthFailure") != std::string::npos);
    CHECK(moto->rules().at((*moto)["rule"])[0] == "198.51.100.1/32");
}

TEST_CASE("moto's STS gives a workspace's role for its token, and EC2 takes the role's key")
{
    constexpr int call_without_key = 1;
    const auto moto = start_moto(call_without_key);
    if (!moto) {
        return;
    }
    const TempFolder folder;
    folder.write("token", "of-a-workspace");
    const auto updated = moto->update("all", {"--ip", "203.0.113.7"})
                             .with_variable("AWS_ACCESS_KEY_ID", "")
                             .with_variable("AWS_SECRET_ACCESS_KEY", "")
                             .with_variable("AWS_ENDPOINT_URL_STS", (*moto)["url"])
                             .with_variable("AWS_WEB_IDENTITY_TOKEN_FILE", folder / "token")
                             .with_variable("AWS_ROLE_ARN", (*moto)["role"])
                             .result();
    CAPTURE(updated.err);
    CHECK(updated.exit_code == 0);
    CHECK(moto->rules().at((*moto)["rule"])[0] == "203.0.113.7/32");
}

TEST_CASE("moto's instance is stopped and started")
{
    const auto moto = start_moto();
    if (!moto) {
        return;
    }
    const TempFolder folder;
    folder.write("crudctl.toml", "[profiles.local.aws]\ninstance = 'cruddur-db-instance'\n");
    const auto rds = [&](const char* user, const std::string& action) {
        auto call = moto->run(user, {"rds", action, "--json", "--wait=60s"});
        return call.in_folder(folder.path()).with_variable("HOME", folder.path()).result();
    };
    const auto stopped = rds("all", "stop");
    CAPTURE(stopped.err);
    CHECK(stopped.exit_code == 0);
    CHECK(json::parse(stopped.out)["status"] == "stopped");
    CHECK(rds("look", "start").exit_code == 6);
    const auto started = rds("all", "start");
    CAPTURE(started.err);
    CHECK(started.exit_code == 0);
    CHECK(json::parse(started.out)["status"] == "available");
    CHECK(json::parse(rds("all", "status").out)["class"] == "db.t3.micro");
}

TEST_CASE("moto's RDS makes an instance, and deletes it with a final snapshot")
{
    const auto moto = start_moto();
    if (!moto) {
        return;
    }
    const TempFolder folder;
    folder.write("crudctl.toml",
                 "[project]\nname = 'cruddur'\n[profiles.local]\nprotected = false\n"
                 "[profiles.local.aws]\ninstance = 'fresh'\nengine_version = '16'\n"
                 "zone = 'ca-central-1a'\ndeletion_protection = false\n");
    const auto rds = [&](const char* user, std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "rds");
        auto call = moto->run(user, std::move(arguments));
        return call.in_folder(folder.path()).with_variable("HOME", folder.path()).result();
    };
    CHECK(rds("look", {"create"}).exit_code == 6);
    const auto made = rds("all", {"create", "--json", "--wait=60s"});
    CAPTURE(made.err);
    REQUIRE(made.exit_code == 0);
    CHECK(json::parse(made.out)["status"] == "available");
    CHECK(json::parse(made.out)["backup_days"] == 7);
    CHECK(made.err.find("password in Secrets Manager: arn:aws:secretsmanager:") !=
          std::string::npos);
    const std::vector<std::string> removal = {"delete", "--json", "--wait=60s", "--confirm",
                                              "fresh@local"};
    CHECK(rds("look", removal).exit_code == 6);
    const auto deleted = rds("all", removal);
    CAPTURE(deleted.err);
    REQUIRE(deleted.exit_code == 0);
    const json document = json::parse(deleted.out);
    CHECK(document["status"] == "deleted");
    CHECK(document["final_snapshot"].get<std::string>().starts_with("fresh-final-"));
    CHECK(rds("all", {"status"}).exit_code == 6);
}
