#include "cli/connect/log_in_checks.hpp"
#include "commands/lambda/templates.hpp"
#include "support/canary.hpp"
#include "support/fake_bin.hpp"
#include "support/paths.hpp"
#include "support/talking_program.hpp"
#include "support/throw_away_server.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace crudctl;
using namespace crudctl::tests;
using nlohmann::json;

namespace {

constexpr const char* endpoint = "cruddur-db.abc.ca-central-1.rds.amazonaws.com:5432";

/// A real server that nobody gets to but through a door like RDS's, and a project whose profile
/// `local` leads to it by a tunnel.
class Scene {
public:
    explicit Scene(const json& more = json::object())
        : m_server({"", "host all all 127.0.0.1/32 trust", nullptr})
    {
        json scene = {
            {"keys",
             {{"AKIDTEST", {{"secret", canary()}}},
              {"ASIATEST", {{"secret", canary()}, {"token", canary() + "/+=="}}}}},
            {"server", std::stoi(m_server.port())},
            {"endpoint", endpoint},
            {"region", "ca-central-1"},
            {"certificate", m_certificate.certificate().string()},
            {"key", m_certificate.key().string()},
        };
        scene.merge_patch(more);
        const auto file = m_folder.write("scene.json", scene.dump());
        m_door = std::make_unique<TalkingProgram>(
            std::vector<std::string>{"/usr/bin/python3",
                                     (source_folder() / "tests/aws/rds_door.py").string(),
                                     file.string()},
            std::map<std::string, std::string>());
        project.set_variable("AWS_ACCESS_KEY_ID", "AKIDTEST");
        project.set_variable("AWS_SECRET_ACCESS_KEY", canary());
        use(fmt::format("[profiles.local.aws]\nendpoint = '{}'\n", endpoint));
    }

    /// The profile, with these lines after its own.
    void use(const std::string& lines, const std::string& parameters = {})
    {
        project.write("crudctl.toml",
                      "[project]\nschema = ['sql/schema.sql']\nseeds = ['sql/seed.sql']\n"
                      "[profiles.local]\nurl = '${CONNECTION_URL}'\nauth = 'rds-iam'\n" +
                          lines);
        project.set_variable("CONNECTION_URL",
                             fmt::format("postgresql://postgres@localhost:{}/cruddur?sslrootcert={}"
                                         "{}",
                                         m_door->first_line(), m_certificate.certificate().string(),
                                         parameters));
    }

    CliResult run(std::vector<std::string> arguments) const
    {
        return project.run_crudctl(std::move(arguments)).result();
    }

    /// What became of each log-in.
    std::vector<std::string> verdicts() const
    {
        std::vector<std::string> verdicts;
        for (const json& entry : json::parse(m_door->ask("log"))) {
            CHECK(entry["user"] == "postgres");
            verdicts.push_back(entry["verdict"]);
        }
        return verdicts;
    }

    SampleProject project;

private:
    Certificate m_certificate{"localhost"};
    ThrowAwayServer m_server;
    TempFolder m_folder;
    std::unique_ptr<TalkingProgram> m_door;
};

} // namespace

TEST_CASE("a token of IAM lets in where the server takes nothing else")
{
    const Scene scene;
    check_succeeds(scene.run({"setup"}));
    check_succeeds(scene.run({"sessions"}));
    const auto verdicts = scene.verdicts();
    CHECK(verdicts.size() >= 3); // two for setup
    CHECK(std::count(verdicts.begin(), verdicts.end(), "let in") ==
          static_cast<std::ptrdiff_t>(verdicts.size()));
}

TEST_CASE("a function logs in by a token of IAM")
{
    Scene scene;
    scene.use(fmt::format("[profiles.local.aws]\nendpoint = '{}'\n"
                          "[lambda]\nPostConfirmation_ConfirmSignUp = 'users/create'\n",
                          endpoint));
    check_succeeds(scene.run({"setup"}));
    scene.project.write("event.json", commands::templates::post_confirmation_json);
    check_succeeds(scene.run({"lambda", "invoke", "event.json"}));
    check_succeeds(scene.run({"query", "users/short", "handle=dora", "--one"}));
    for (const std::string& verdict : scene.verdicts()) {
        CHECK(verdict == "let in");
    }
}

