#include "cli/database_project.hpp"
#include "support/canary.hpp"
#include "support/paths.hpp"
#include "support/stand_in_server.hpp"
#include "support/system/file.hpp"
#include "support/talking_program.hpp"

#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

using namespace crudctl;
using namespace crudctl::tests;
using nlohmann::json;

namespace {

/// A database of the test cluster as `prod`, which takes itself for an RDS instance of the test's
/// endpoint.
class RdsProject : public DatabaseProject {
public:
    /// What the instance has more than its state.
    explicit RdsProject(const json& more = json::object(), const json& snapshots = json::array())
    {
        json instance = {{"state", "available"}, {"host", "127.0.0.1"}, {"free", 12884901888}};
        instance.merge_patch(more);
        const json scenario = {{"keys", {{"AKIDTEST", {{"secret", canary()}}}}},
                               {"rules", json::array()},
                               {"instances", {{"cruddur-prod", instance}}},
                               {"snapshots", snapshots}};
        const auto file = m_folder.write("scenario.json", scenario.dump());
        m_endpoint = std::make_unique<TalkingProgram>(
            std::vector<std::string>{"/usr/bin/python3",
                                     (source_folder() / "tests/aws/strict_endpoint.py").string(),
                                     file.string()},
            std::map<std::string, std::string>());
        expect({"setup"}, 0);
        project.set_variable("CONNECTION_URL", "");
        project.set_variable("PROD_CONNECTION_URL", database.url());
        project.set_variable("AWS_ACCESS_KEY_ID", "AKIDTEST");
        project.set_variable("AWS_SECRET_ACCESS_KEY", canary());
        project.set_variable("AWS_REGION", "ca-central-1");
        ask_at("http://127.0.0.1:" + m_endpoint->first_line());
        use("instance = 'cruddur-prod'\n");
    }

    void ask_at(const std::string& url)
    {
        project.set_variable("AWS_ENDPOINT_URL_RDS", url);
        project.set_variable("AWS_ENDPOINT_URL_CLOUDWATCH", url);
    }

    void use(const std::string& lines) const
    {
        project.write("crudctl.toml", "[project]\nname = 'cruddur'\nschema = ['sql/schema.sql']\n"
                                      "seeds = ['sql/seed.sql']\n"
                                      "[profiles.local]\nurl = '${CONNECTION_URL}'\n"
                                      "[profiles.prod]\nurl = '${PROD_CONNECTION_URL}'\n"
                                      "confirm = 'plan'\n"
                                      "[profiles.prod.aws]\n" +
                                          lines);
    }

    std::string phrase() const { return database.name() + "@prod"; }

    /// What a person is shown before the question, to which the answer is no.
    std::string screen() const
    {
        const auto result = run({"drop", "prod"})
                                .with_terminal(120)
                                .expect("Type " + phrase())
                                .type("no\n")
                                .result();
        CHECK(result.exit_code == 5);
        return result.screen;
    }

    /// With the answer yes.
    TerminalResult confirmed(std::vector<std::string> arguments) const
    {
        return run(std::move(arguments))
            .with_terminal(120)
            .expect("Type " + phrase())
            .type(phrase() + "\n")
            .result();
    }

    /// How often the endpoint was asked for this.
    int count(const std::string& action) const
    {
        std::ifstream file(m_folder / "requests.jsonl");
        int number = 0;
        for (std::string line; std::getline(file, line);) {
            number += contains(line, "\"Action\": \"" + action + "\"") ? 1 : 0;
        }
        return number;
    }

private:
    TempFolder m_folder;
    std::unique_ptr<TalkingProgram> m_endpoint;
};

const json two_snapshots = json::array(
    {{{"id", "newest"}, {"instance", "cruddur-prod"}, {"created", "2026-01-02T03:04:05.678Z"}},
     {{"id", "older"}, {"instance", "cruddur-prod"}, {"created", "2025-01-02T03:04:05.678Z"}},
     {{"id", "another's"}, {"instance", "other"}, {"created", "2026-02-02T03:04:05.678Z"}}});

} // namespace

TEST_CASE("the guard's screen shows what RDS has of the instance, and whether a copy fits")
{
    const std::string screen = RdsProject(json::object(), two_snapshots).screen();
    CAPTURE(screen);
    CHECK(contains(screen, "cruddur-prod, available"));
    CHECK(contains(screen, "automated ones of the last 7 days"));
    CHECK(contains(screen, " ago: newest"));
    CHECK(contains(screen, "12.0 GB free of 20 GiB; a second copy takes "));
    CHECK_FALSE(contains(screen, "does NOT fit"));

    const std::string bare =
        RdsProject(json{{"BackupRetentionPeriod", 0}, {"free", 1000}, {"host", "elsewhere"}})
            .screen();
    CAPTURE(bare);
    CHECK(contains(bare, "NOT known to be this server: its endpoint is elsewhere"));
    CHECK(contains(bare, "NO automated ones are made"));
    CHECK(contains(bare, "there is NONE; --rds-snapshot takes one first"));
    CHECK(contains(bare, ", which does NOT fit"));
}

TEST_CASE("where AWS cannot be asked the screen says so, and stands all the same")
{
    RdsProject project;
    const BlackHole hole;
    project.ask_at("http://127.0.0.1:" + hole.port());
    CHECK(contains(project.screen(), "could not be asked: "));
    project.project.set_variable("AWS_ACCESS_KEY_ID", "");
    CHECK(contains(project.screen(), "could not be asked: "));
}

