#include "unit/config/fixture.hpp"

#include "config/profile/lambda_settings.hpp"
#include "support/paths.hpp"

#include <fmt/format.h>

#include <algorithm>

using namespace crudctl;
using namespace crudctl::config;
using namespace crudctl::config::test;

TEST_CASE("a trigger names its query alone, or in a table with fields", "[config]")
{
    const ProjectFolder project;
    const Settings settings = project.load_text(
        "[lambda]\n"
        "PostConfirmation_ConfirmSignUp = 'users/create'\n"
        "[lambda.PostAuthentication_Authentication]\n"
        "query = '${SEEN}'\n"
        "parameters = { pool = 'userPoolId', name = ['request.userAttributes.name', 'userName'] "
        "}\n",
        {{"SEEN", "users/seen"}});
    const auto triggers = settings.lambda();
    REQUIRE(triggers.size() == 2);
    CHECK(triggers[0].source == "PostConfirmation_ConfirmSignUp");
    CHECK(triggers[0].query.text == "users/create");
    CHECK(triggers[0].fields.empty());
    CHECK(triggers[1].query.text == "users/seen");
    CHECK(triggers[1].fields.at("pool") == std::vector<std::string>{"userPoolId"});
    CHECK(triggers[1].fields.at("name") ==
          std::vector<std::string>{"request.userAttributes.name", "userName"});
}

TEST_CASE("without triggers there are none", "[config]")
{
    const ProjectFolder project;
    CHECK(project.load_text("[lambda]\n").lambda().empty());
    CHECK(project.load_text("[project]\nname = 'x'\n").lambda().empty());
}

TEST_CASE("whatever is wrong in [lambda] is refused with its place", "[config]")
{
    const auto [text, message, hint] = GENERATE(table<std::string, std::string, std::string>({
        {"PostConfirmation_ConfirmSignup = 'x'",
         "crudctl.toml:2:1: \"PostConfirmation_ConfirmSignup\" is no trigger of Cognito",
         "did you mean \"PostConfirmation_ConfirmSignUp\"?"},
        {"zzz = 'x'", "crudctl.toml:2:1: \"zzz\" is no trigger of Cognito",
         "a triggerSource looks like PostConfirmation_ConfirmSignUp"},
        {"PreSignUp_SignUp = 7",
         "crudctl.toml:2:20: \"PreSignUp_SignUp\" must be a query's name, or a table with one", ""},
        {"PreSignUp_SignUp = { qery = 'x' }",
         "crudctl.toml:2:22: unknown key \"qery\" in [lambda.PreSignUp_SignUp]",
         "did you mean \"query\"?"},
        {"PreSignUp_SignUp = { query = 7 }", "crudctl.toml:2:30: \"query\" must be a text", ""},
        {"PreSignUp_SignUp = { parameters = 'x' }",
         "crudctl.toml:2:35: \"parameters\" must be a table", ""},
        {"PreSignUp_SignUp = { query = 'x', parameters = { a = 7 } }",
         "crudctl.toml:2:54: a parameter is taken from a field, or list of fields",
         "a field looks like \"request.userAttributes.name\""},
        {"PreSignUp_SignUp = { query = 'x', parameters = { a = ['b', ''] } }",
         "crudctl.toml:2:54: a parameter is taken from a field, or list of fields",
         "a field looks like \"request.userAttributes.name\""},
    }));
    const ProjectFolder project;
    const Failure failure =
        failure_of([text = text, &project] { project.load_text("[lambda]\n" + text + "\n"); });
    CHECK(failure.code == ExitCode::configuration);
    CHECK(failure.message == message);
    CHECK(failure.hint == hint);
}

TEST_CASE("a trigger without a query is refused when it is needed", "[config]")
{
    const ProjectFolder project;
    const Settings settings =
        project.load_text("[lambda]\nPreSignUp_SignUp = { parameters = { a = 'userName' } }\n");
    const Failure failure = failure_of([&] { settings.lambda(); });
    CHECK(failure.code == ExitCode::configuration);
    CHECK(failure.message == "crudctl.toml:2:1: [lambda] names no query for \"PreSignUp_SignUp\"");
}

TEST_CASE("the triggers show among the settings, with where they come from", "[config]")
{
    const ProjectFolder project;
    const auto lines = project
                           .load_text("[lambda]\nPreSignUp_SignUp = { query = 'a', parameters = { "
                                      "b = ['userName', 'region'] } }\n")
                           .lines();
    const auto value_of = [&](const std::string& key) {
        const auto line = std::ranges::find(lines, key, &SettingLine::key);
        return line == lines.end() ? "(no line)" : line->value + " from " + line->origin;
    };
    CHECK(value_of("lambda.PreSignUp_SignUp.query") == "a from crudctl.toml:2");
    CHECK(value_of("lambda.PreSignUp_SignUp.parameters.b") ==
          "userName, region from crudctl.toml:2");
}

TEST_CASE("the reference says where the usual parameters are taken from", "[config]")
{
    const std::string reference =
        read_file(crudctl::tests::source_folder() / "config/README.md", 1U << 20U).text;
    for (const char* parameter : {"cognito_user_id", "email", "display_name", "handle"}) {
        const auto fields = usual_fields(parameter);
        REQUIRE_FALSE(fields.empty());
        CHECK(reference.find(fmt::format("| {} | {}{} |", parameter, fields.front(),
                                         fields.size() > 1 ? ", else " + fields[1] : "")) !=
              std::string::npos);
    }
    CHECK(usual_fields("message").empty());
}
