#include "aws/rds_scene.hpp"

#include "support/canary.hpp"
#include "support/trust.hpp"

#include <map>
#include <string>

using namespace crudctl;
using namespace crudctl::tests;
using nlohmann::json;

TEST_CASE("rds create makes the instance with careful settings, once, and waits for it")
{
    const RdsScene scene;
    const auto made = scene.expect(0, {"create", "--wait=60s"});
    CHECK(contains(made.err, "make RDS instance \"cruddur-db-instance\": Postgres on db.t4g.micro "
                             "with 20 GiB, encrypted, in any zone, reached from within its VPC "
                             "alone"));
    CHECK(contains(made.err, "keep its automated backups for 7 days, and protect it against"));
    CHECK(contains(made.err, "bills    from then on until it is deleted"));
    CHECK(contains(made.err, "rds      creating, "));
    CHECK(contains(made.err, "rds      backing-up, "));
    CHECK(contains(made.err, "rds      available, "));
    CHECK(contains(made.err, "password in Secrets Manager: arn:aws:secretsmanager:"));
    CHECK(contains(made.err, "postgresql://postgres@cruddur-db-instance.abc."));
    json sent = scene.sent("CreateDBInstance");
    const std::map<std::string, std::string> expected = {
        {"Action", "CreateDBInstance"},
        {"Version", "2014-10-31"},
        {"DBInstanceIdentifier", "cruddur-db-instance"},
        {"DBInstanceClass", "db.t4g.micro"},
        {"Engine", "postgres"},
        {"AllocatedStorage", "20"},
        {"Port", "5432"},
        {"BackupRetentionPeriod", "7"},
        {"StorageEncrypted", "true"},
        {"PubliclyAccessible", "false"},
        {"DeletionProtection", "true"},
        {"EnableIAMDatabaseAuthentication", "false"},
        {"MasterUsername", "postgres"},
        {"ManageMasterUserPassword", "true"},
        {"VpcSecurityGroupIds.VpcSecurityGroupId.1", group_id},
    };
    CHECK(sent == json(expected));
    const auto again = scene.expect(0, {"create"});
    CHECK(contains(again.err, "is available already: nothing to do"));
    CHECK(scene.count("CreateDBInstance") == 1);
}

TEST_CASE("rds create follows the profile")
{
    const RdsScene scene;
    scene.use("instance_class = 'db.t3.micro'\nengine_version = '15'\nstorage = 30\n"
              "zone = 'ca-central-1b'\nencrypted = false\npublic = true\nbackup_days = 0\n"
              "deletion_protection = false\n"
              "[profiles.local]\nurl = 'postgresql://root@localhost:5433/cruddur'\n"
              "auth = 'rds-iam'\n");
    const auto made = scene.expect(0, {"create", "--json"});
    CHECK(contains(made.err, "NOT encrypted"));
    CHECK(contains(made.err, "keep NO automated backups of it, and not protect it"));
    CHECK(json::parse(made.out)["status"] == "creating");
    const json sent = scene.sent("CreateDBInstance");
    const std::map<std::string, std::string> expected = {
        {"DBInstanceClass", "db.t3.micro"},
        {"EngineVersion", "15"},
        {"AllocatedStorage", "30"},
        {"AvailabilityZone", "ca-central-1b"},
        {"Port", "5433"},
        {"BackupRetentionPeriod", "0"},
        {"StorageEncrypted", "false"},
        {"PubliclyAccessible", "true"},
        {"DeletionProtection", "false"},
        {"EnableIAMDatabaseAuthentication", "true"},
        {"MasterUsername", "root"},
        {"DBName", "cruddur"},
    };
    for (const auto& [field, value] : expected) {
        CAPTURE(field);
        CHECK(sent.value(field, "") == value);
    }
}