TEST_CASE("an unprotected profile asks AWS before what is past undo, and nothing else")
{
    const RdsProject dry;
    dry.expect({"drop", "prod", "--dry-run"}, 0);
    CHECK(dry.count("DescribeDBInstances") == 0);
    RdsProject project; // never seen as prod
    project.use("instance = 'cruddur-prod'\n[profiles.local.aws]\ninstance = 'cruddur-prod'\n");
    project.project.set_variable("PROD_CONNECTION_URL", "");
    project.project.set_variable("CONNECTION_URL", project.database.url());
    project.expect({"setup"}, 0);
    CHECK(project.count("DescribeDBInstances") == 0);
    const auto copies = nlohmann::json::parse(project.run({"copies", "--json"}).result().out);
    const std::string copy = copies[0]["name"];
    const auto asked = [&](const std::vector<std::string>& arguments) {
        return project.run(arguments)
            .with_terminal()
            .expect("automated ones of the last 7 days")
            .expect("anything else to stop")
            .type("no\n")
            .result()
            .exit_code;
    };
    CHECK(asked({"copies", "--delete", copy}) == 5);
    CHECK(asked({"drop", "--purge"}) == 5);
    CHECK(project.count("DescribeDBInstances") == 2);
}

TEST_CASE("a snapshot that is asked for is waited for before anything is destroyed")
{
    const RdsProject project;
    const auto plan = project.expect({"drop", "prod", "--dry-run", "--rds-snapshot"}, 0);
    CHECK(contains(plan.out, "1. take a snapshot of RDS instance \"cruddur-prod\", and wait"));
    CHECK(project.count("CreateDBSnapshot") == 0);
    const auto dropped = project.confirmed({"drop", "prod", "--rds-snapshot"});
    CAPTURE(dropped.screen);
    CHECK(dropped.exit_code == 0);
    const auto at = [&](const std::string& text) { return dropped.screen.find(text); };
    REQUIRE(at("is gone") != std::string::npos);
    CHECK(at("rds      taking snapshot cruddur-prod-crudctl-2") < at("snapshot creating, 40 %"));
    CHECK(at("snapshot creating, 40 %") < at("snapshot available"));
    CHECK(at("snapshot available") < at("is gone"));
    CHECK(project.count("CreateDBSnapshot") == 1);
    CHECK(project.databases().empty());
}

TEST_CASE("a plan's id holds with the snapshot that it was printed with, and only then")
{
    const RdsProject project;
    REQUIRE(project.confirmed({"mark", "prod", "--confirm", "plan"}).exit_code == 0);
    const auto plan = project.expect({"setup", "prod", "--dry-run", "--rds-snapshot", "--json"}, 0);
    const std::string confirm = json::parse(plan.out)["confirm"];
    project.expect({"setup", "prod", "--confirm", confirm}, 5);
    project.expect({"setup", "prod", "--rds-snapshot", "--confirm", confirm}, 0);
    CHECK(project.count("CreateDBSnapshot") == 1);
    const auto undo = project.expect({"undo", "-p", "prod", "--rds-snapshot", "--dry-run"}, 0);
    CHECK(contains(undo.out, "1. take a snapshot"));
    const std::vector<std::vector<std::string>> loads = {{"schema-load"}, {"seed", "--again"}};
    for (std::vector<std::string> load : loads) {
        CAPTURE(load.front());
        load.insert(load.end(), {"-p", "prod", "--rds-snapshot", "--dry-run"});
        CHECK(contains(project.expect(load, 0).out, "1. take a snapshot"));
    }
}

TEST_CASE("without a snapshot that was asked for nothing is destroyed")
{
    const auto check_refused = [](const RdsProject& project, int exit_code,
                                  const std::string& why) {
        const std::string copies = project.copies();
        const auto result = project.confirmed({"drop", "prod", "--rds-snapshot"});
        CAPTURE(result.screen);
        CHECK(result.exit_code == exit_code);
        CHECK(contains(result.screen, why));
        CHECK(contains(result.screen, "nothing was changed"));
        CHECK(project.ask("select count(*) from users") == "3");
        CHECK(project.copies() == copies);
    };
    check_refused(RdsProject(json{{"snapshots_fail", true}}), 6, "is failed");
    check_refused(RdsProject(json{{"state", "storage-full"}}), 5, "in its state");
    check_refused(RdsProject(json{{"host", "elsewhere"}}), 5, "may be of another server");
    RdsProject unreachable;
    unreachable.ask_at("http://127.0.0.1:1");
    check_refused(unreachable, 6, "no snapshot of \"cruddur-prod\"");

    const RdsProject nameless;
    nameless.use("");
    const auto result = nameless.expect({"drop", "prod", "--rds-snapshot"}, 3);
    CHECK(contains(result.err, "profile \"prod\" names no RDS instance"));
}

TEST_CASE("what is on an instance is shown before that is deleted, and a lock keeps it")
{
    const RdsProject project;
    const auto attempt = [&] {
        return project.run({"rds", "delete", "-p", "prod"})
            .with_terminal(120)
            .expect("Type cruddur-prod@prod")
            .type("no\n")
            .result();
    };
    const auto shown = attempt();
    CAPTURE(shown.screen);
    CHECK(contains(shown.screen, "2 tables, about 8 rows"));
    project.expect({"mark", "prod", "--locked", "release"}, 0);
    const auto refused = project.run({"rds", "delete", "-p", "prod"}).with_terminal(120).result();
    CAPTURE(refused.screen);
    CHECK(refused.exit_code == 5);
    CHECK(contains(refused.screen, "is locked"));
    project.use("instance = 'cruddur-prod'\nendpoint = 'elsewhere:5432'\n");
    CHECK(contains(attempt().screen, "NOT looked at: the profile leads to"));
    CHECK(project.count("DeleteDBInstance") == 0);
}