TEST_CASE("a token of temporary credentials holds theirs")
{
    Scene scene;
    scene.project.set_variable("AWS_ACCESS_KEY_ID", "ASIATEST");
    scene.project.set_variable("AWS_SESSION_TOKEN", canary() + "/+==");
    check_succeeds(scene.run({"create"}));
    CHECK(scene.verdicts() == std::vector<std::string>{"let in"});
}

TEST_CASE("each log-in has a token of its own, as of then")
{
    const Scene scene(json{{"starting", true}});
    check_succeeds(scene.run({"create", "--wait=60s"}));
    const auto verdicts = scene.verdicts();
    REQUIRE(verdicts.size() >= 2);
    CHECK(verdicts.front() == "starting");
    CHECK(verdicts.back() == "let in");
}

TEST_CASE("what the server does not take for a token is told with what it takes")
{
    const auto check_refused = [](const Scene& scene, const std::string& verdict) {
        check_fails(scene.run({"create"}), "PAM authentication failed for user \"postgres\"",
                    "the user GRANT rds_iam, the key rds-db:connect");
        CHECK(contains(scene.verdicts().back(), verdict));
    };
    check_refused(Scene(json{{"clock_offset", 1000}}), "RequestExpired");
    check_refused(Scene(json{{"region", "eu-west-1"}}), "SignatureDoesNotMatch");
    check_refused(Scene(json{{"endpoint", "other.abc.ca-central-1.rds.amazonaws.com:5432"}}),
                  "SignatureDoesNotMatch");
    check_refused(Scene(json{{"keys", {{"AKIDTEST", {{"secret", "another"}}}}}}),
                  "the signature is another one");
}

TEST_CASE("a password where only a token is taken is told so")
{
    Scene scene;
    scene.project.write("crudctl.toml", "[profiles.local]\nurl = '${CONNECTION_URL}'\n");
    scene.project.set_variable("PGPASSWORD", canary());
    check_fails(scene.run({"create"}), "PAM authentication failed", "auth = \"rds-iam\"");
}

TEST_CASE("connect gives psql the token in its environment")
{
    Scene scene;
    check_succeeds(scene.run({"create"}));
    const auto result = scene.run({"connect", "--", "-XAtc", "select 1 + 1"});
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    CHECK(result.out == "2\n");
    CHECK(scene.verdicts().back() == "let in");
    const FakeBin programs;
    programs.add("psql");
    scene.project.run_crudctl({"connect"}).with_programs_from(programs.folder()).result();
    const auto calls = programs.calls("psql");
    REQUIRE(calls.size() == 1);
    const std::string token = std::string(endpoint) + "/?Action=connect&DBUser=postgres&";
    CHECK(calls[0].environment.at("PGPASSWORD").starts_with(token));
    for (const std::string& argument : calls[0].arguments) {
        CHECK_FALSE(contains(argument, "Action"));
    }
}

TEST_CASE("nothing is sent where a token would be no good, or could be read on the way")
{
    Scene scene;
    const auto fails_as = [&](const std::string& message) {
        const auto result = scene.run({"sessions"});
        CAPTURE(result.err);
        CHECK(result.exit_code == 3);
        CHECK(contains(result.err, message));
    };
    scene.use("");
    fails_as("\"localhost\" is no RDS endpoint, which the token is made for");
    scene.use("[profiles.local.aws]\nendpoint = 'a.b.ca-central-1.rds.amazonaws.com:x'\n");
    fails_as("\"x\" is no port");
    scene.use("", "&sslmode=prefer");
    fails_as("which wants TLS, and sslmode=prefer");
    scene.use("password_command = ['echo']\n");
    fails_as("has auth = \"rds-iam\" and a password");
    scene.use("password = 'x'\n");
    fails_as("has auth = \"rds-iam\" and a password");
    CHECK(scene.verdicts().empty());
}

TEST_CASE("a URL with a token says how long that is good for")
{
    const Scene scene;
    const auto result = scene.project.run_crudctl({"url"}).that_may_show_secrets().result();
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    CHECK(contains(result.out, "Action%3Dconnect"));
    CHECK(contains(result.out, "sslmode=require"));
    CHECK(contains(result.err, "good for log-ins within 15 minutes"));
}