TEST_CASE("rds create --dry-run shows the plan, and sends nothing that changes")
{
    const RdsScene scene;
    const auto plan = scene.expect(0, {"create", "--dry-run"});
    CHECK(contains(plan.out, "1. make RDS instance \"cruddur-db-instance\""));
    CHECK(contains(plan.out, "with a password that AWS makes and keeps in its Secrets Manager"));
    CHECK(contains(plan.err, "until it is deleted"));
    const json document = json::parse(scene.expect(0, {"create", "--dry-run", "--json"}).out);
    CHECK(document["effect"] == "adds");
    CHECK(document["steps"].size() == 3);
    CHECK(scene.count("CreateDBInstance") == 0);
}

TEST_CASE("the master password comes from a program or a terminal, and shows nowhere")
{
    const RdsScene scene;
    const auto password = [&] { return scene.sent("CreateDBInstance")["MasterUserPassword"]; };
    const std::string command = "[profiles.local]\npassword_command = ['cat', 'password']\n";
    scene.use("master_password = 'command'\n" + command);
    scene.workspace.write("project/password", canary() + "/\n");
    agree(scene.workspace.run({"trust"}));
    CHECK(contains(scene.expect(3, {"create"}).err, "the master password is none that RDS takes"));
    CHECK(scene.count("CreateDBInstance") == 0);
    const std::string plain = "l0ng-enough";
    scene.workspace.write("project/password", plain + "\n");
    scene.expect(0, {"create"});
    CHECK(password() == plain);

    const RdsScene asking;
    asking.use("master_password = 'ask'\n");
    CHECK(contains(asking.expect(5, {"create"}).err, "has to be typed at a terminal"));
    const auto mistyped = asking.call({"create"})
                              .with_terminal()
                              .expect("new master password")
                              .type(plain + "\n")
                              .expect("once more")
                              .type(plain + "x\n")
                              .result();
    CHECK(mistyped.exit_code == 5);
    CHECK(asking.count("CreateDBInstance") == 0);
    const auto typed = asking.call({"create"})
                           .with_terminal()
                           .expect("new master password")
                           .type(plain + "\n")
                           .expect("once more")
                           .type(plain + "\n")
                           .result();
    CHECK(typed.exit_code == 0);
    CHECK_FALSE(contains(typed.screen, plain));
    CHECK(asking.sent("CreateDBInstance")["MasterUserPassword"] == plain);
}

TEST_CASE("settings that can't be are refused before anything is sent")
{
    const RdsScene scene;
    scene.use("zone = 'eu-west-1a'\n");
    CHECK(contains(scene.expect(3, {"create"}).err, "is no zone of region ca-central-1"));
    scene.use("zone = 'ca-central-1'\n");
    CHECK(contains(scene.expect(3, {"create"}).err, "a zone looks like \"ca-central-1a\""));
    scene.use("master_password = 'command'\n");
    CHECK(contains(scene.expect(3, {"create"}).err, "there is no password_command"));
    CHECK(scene.count("CreateDBInstance") == 0);
}

TEST_CASE("what RDS refuses to make is told, and what it is too busy for")
{
    const RdsScene scene;
    scene.use("[project]\nname = 'my-project'\n");
    CHECK(contains(scene.expect(6, {"create"}).err, "DBName must begin with a letter"));
    const json fault = {{"kind", "throttle"}, {"times", 3}, {"action", "CreateDBInstance"}};
    CHECK(
        RdsScene("", json{{"faults", json::array({fault})}}).call({"create"}).result().exit_code ==
        9);
}

TEST_CASE("an instance whose making was not answered is found, and not made twice")
{
    const json fault = {
        {"kind", "cut"}, {"times", 1}, {"action", "CreateDBInstance"}, {"done", true}};
    const RdsScene scene("", json{{"faults", json::array({fault})}});
    scene.expect(0, {"create", "--wait=60s"});
    CHECK(json::parse(scene.expect(0, {"status", "--json"}).out)["status"] == "available");
}

TEST_CASE("an instance that is being deleted has to be gone first")
{
    const RdsScene scene("deleting");
    CHECK(contains(scene.expect(9, {"create"}).err, "has to be gone before"));
}
