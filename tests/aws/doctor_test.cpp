#include "aws/strict_endpoint.hpp"
#include "support/canary.hpp"
#include "support/loopback.hpp"
#include "support/stand_in_server.hpp"

#include <array>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <sys/socket.h>

using namespace crudctl;
using namespace crudctl::tests;
using nlohmann::json;

namespace {

constexpr const char* endpoint_host = "cruddur-db-instance.abc.ca-central-1.rds.amazonaws.com";
constexpr const char* other_group = "sg-0aaaaaaaaaaaaaaa0";

/// A workspace whose profile prod names the instance and, by variables, the rule. The instance's
/// endpoint is a port on loopback.
struct DoctorScene {
    DoctorScene(const std::string& state, const std::string& port,
                const json& more = json::object())
        : aws(scenario(state, std::stoi(port), more)), workspace(aws), server_port(port)
    {
        workspace.set("AWS_ENDPOINT_URL_RDS", aws.url());
        configure("instance = 'cruddur-db-instance'\n");
        lead_to(endpoint_host);
    }

    static json scenario(const std::string& state, int port, const json& more)
    {
        json rule = stored_rule(rule_id, "198.51.100.1/32", "GITPOD");
        rule["from"] = port;
        rule["to"] = port;
        json whole = {{"instances",
                       {{"cruddur-db-instance",
                         {{"state", state}, {"groups", json::array({group_id})}, {"Port", port}}}}},
                      {"rules", json::array({rule})}};
        whole.merge_patch(more);
        return whole;
    }

    void configure(const std::string& aws_settings) const
    {
        workspace.write("project/crudctl.toml",
                        "[profiles.local]\nurl = 'postgresql://127.0.0.1:1/cruddur'\n"
                        "[profiles.prod]\nurl = '${PROD_CONNECTION_URL}'\nsslmode = 'prefer'\n"
                        "[profiles.prod.aws]\n" +
                            aws_settings);
    }

    /// By this name; nobody looks it up.
    void lead_to(const std::string& host)
    {
        workspace.set("PROD_CONNECTION_URL",
                      fmt::format("postgresql://ann:{}@{}:{}/cruddur?hostaddr=127.0.0.1",
                                  canary_in_url(), host, server_port));
    }

    CliResult run(std::vector<std::string> arguments) const
    {
        return workspace.run(std::move(arguments)).result();
    }

    struct Answer {
        int exit_code = 0;
        json document;
        std::map<std::string, std::string> results;
        std::map<std::string, std::string> texts;
    };

    Answer ask(const std::string& profile = "prod") const
    {
        const auto result = run({"doctor", profile, "--json", "--connect-timeout", "2"});
        INFO(result.err);
        Answer answer{result.exit_code, json::parse(result.out), {}, {}};
        for (const auto& step : answer.document["steps"]) {
            answer.results[step["step"]] = step["result"];
            answer.texts[step["step"]] = step["text"];
        }
        return answer;
    }

    StrictEndpoint aws;
    Workspace workspace;
    std::string server_port;
};

/// Of the instance.
json with_facts(const json& facts)
{
    return {{"instances", {{"cruddur-db-instance", facts}}}};
}

/// One of somebody else's.
json other_rule(const char* group)
{
    json rule = stored_rule("sgr-0bbbbbbbbbbbbbbb0", "198.51.100.0/24", "office");
    rule["group"] = group;
    return rule;
}

void check_names(const DoctorScene::Answer& answer, const std::string& step,
                 const std::string& reason, const std::string& fix)
{
    CAPTURE(answer.document.dump(2));
    CHECK(answer.exit_code == 4);
    CHECK(answer.document["failed"] == step);
    CHECK(contains(answer.texts.at(step), reason));
    CHECK(answer.document["fix"] == fix);
    CHECK(answer.results.at("log-in") == "not asked");
}

} // namespace

TEST_CASE("doctor names a stopped instance, and the command that starts it does", "[doctor]")
{
    const BlackHole hole;
    DoctorScene scene("stopped", hole.port());
    const auto answer = scene.ask();
    check_names(answer, "instance", "cruddur-db-instance is stopped", "crudctl rds start -p prod");
    CHECK(answer.results.at("public") == "passes");
    CHECK(answer.results.at("tcp") == "fails");
    CHECK(scene.run({"rds", "start", "-p", "prod", "--wait=60s"}).exit_code == 0);
    CHECK(scene.ask().results.at("instance") == "passes");
}

TEST_CASE("doctor names an instance on its way, and waits no longer for it", "[doctor]")
{
    DoctorScene scene("starting", std::to_string(free_port()));
    check_names(scene.ask(), "instance", "is starting", "crudctl rds start -p prod --wait=15m");
}

