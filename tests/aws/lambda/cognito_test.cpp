#include "aws/must_run.hpp"
#include "lambda_service.hpp"

#include "aws/strict_endpoint.hpp"
#include "pg/connection.hpp"
#include "support/cli_runner.hpp"
#include "support/paths.hpp"
#include "support/system/file.hpp"
#include "support/temp_cluster.hpp"

#include <cstdlib>
#include <filesystem>
#include <memory>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::tests;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

/// Where install_tools.sh put them; empty where one is missing.
fs::path tools()
{
    const char* folder = std::getenv("CRUDCTL_TEST_LAMBDA_TOOLS");
    const fs::path root = folder == nullptr ? "" : folder;
    if (!is_there(root / "emulator.installed")) {
        tell_not_run("the Lambda emulator is not installed");
        return {};
    }
    if (!is_there(root / "cognito.installed")) {
        tell_not_run("cognito-local is not installed");
        return {};
    }
    return root;
}

/// The zip of the project's function, as `lambda package` makes it.
fs::path packaged(const FunctionProject& project)
{
    const auto made = run_crudctl({"lambda", "package", "-p", "function", "-o", "f.zip"})
                          .in_folder(project.root())
                          .result();
    INFO(made.err);
    REQUIRE(made.exit_code == 0);
    return project.root() / "f.zip";
}

/// The user pool whose trigger is the project's packaged function.
class CognitoScene {
public:
    CognitoScene(const fs::path& tools, const FunctionProject& project)
    {
        const json settings = {
            {"tools", tools},
            {"package", packaged(project)},
            {"folder", m_folder.path()},
            {"environment", {{"FUNCTION_URL", project.variables().at("FUNCTION_URL")}}}};
        const auto file = m_folder.write("settings.json", settings.dump());
        m_program = std::make_unique<TalkingProgram>(
            std::vector<std::string>{
                "/usr/bin/python3",
                (source_folder() / "tests/aws/lambda/cognito_scene.py").string(), file.string()},
            std::map<std::string, std::string>());
    }

    /// The user's `sub`.
    std::string sign_up(const json& attributes) const
    {
        const json answer = json::parse(m_program->ask(attributes.dump()));
        INFO(answer.dump());
        REQUIRE(answer.contains("sub"));
        return answer["sub"];
    }

    std::string invoke(const std::string& event) const
    {
        return json::parse(m_program->ask(json(event).dump()));
    }

    std::string log(const char* name) const
    {
        return read_file(m_folder / name, std::size_t{16} << 20U).text;
    }

private:
    TempFolder m_folder{0755};
    std::unique_ptr<TalkingProgram> m_program;
};

} // namespace

TEST_CASE("who signs up with Cognito and confirms has a row, and can post")
{
    const fs::path root = tools();
    if (root.empty()) {
        return;
    }
    const TempDatabase database;
    const FunctionProject project(database.url());
    pg::Connection connection(database.info());
    connection.exec_script(read_file(project.root() / "sql/schema.sql", 1U << 20U).text);
    const CognitoScene scene(root, project);

    const std::string sub = scene.sign_up({{"email", "dora@cruddur.example"},
                                           {"name", "Dora \"D\" O'Hara; --"},
                                           {"preferred_username", "Dora"}});
    CAPTURE(scene.log("emulator.log"), scene.log("cognito.log"));
    const auto users =
        connection.exec("select handle, display_name, email, cognito_user_id from users");
    REQUIRE(users.size() == 1);
    CHECK(users[0].text("handle") == "dora");
    CHECK(users[0].text("display_name") == "Dora \"D\" O'Hara; --");
    CHECK(users[0].text("email") == "dora@cruddur.example");
    CHECK(users[0].text("cognito_user_id") == sub);

    scene.sign_up({{"email", "other@cruddur.example"}, {"preferred_username", "dora"}});
    CHECK(connection.exec("select count(distinct handle) from users").scalar() == "2");
    CHECK_FALSE(contains(scene.log("emulator.log"), "Hara"));

    const auto posted = run_crudctl({"query", "activities/create", "handle=dora", "message=Hello",
                                     "--null", "cognito_user_id", "--null", "expires_at"})
                            .in_folder(project.root())
                            .with_variable("FUNCTION_URL", database.url())
                            .with_variable("CRUDCTL_PROFILE", "function")
                            .result();
    CAPTURE(posted.err);
    CHECK(posted.exit_code == 0);
    CHECK(connection
              .exec("select message from activities join users on users.uuid = user_uuid"
                    " where cognito_user_id = $1",
                    sub)
              .scalar() == "Hello");
}

TEST_CASE("the emulator gets its event back byte for byte, or a word for the user")
{
    const fs::path root = tools();
    if (root.empty()) {
        return;
    }
    const TempDatabase database;
    const FunctionProject project(database.url());
    const CognitoScene scene(root, project);
    json event = json::parse(sign_up());
    event["triggerSource"] = "PostConfirmation_ConfirmForgotPassword";
    const std::string text = "  " + event.dump(7) + "\n";
    CHECK(scene.invoke(text) == text);
    const json failed = json::parse(scene.invoke(sign_up())); // there is no table
    CHECK(failed["errorType"] == "Crudctl.QueryFailed");
    CHECK(failed["errorMessage"] == "sign-up could not be completed, please try again");
    CHECK(contains(scene.log("emulator.log"), "42P01"));
}
