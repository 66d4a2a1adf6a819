#include "aws/rds_scene.hpp"

#include <string>

using namespace crudctl;
using namespace crudctl::tests;
using nlohmann::json;

namespace {

/// A deletion that a person confirms.
TerminalResult confirmed_deletion(const RdsScene& scene)
{
    return scene.call({"delete", "-p", "prod", "--confirm", "cruddur-prod@prod"})
        .with_terminal()
        .result();
}

} // namespace

TEST_CASE("rds delete leaves a final snapshot, says where, and waits until it is gone")
{
    const RdsScene scene("available");
    const auto deleted = scene.call({"delete", "-p", "prod", "--wait=60s"})
                             .with_terminal()
                             .expect("rds delete will destroy what is in cruddur-prod@prod")
                             .expect("final snapshot, cruddur-prod-final-")
                             .expect("automated backups of the last 7 days")
                             .expect("Type cruddur-prod@prod to go on")
                             .type("cruddur-prod@prod\n")
                             .expect("deleted, ")
                             .expect("aws rds restore-db-instance-from-db-snapshot")
                             .result();
    CHECK(deleted.exit_code == 0);
    const json sent = scene.sent("DeleteDBInstance");
    CHECK(sent["SkipFinalSnapshot"] == "false");
    CHECK(sent["FinalDBSnapshotIdentifier"].get<std::string>().starts_with("cruddur-prod-final-2"));
    const auto again = scene.expect(0, {"delete", "-p", "prod", "--json"});
    CHECK(
        contains(again.err, "there is no RDS instance \"cruddur-prod\" in ca-central-1: nothing"));
    CHECK(json::parse(again.out)["status"] == "deleted");
    CHECK(scene.count("DeleteDBInstance") == 1);
}

TEST_CASE("rds delete is confirmed by somebody at a terminal, on every profile")
{
    const RdsScene scene("available");
    CHECK(contains(scene.expect(5, {"delete"}).err, "has to be named on the command line"));
    CHECK(contains(scene.expect(5, {"delete", "-p", "local"}).err,
                   "has to be confirmed by somebody at a terminal"));
    scene.expect(5, {"delete", "-p", "prod", "--confirm", "cruddur-prod@prod"});
    scene.expect(5, {"delete", "-p", "prod", "--confirm", "cruddur-db-instance@prod"});
    const auto declined = scene.call({"delete", "-p", "prod"})
                              .with_terminal()
                              .expect("Type cruddur-prod@prod")
                              .type("cruddur-prod\n")
                              .result();
    CHECK(declined.exit_code == 5);
    CHECK(scene.count("DeleteDBInstance") == 0);
    CHECK_FALSE(contains(scene.expect(0, {"delete", "-p", "prod", "--dry-run"}).out, "--confirm"));
    const auto confirmed = confirmed_deletion(scene);
    CHECK(confirmed.exit_code == 0);
    CHECK(contains(confirmed.screen, "final snapshot: "));
    CHECK(contains(scene.expect(0, {"delete", "-p", "prod"}).err, "is being deleted already"));
}

TEST_CASE("without protection the typed confirmation is enough, and no snapshot can be asked for")
{
    const RdsScene scene("stopped");
    scene.use("[profiles.local]\nprotected = false\n");
    scene.expect(5, {"delete"});
    const auto plan = scene.expect(0, {"delete", "--no-final-snapshot", "--dry-run"});
    CHECK(contains(plan.out, "WITHOUT a final snapshot"));
    const auto deleted = scene.expect(
        0, {"delete", "--no-final-snapshot", "--confirm", "cruddur-db-instance@local"});
    CHECK(contains(deleted.err, "NO final snapshot is taken"));
    CHECK(scene.sent("DeleteDBInstance")["SkipFinalSnapshot"] == "true");
}

TEST_CASE("an instance that is protected against deletion is refused with the way out")
{
    const json instances = {
        {"instances",
         {{"cruddur-prod", {{"state", "available"}, {"DeletionProtection", "true"}}}}}};
    const RdsScene scene("available", instances);
    const auto refused = scene.expect(5, {"delete", "-p", "prod", "--dry-run"});
    CHECK(contains(refused.err, "is protected against deletion; nothing was changed"));
    CHECK(contains(refused.err, "modify-db-instance --no-deletion-protection"));
    CHECK(scene.count("DeleteDBInstance") == 0);
}

TEST_CASE("an instance that no snapshot can be taken of, or that is on its way, is told")
{
    const RdsScene failed("failed");
    CHECK(
        contains(failed.expect(5, {"delete", "-p", "prod"}).err, "takes no final snapshot of it"));
    const RdsScene modifying("modifying");
    CHECK(confirmed_deletion(modifying).exit_code == 9);
}

TEST_CASE("a deletion whose answer was lost is not an error")
{
    const json fault = {
        {"kind", "cut"}, {"times", 1}, {"action", "DeleteDBInstance"}, {"done", true}};
    const RdsScene scene("available", json{{"faults", json::array({fault})}});
    CHECK(confirmed_deletion(scene).exit_code == 0);
}

TEST_CASE("an unprotected profile may neither stop nor delete what a protected one names")
{
    const RdsScene scene("available");
    scene.workspace.write("project/crudctl.toml",
                          "[profiles.local]\nprotected = false\n"
                          "[profiles.local.aws]\ninstance = 'cruddur-prod'\n"
                          "[profiles.prod.aws]\ninstance = 'cruddur-prod'\n");
    for (const char* action : {"stop", "delete"}) {
        CAPTURE(action);
        const auto refused = scene.expect(5, {action, "--confirm", "cruddur-prod@local"});
        CHECK(contains(refused.err, "names the RDS instance of \"prod\" (crudctl.toml:6)"));
    }
    CHECK(scene.count("StopDBInstance") + scene.count("DeleteDBInstance") == 0);
}