TEST_CASE("doctor names a rule for another address, and the command that changes it does",
          "[doctor]")
{
    const BlackHole hole;
    DoctorScene scene("available", hole.port());
    const auto before = scene.ask();
    check_names(before, "rule",
                fmt::format("no rule of {} lets 203.0.113.7 in to port {}", group_id, hole.port()),
                "crudctl update-sg-rule prod");
    CHECK(scene.aws.cidr_of(rule_id) == "198.51.100.1/32");
    CHECK(scene.run({"update-sg-rule", "prod"}).exit_code == 0);
    const auto after = scene.ask();
    CHECK(after.results.at("rule") == "passes");
    check_names(after, "tcp", "no answer within 2 s",
                fmt::format("let this machine's own network out to port {}, or give the "
                            "instance's subnet a route to the internet",
                            hole.port()));
}

TEST_CASE("doctor blames no rule for a refusal, which a security group never is", "[doctor]")
{
    DoctorScene scene("available", std::to_string(free_port()));
    const auto answer = scene.ask();
    CHECK(answer.document["failed"] == "tcp");
    CHECK(answer.results.at("rule") == "told");
}

TEST_CASE("doctor minds no rule and no state where the server answers", "[doctor]")
{
    const StandInServer server(refuse("28P01", "password authentication failed"));
    DoctorScene scene("stopped", server.port());
    const auto answer = scene.ask();
    CHECK(answer.document["failed"] == "log-in");
    CHECK(answer.results.at("instance") == "told");
    CHECK(answer.results.at("rule") == "told");
    CHECK(contains(answer.texts.at("rule"), "the server answers all the same"));
}

TEST_CASE("doctor names a group that isn't the instance's any more", "[doctor]")
{
    const BlackHole hole;
    json rebuilt = with_facts({{"groups", json::array({other_group})}});
    rebuilt["rules"] = json::array({other_rule(other_group)});
    DoctorScene by_variable("available", hole.port(), rebuilt);
    const std::string fix = fmt::format("DB_SG_ID={} DB_SG_RULE_ID=create crudctl update-sg-rule "
                                        "prod",
                                        other_group);
    check_names(by_variable.ask(), "rule", fmt::format("no rule of {}", other_group), fix);
    by_variable.workspace.set("DB_SG_ID", other_group);
    by_variable.workspace.set("DB_SG_RULE_ID", "create");
    CHECK(by_variable.run({"update-sg-rule", "prod"}).exit_code == 0);
    CHECK(by_variable.ask().results.at("rule") == "passes");

    DoctorScene by_profile("available", hole.port(), rebuilt);
    by_profile.configure("instance = 'cruddur-db-instance'\n"
                         "security_group = 'sg-0123456789abcdef0'\n");
    CHECK(contains(by_profile.ask().document["fix"],
                   fmt::format("set security_group = \"{}\" at crudctl.toml:8:", other_group)));
}

TEST_CASE("doctor names a rule that is gone", "[doctor]")
{
    const BlackHole hole;
    DoctorScene scene("available", hole.port(), {{"rules", json::array({other_rule(group_id)})}});
    check_names(scene.ask(), "rule", "no rule of",
                "DB_SG_RULE_ID=create crudctl update-sg-rule prod");
    scene.workspace.set("DB_SG_RULE_ID", "create");
    CHECK(scene.run({"update-sg-rule", "prod"}).exit_code == 0);
    CHECK(scene.ask().results.at("rule") == "passes");
}

TEST_CASE("doctor names an instance that the internet does not see", "[doctor]")
{
    const BlackHole hole;
    DoctorScene scene("available", hole.port(), with_facts({{"PubliclyAccessible", "false"}}));
    const auto answer = scene.ask();
    CHECK(answer.document["failed"] == "public");
    CHECK(contains(answer.document["fix"], "from inside (VPN, tunnel) it can be reached"));
}

