#include "lambda_service.hpp"

#include "aws/strict_endpoint.hpp"
#include "pg/connection.hpp"
#include "support/canary.hpp"
#include "support/cli_runner.hpp"
#include "support/paths.hpp"
#include "support/system/file.hpp"
#include "support/temp_cluster.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::tests;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

CliCall run_in(const FunctionProject& project, std::vector<std::string> arguments)
{
    CliCall call(std::move(arguments));
    call.in_folder(project.root());
    for (const auto& [name, value] : project.variables()) {
        if (name != "PATH") {
            call.with_variable(name, value);
        }
    }
    return call.with_secret(TestCluster::running().password());
}

std::string first_user(const TempDatabase& database)
{
    return pg::Connection(database.info())
        .exec("select min(handle) || ' ' || count(*) from users")
        .scalar()
        .value_or("");
}

} // namespace

TEST_CASE("the event that is printed is done, once, and comes back as it is")
{
    const TempDatabase database;
    const FunctionProject project(database.url());
    pg::Connection(database.info())
        .exec_script(read_file(project.root() / "sql/schema.sql", 1U << 20U).text);
    const CliResult event = run_in(project, {"lambda", "event", "post-confirmation"}).result();
    CHECK(event.exit_code == 0);
    CHECK(json::parse(event.out)["triggerSource"] == "PostConfirmation_ConfirmSignUp");
    project.write("event.json", event.out);
    for (int i = 0; i < 2; ++i) {
        const CliResult done = run_in(project, {"lambda", "invoke", "event.json"}).result();
        CAPTURE(done.err);
        CHECK(done.exit_code == 0);
        CHECK(done.out == event.out);
        CHECK(first_user(database) == "dora 1");
    }
    SECTION("a forgotten password changes nothing")
    {
        pg::Connection(database.info()).exec_script("delete from users");
        const CliResult other = run_in(project, {"lambda", "event", "forgot-password"}).result();
        project.write("event.json", other.out);
        const CliResult done = run_in(project, {"lambda", "invoke", "event.json"}).result();
        CHECK(done.exit_code == 0);
        CHECK(done.out == other.out);
        CHECK(pg::Connection(database.info()).exec("select count(*) from users").scalar() == "0");
    }
    SECTION("an error is what Cognito would be told")
    {
        json broken = json::parse(event.out);
        broken["request"]["userAttributes"].erase("email");
        broken["request"]["userAttributes"]["sub"] = "other";
        project.write("event.json", broken.dump());
        const CliResult failed = run_in(project, {"lambda", "invoke", "event.json"}).result();
        CHECK(failed.exit_code == 1);
        CHECK(json::parse(failed.out)["errorType"] == "Crudctl.QueryFailed");
        CHECK(contains(failed.err, "23502"));
    }
}

TEST_CASE("an event that isn't there or isn't known is refused")
{
    const FunctionProject project("postgresql://u@127.0.0.1:1/d");
    CHECK(run_in(project, {"lambda", "invoke"}).result().exit_code == 2);
    CHECK(run_in(project, {"lambda", "invoke", "gone.json"}).result().exit_code == 3);
    const CliResult unknown = run_in(project, {"lambda", "event", "pre-dawn"}).result();
    CHECK(unknown.exit_code == 2);
    CHECK(contains(unknown.err, "post-confirmation and forgot-password"));
    CHECK(run_in(project, {"lambda", "fly"}).result().exit_code == 2);
}

TEST_CASE("what a function would do is told without a database")
{
    const FunctionProject project("postgresql://u@127.0.0.1:1/d");
    const CliResult told = run_in(project, {"lambda", "--dry-run"}).result();
    CHECK(told.exit_code == 0);
    CHECK(contains(told.err, "PostConfirmation_ConfirmSignUp runs users/create"));
    CHECK(contains(told.err, "email is request.userAttributes.email"));
}

