#include "unit/config/fixture.hpp"

using namespace crudctl;
using namespace crudctl::config;
using namespace crudctl::config::test;

namespace {

const std::string two_profiles = "[project]\nname = 'd'\n"
                                 "[profiles.local]\nown_server = true\n"
                                 "[profiles.prod]\nurl = '${PROD_CONNECTION_URL}'\n"
                                 "[profiles.prod.aws]\nregion = 'ca-central-1'\n"
                                 "security_group = '${DB_SG_ID:-sg-1}'\n";

} // namespace

TEST_CASE("AWS settings are the profile's, each with its origin", "[config]")
{
    const ProjectFolder project;
    const Settings settings = project.load_text(two_profiles, {{"CRUDCTL_PROFILE", "prod"}});
    const AwsSettings aws = settings.aws();
    CHECK(aws.profile_name == "prod");
    CHECK(aws.region->text == "ca-central-1");
    CHECK(aws.region->origin == "crudctl.toml:8");
    CHECK(aws.security_group->text == "sg-1");
    CHECK_FALSE(aws.rule);
    CHECK(aws.port == 5432);
}

TEST_CASE("what the profile leaves open, the script's variables say", "[config]")
{
    const ProjectFolder project;
    const test::Variables variables = {{"CRUDCTL_PROFILE", "prod"},
                                       {"DB_SG_ID", "sg-2"},
                                       {"DB_SG_RULE_ID", "sgr-2"},
                                       {"CRUDCTL_ADDRESS_SERVICES", "http://a http://b"}};
    const Settings settings = project.load_text(two_profiles, variables);
    CHECK(settings.aws().security_group->origin == "DB_SG_ID");
    CHECK(settings.aws().rule->text == "sgr-2");
    CHECK(settings.aws().address_services->text == "http://a http://b");
    const Settings named = project.load_text(
        "[profiles.prod.aws]\nsecurity_group = 'sg-3'\nsecurity_group_rule = 'create'\n",
        variables);
    CHECK(named.aws().security_group->text == "sg-3");
    CHECK(named.aws().rule->text == "create");
}

TEST_CASE("AWS settings need neither a file nor a database", "[config]")
{
    const ProjectFolder project;
    CHECK(project.load({{"DB_SG_ID", "sg-2"}}).aws().security_group->text == "sg-2");
    const AwsSettings prod = project.load({{"CRUDCTL_PROFILE", "prod"}}).aws();
    CHECK(prod.profile_name == "prod");
    CHECK_FALSE(prod.security_group);
    CHECK(failure_of([&] {
              project.load({{"CRUDCTL_PROFILE", "prd"}}).aws();
          }).message.starts_with("there is no profile \"prd\""));
}

TEST_CASE("the port is the one that the profile connects to", "[config]")
{
    const ProjectFolder project;
    const auto port = [&](const char* url) {
        return project
            .load_text(two_profiles, {{"CRUDCTL_PROFILE", "prod"}, {"PROD_CONNECTION_URL", url}})
            .aws()
            .port;
    };
    CHECK(port("postgresql://u@h:5433/d") == 5433);
    CHECK(port("postgresql://u@h/d") == 5432);
    CHECK(port("nonsense") == 5432);
    CHECK(
        project
            .load_text("[profiles.prod]\nhost = 'h'\nport = 5434\n", {{"CRUDCTL_PROFILE", "prod"}})
            .aws()
            .port == 5434);
}

TEST_CASE("without a named profile the only one with AWS settings is taken", "[config]")
{
    const ProjectFolder project;
    CHECK(project.load_text(two_profiles).aws().profile_name == "prod");
    CHECK(project.load_text(two_profiles, {{"CRUDCTL_PROFILE", "local"}}).aws().profile_name ==
          "local");
    CHECK(project.load_text(two_profiles + "[profiles.local.aws]\nregion = 'eu-west-1'\n")
              .aws()
              .profile_name == "local");
    CHECK(project.load_text("[profiles.local]\nown_server = true\n").aws().profile_name == "local");
    const Settings several =
        project.load_text(two_profiles + "[profiles.staging.aws]\nregion = 'eu-west-1'\n");
    CHECK(failure_of([&] { several.aws(); }).message ==
          "several profiles have AWS settings: prod, staging");
}

TEST_CASE("an unknown profile has no AWS settings", "[config]")
{
    const ProjectFolder project;
    const Settings settings = project.load_text(two_profiles, {{"CRUDCTL_PROFILE", "prd"}});
    CHECK(failure_of([&] { settings.aws(); }).message.starts_with("there is no profile \"prd\""));
}