TEST_CASE("doctor names an endpoint that isn't the instance's", "[doctor]")
{
    const BlackHole hole;
    DoctorScene scene("available", hole.port());
    scene.lead_to("cruddur-db-instance.old.ca-central-1.rds.amazonaws.com");
    check_names(scene.ask(), "instance", fmt::format("it is at {}:{}", endpoint_host, hole.port()),
                fmt::format("the instance is at {0}:{1}, correct that: export PROD_CONNECTION_URL="
                            "\"${{PROD_CONNECTION_URL/cruddur-db-instance.old.ca-central-1.rds."
                            "amazonaws.com:{1}/{0}:{1}}}\"",
                            endpoint_host, hole.port()));
    scene.workspace.set("PROD_CONNECTION_URL",
                        "postgresql://ann@gone.invalid.rds.amazonaws.com/cruddur");
    const auto unknown_name = scene.ask();
    CHECK(unknown_name.document["failed"] == "dns");
    CHECK(unknown_name.document["fix"] ==
          fmt::format("the instance is at {0}:{1}, correct that: export PROD_CONNECTION_URL="
                      "\"${{PROD_CONNECTION_URL/gone.invalid.rds.amazonaws.com/{0}:{1}}}\"",
                      endpoint_host, hole.port()));
}

TEST_CASE("what AWS cannot be asked is said, and is no failure", "[doctor]")
{
    const StandInServer server(refuse("28P01", "password authentication failed"));
    const auto with = [&](const std::string& name, const std::string& value) {
        DoctorScene scene("available", server.port());
        scene.workspace.set(name, value);
        const auto answer = scene.ask();
        CHECK(answer.document["failed"] == "log-in");
        CHECK(answer.results.at("instance") == "unknown");
        CHECK(answer.results.at("rule") == "unknown");
        return answer.texts.at("instance");
    };
    CHECK(contains(with("AWS_REGION", ""), "no AWS region is set"));
    CHECK(contains(with("AWS_REGION", "ca-central-1a"), "is an availability zone, not a region"));
    CHECK(contains(with("AWS_ACCESS_KEY_ID", ""), "half of an access key"));
    CHECK(contains(with("AWS_SECRET_ACCESS_KEY", "wrong"), "SignatureDoesNotMatch"));
}

TEST_CASE("where nobody answers and AWS cannot be asked, doctor wants that first", "[doctor]")
{
    const BlackHole hole;
    DoctorScene scene("available", hole.port());
    scene.workspace.set("AWS_REGION", "ca-central-1a");
    check_names(scene.ask(), "tcp", "no answer within 2 s",
                "let AWS be asked (the lines above say what is missing), then crudctl doctor prod");
}

TEST_CASE("doctor asks what it may, where one of AWS's services says no", "[doctor]")
{
    const BlackHole hole;
    DoctorScene scene("stopped", hole.port(), {{"keys", {{key_id, {{"rights", {"none"}}}}}}});
    const auto answer = scene.ask();
    CHECK(answer.document["failed"] == "instance");
    CHECK(answer.results.at("rule") == "unknown");
    CHECK(contains(answer.texts.at("rule"), "UnauthorizedOperation"));
}

TEST_CASE("an endpoint's name is enough for doctor, and its commands say what else they need",
          "[doctor]")
{
    const BlackHole hole;
    DoctorScene scene("stopped", hole.port());
    scene.configure("");
    scene.workspace.set("AWS_REGION", "");
    check_names(scene.ask(), "instance", "cruddur-db-instance is stopped",
                "aws rds start-db-instance --db-instance-identifier cruddur-db-instance "
                "--region ca-central-1");
    DoctorScene available("available", hole.port());
    available.configure("");
    available.workspace.set("AWS_REGION", "");
    check_names(available.ask(), "rule", "no rule of",
                "AWS_REGION=ca-central-1 crudctl update-sg-rule prod");
}

TEST_CASE("AWS has no lines where a profile has nothing to do with it", "[doctor]")
{
    const DoctorScene scene("stopped", "5432");
    const auto answer = scene.ask("local");
    CHECK(answer.document["failed"] == "tcp");
    CHECK(answer.results.count("instance") == 0);
    CHECK(answer.results.count("rule") == 0);
    CHECK(scene.aws.requests().empty());
}

TEST_CASE("doctor names the bundle that RDS's certificates are checked with", "[doctor]")
{
    const StandInServer server([](int connection, int number) {
        std::array<char, 8> request{};
        ::recv(connection, request.data(), request.size(), MSG_WAITALL);
        ::send(connection, "S", 1, MSG_NOSIGNAL); // as a server with TLS does
        say_nothing(connection, number);
    });
    const DoctorScene scene("available", server.port());
    scene.workspace.write("project/crudctl.toml",
                          "[profiles.prod]\nurl = '${PROD_CONNECTION_URL}'\n"
                          "sslmode = 'verify-full'\n");
    const auto answer = scene.ask();
    CHECK(answer.document["failed"] == "tls");
    CHECK(answer.document["fix"] ==
          fmt::format("curl -fsS --create-dirs -o {}/.postgresql/root.crt "
                      "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem",
                      scene.workspace.home().string()));
}