TEST_CASE("a query and its fields have to fit")
{
    const FunctionProject project("postgresql://u@127.0.0.1:1/d");
    const auto [toml, sql, message] = GENERATE(table<std::string, std::string, std::string>({
        {"PreSignUp_SignUp = 'x'", "insert into users values (:pool);",
         "it takes \"pool\", and no field is named for it"},
        {"PreSignUp_SignUp = { query = 'x', parameters = { pol = 'userPoolId' } }",
         "insert into users values (:email);", "it has no parameter \"pol\""},
        {"PreSignUp_SignUp = 'x'", "update users set email = :email;",
         "it may destroy what is there"},
    }));
    project.write("crudctl.toml", "[lambda]\n" + toml + "\n");
    project.write("sql/queries/x.sql", sql);
    const CliResult refused = run_in(project, {"lambda", "--dry-run"}).result();
    CHECK(refused.exit_code == 3);
    CHECK(contains(refused.err, message));
    CHECK(contains(refused.err, "crudctl.toml:2:"));
}

TEST_CASE("the package has what the function needs, and no secret")
{
    const FunctionProject project("");
    project.write(".env", "FUNCTION_URL=postgresql://u:" + canary() + "@127.0.0.1/d\n");
    fs::permissions(project.root() / ".env", fs::perms::owner_read | fs::perms::owner_write);
    project.write("certificates/root.pem", "of RDS\n");
    project.write("crudctl.toml", "[lambda]\nPostConfirmation_ConfirmSignUp = \"users/create\"\n"
                                  "[profiles.function]\nurl = \"${FUNCTION_URL}\"\n"
                                  "sslrootcert = 'certificates/root.pem'\n");
    const CliResult made =
        run_in(project, {"lambda", "package", "-p", "function", "-o", "f.zip", "--json"}).result();
    CAPTURE(made.err);
    REQUIRE(made.exit_code == 0);
    const json files = json::parse(made.out)["files"];
    for (const char* name :
         {"bootstrap", "lib/crudctl", "lib/crudctl-loader", "lib/libc.so.6", "lib/libpq.so.5",
          "crudctl.toml", "sql/queries/users/create.sql", "certificates/root.pem"}) {
        CAPTURE(name, files.dump());
        CHECK(std::ranges::count(files, json(name)) == 1);
    }
    CHECK(std::ranges::count(files, json(".env")) == 0);
    const std::string zip = read_file(project.root() / "f.zip", std::size_t{1} << 30U).text;
    CHECK(json::parse(made.out)["bytes"] == zip.size());

    SECTION("the same again are the same bytes")
    {
        run_in(project, {"lambda", "package", "-p", "function", "-o", "f.zip"}).result();
        CHECK(read_file(project.root() / "f.zip", std::size_t{1} << 30U).text == zip);
    }
}

TEST_CASE("a package with a password, or without what it needs, is not made")
{
    const FunctionProject project("");
    const std::string lambda = "[lambda]\nPostConfirmation_ConfirmSignUp = 'users/create'\n";
    const auto [toml, message] = GENERATE_COPY(table<std::string, std::string>({
        {lambda + "[profiles.function]\nurl = 'postgresql://u:" + canary() + "@h/d'\n",
         "it holds a password"},
        {lambda + "[project]\nqueries = '/usr/share'\n", "no query"},
        {lambda + "[profiles.function]\nsslrootcert = '/etc/ssl/certs/ca-certificates.crt'\n",
         "is outside of the project"},
        {"[project]\nname = 'x'\n", "names no trigger"},
    }));
    project.write("crudctl.toml", toml);
    fs::permissions(project.root() / "crudctl.toml",
                    fs::perms::owner_read | fs::perms::owner_write);
    const CliResult refused = run_in(project, {"lambda", "package"}).result();
    CAPTURE(refused.err);
    CHECK(refused.exit_code == 3);
    CHECK(contains(refused.err, message));
    CHECK_FALSE(fs::exists(project.root() / "crudctl-lambda.zip"));
}
