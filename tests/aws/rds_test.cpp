#include "aws/rds_scene.hpp"

#include <string>

using namespace crudctl;
using namespace crudctl::tests;
using nlohmann::json;
using Scene = RdsScene;

TEST_CASE("rds status shows what the instance is")
{
    const Scene scene("stopped");
    const auto text = scene.call({"status"}).result();
    CAPTURE(text.err);
    CHECK(text.exit_code == 0);
    CHECK(contains(text.out, "status     stopped\n"));
    CHECK(contains(text.out, "engine     postgres 15.8\n"));
    CHECK(contains(text.out, "restarts   2030-01-08 "));
    const json document = json::parse(scene.call({"status", "--json"}).result().out);
    CHECK(document["status"] == "stopped");
    CHECK(document["host"] == "cruddur-db-instance.abc.ca-central-1.rds.amazonaws.com");
    CHECK(document["backup_days"] == 7);
    CHECK(scene.call({"status", "-p", "prod"})
              .result()
              .err.starts_with("prod · cruddur-prod · ca-central-1 · from crudctl.toml:2\n"));
}

TEST_CASE("rds start starts a stopped instance, once, and waits through its states")
{
    const Scene scene("stopped");
    CHECK(contains(scene.call({"start", "--dry-run"}).result().out, "rds start"));
    CHECK(scene.count("StartDBInstance") == 0);
    const auto started = scene.call({"start", "--wait=60s"}).result();
    CAPTURE(started.err);
    CHECK(started.exit_code == 0);
    CHECK(contains(started.err, "rds      starting, "));
    CHECK(contains(started.err, "rds      available, "));
    const auto again = scene.call({"start"}).result();
    CHECK(again.exit_code == 0);
    CHECK(contains(again.err, "is available already: nothing to do"));
    CHECK(scene.count("StartDBInstance") == 1);
}

TEST_CASE("rds stop stops it, once, and says when AWS starts it again")
{
    const Scene scene("available");
    const auto stopped = scene.call({"stop", "--wait=60s"}).result();
    CAPTURE(stopped.err);
    CHECK(stopped.exit_code == 0);
    CHECK(contains(stopped.err, "AWS starts it again by itself at 2030-01-08 "));
    const auto again = scene.call({"stop"}).result();
    CHECK(again.exit_code == 0);
    CHECK(contains(again.err, "is stopped already: nothing to do"));
    CHECK(scene.count("StopDBInstance") == 1);
}

TEST_CASE("rds stop of a protected profile is confirmed by somebody, or by the plan's id")
{
    const Scene scene("available");
    CHECK(scene.call({"stop", "-p", "prod"}).result().exit_code == 5);
    CHECK(scene.call({"stop", "-p", "prod", "--confirm", "cruddur-prod@prod"}).result().exit_code ==
          5);
    CHECK(scene.call({"stop"}).with_variable("CRUDCTL_PROFILE", "prod").result().exit_code == 5);
    const auto declined = scene.call({"stop", "-p", "prod"})
                              .with_terminal()
                              .expect("Type cruddur-prod@prod")
                              .type("no\n")
                              .result();
    CHECK(declined.exit_code == 5);
    CHECK(scene.count("StopDBInstance") == 0);
    const auto confirmed = scene.call({"stop", "-p", "prod", "--confirm", "cruddur-prod@prod"})
                               .with_terminal()
                               .result();
    CAPTURE(confirmed.screen);
    CHECK(confirmed.exit_code == 0);
    CHECK(scene.count("StopDBInstance") == 1);
}

TEST_CASE("an instance on its way somewhere else is busy, or waited for")
{
    const Scene stopping("stopping");
    const auto busy = stopping.call({"start"}).result();
    CHECK(busy.exit_code == 9);
    CHECK(contains(busy.err, "--wait=15m waits for that"));
    CHECK(stopping.call({"start", "--wait=60s"}).result().exit_code == 0);
    CHECK(stopping.count("StartDBInstance") == 1);
    const Scene modifying("modifying");
    CHECK(modifying.call({"stop"}).result().exit_code == 9);
    CHECK(modifying.call({"start"}).result().exit_code == 0);
    const Scene starting("starting");
    CHECK(starting.call({"start", "--wait=1s"}).result().exit_code == 9);
}

TEST_CASE("an instance that failed, or is not there, is told")
{
    CHECK(Scene("incompatible-parameters").call({"start"}).result().exit_code == 6);
    const Scene scene("available");
    scene.workspace.write("project/crudctl.toml", "[profiles.local.aws]\ninstance = 'other'\n");
    const auto absent = scene.call({"start"}).result();
    CHECK(absent.exit_code == 6);
    CHECK(contains(absent.err, "there is no RDS instance \"other\" in ca-central-1"));
    scene.workspace.write("project/crudctl.toml", "[profiles.local]\nown_server = true\n");
    CHECK(scene.call({"status"}).result().exit_code == 3);
}

TEST_CASE("a start whose answer was lost is not an error")
{
    const json fault = {
        {"kind", "cut"}, {"times", 1}, {"action", "StartDBInstance"}, {"done", true}};
    const Scene scene("stopped", json{{"faults", json::array({fault})}});
    const auto result = scene.call({"start"}).result();
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
}
