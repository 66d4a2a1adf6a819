#include "support/paths.hpp"
#include "unit/config/fixture.hpp"

#include <algorithm>

using namespace crudctl;
using namespace crudctl::config;
using namespace crudctl::config::test;

namespace {

const std::string project_table = "[project]\nname = 'cruddur'\n";

Failure profile_failure(const std::string& toml, test::Variables variables = {})
{
    const ProjectFolder project;
    return failure_of([&] { project.load_text(toml, std::move(variables)).profile(); });
}

} // namespace

TEST_CASE("without a file local is CONNECTION_URL, else DATABASE_URL", "[config]")
{
    const ProjectFolder project;
    const Settings settings = project.load({{"CONNECTION_URL", "postgresql://u@one:5433/a"},
                                            {"DATABASE_URL", "postgresql://u@two/b"},
                                            {"PROD_CONNECTION_URL", "postgresql://u@three/c"}});
    const Profile local = settings.profile();
    CHECK(local.name == "local");
    CHECK(local.origin == "CONNECTION_URL");
    CHECK(local.has_target);
    CHECK_FALSE(local.protection.is_protected);
    CHECK_FALSE(local.own_server);
    CHECK(local.conn_info.host() == "one");
    CHECK(local.conn_info.port() == "5433");
    CHECK(settings.profile("prod").conn_info.host() == "three");
    CHECK(settings.profile("prod").protection.is_protected);
    CHECK(settings.profile_names() == std::vector<std::string>{"local", "prod"});

    const Settings other = project.load({{"DATABASE_URL", "postgresql://u@two/b"}});
    CHECK(other.profile().origin == "DATABASE_URL");
    CHECK(other.profile_names() == std::vector<std::string>{"local"});
}

TEST_CASE("neither file nor URL is refused with a way out", "[config]")
{
    const ProjectFolder project;
    const Settings settings = project.load();
    const Failure local = failure_of([&] { settings.profile(); });
    CHECK(local.code == ExitCode::configuration);
    CHECK(local.message == "there is no crudctl.toml here, and CONNECTION_URL is not set");
    CHECK_THAT(local.hint, Catch::Contains("set CONNECTION_URL=postgresql://") &&
                               Catch::Contains("\n  profiles.local.own_server = true"));
    const Failure prod = failure_of([&] { settings.profile("prod"); });
    CHECK(prod.message == "there is no crudctl.toml here, and PROD_CONNECTION_URL is not set");
    CHECK(failure_of([&] { settings.profile("prdo"); }).hint == "did you mean \"prod\"?");
}

TEST_CASE("the hint's example is a configuration that works", "[config]")
{
    const ProjectFolder project;
    const std::string hint = failure_of([&] { project.load().profile(); }).hint;
    const Settings settings = project.load_text(hint.substr(hint.find('\n') + 1));
    CHECK(settings.profile().own_server);
    CHECK(settings.profile().conn_info.database() == "mydatabase");
}

TEST_CASE("an unset variable of prod leaves local alone", "[config]")
{
    const ProjectFolder project;
    const Settings settings = project.load_text(
        project_table + "[profiles.local]\nurl = '${CONNECTION_URL:-}'\nown_server = true\n"
                        "[profiles.prod]\nurl = '${PROD_CONNECTION_URL}'\n");
    CHECK(settings.profile().own_server);
    CHECK_FALSE(settings.profile().has_target);
    CHECK(settings.profile().conn_info.database() == "cruddur");
    CHECK(settings.profile().origin == "crudctl.toml:5");
    const Failure failure = failure_of([&] { settings.profile("prod"); });
    CHECK(failure.code == ExitCode::configuration);
    CHECK(failure.message == "crudctl.toml:7:7: the variable \"PROD_CONNECTION_URL\" is not set");
}

TEST_CASE("the profile is the command line's, else CRUDCTL_PROFILE's, else local", "[config]")
{
    const ProjectFolder project;
    project.write("crudctl.toml", project_table + "[profiles.local]\nhost = 'a'\n"
                                                  "[profiles.test]\nhost = 'b'\n"
                                                  "[profiles.prod]\nhost = 'c'\n");
    Sources sources = project.sources();
    CHECK(load_settings(sources).profile().name == "local");
    sources.environment.set("CRUDCTL_PROFILE", "test");
    CHECK(load_settings(sources).profile().name == "test");
    CHECK_FALSE(load_settings(sources).profile().name_from_command_line);
    sources.profile = "prod";
    CHECK(load_settings(sources).profile().name == "prod");
    CHECK(load_settings(sources).profile().name_from_command_line);
    CHECK_FALSE(load_settings(sources).profile("test").name_from_command_line);
}

TEST_CASE("an unknown profile is refused with the nearest one", "[config]")
{
    const ProjectFolder project;
    const Settings settings =
        project.load_text("[profiles.local]\nhost='a'\n[profiles.staging]\nhost='b'\n");
    const Failure near = failure_of([&] { settings.profile("stagign"); });
    CHECK(near.code == ExitCode::configuration);
    CHECK(near.message == "there is no profile \"stagign\" in crudctl.toml");
    CHECK(near.hint == "did you mean \"staging\"?");
    CHECK(failure_of([&] { settings.profile("x\x1b[31m"); }).message ==
          "there is no profile \"x\\x1b[31m\" in crudctl.toml");
    CHECK(failure_of([&] { settings.profile("zzzzzzzz"); }).hint ==
          "the profiles are: local, staging");
    CHECK(profile_failure(project_table).hint == "add a table [profiles.local]");
}

TEST_CASE("a profile without a server is refused", "[config]")
{
    const Failure nothing = profile_failure(project_table + "[profiles.local]\nseed = 'ask'\n");
    CHECK(nothing.code == ExitCode::configuration);
    CHECK(nothing.message == "profile \"local\" names no server");
    CHECK(nothing.hint == "give [profiles.local] a url or a host, or own_server = true");
    CHECK(profile_failure(project_table + "[profiles.local]\nurl = '${CONNECTION_URL:-}'\n")
              .message == "profile \"local\" names no server: its url at crudctl.toml:4 is empty");
}

TEST_CASE("the database is --database's, else the target's, else the project's", "[config]")
{
    const ProjectFolder project;
    project.write("crudctl.toml", project_table + "[profiles.local]\nurl = 'postgresql://u@h'\n"
                                                  "[profiles.test]\nurl = 'postgresql://u@h/t'\n"
                                                  "[profiles.keys]\nhost = 'h'\ndbname = 'k'\n");
    Sources sources = project.sources();
    CHECK(load_settings(sources).profile().conn_info.database() == "cruddur");
    CHECK(load_settings(sources).profile("test").conn_info.database() == "t");
    CHECK(load_settings(sources).profile("keys").conn_info.database() == "k");
    sources.database = "postgres://x";
    sources.profile = "test";
    CHECK(load_settings(sources).profile().conn_info.database() == "postgres://x");
    CHECK(load_settings(sources).profile().conn_info.host() == "h");
    CHECK(load_settings(sources).profile("local").conn_info.database() == "cruddur");
}

TEST_CASE("a target without any database name is refused", "[config]")
{
    const Failure failure = profile_failure("[profiles.local]\nurl = 'postgresql://u@h'\n");
    CHECK(failure.code == ExitCode::configuration);
    CHECK(failure.message == "profile \"local\" names no database");
    CHECK(failure.hint == "add it to the URL, set name under [project], or use --database NAME");
}

TEST_CASE("keys make a target without a URL", "[config]")
{
    const ProjectFolder project;
    const Profile profile =
        project
            .load_text(project_table +
                           "[profiles.local]\nhost = '${HOST:-db}'\nport = '${PORT}'\n"
                           "user = 'app'\npassword = '" +
                           canary + "'\nsslmode = 'disable'\nsslrootcert = 'certs/ca.pem'\n",
                       {{"PORT", "5433"}})
            .profile();
    CHECK(profile.origin == "crudctl.toml:4");
    CHECK(profile.conn_info.server_text() == "app@db:5433");
    CHECK(profile.conn_info.password().reveal() == canary);
    CHECK(profile.conn_info.value("sslmode") == "disable");
    CHECK(profile.conn_info.value("sslrootcert") == (project.root() / "certs/ca.pem").string());
}

TEST_CASE("a key may complete the URL but not contradict it", "[config]")
{
    const std::string url = "[profiles.local]\nurl = 'postgresql://u:" + canary + "@h:5433/d'\n";
    const ProjectFolder project;
    CHECK(project.load_text(url + "sslmode = 'require'\nport = 5433\ndbname = 'd'\n")
              .profile()
              .conn_info.value("sslmode") == "require");

    const auto [line, message] = GENERATE(table<std::string, std::string>({
        {"dbname = 'other'", "crudctl.toml:3:10: \"dbname\" says otherwise than the profile's url"},
        {"port = 5432", "crudctl.toml:3:8: \"port\" says otherwise than the profile's url"},
        {"password = 'x'", "crudctl.toml:3:12: \"password\" says otherwise than the profile's url"},
    }));
    const Failure failure = profile_failure(url + line);
    CHECK(failure.code == ExitCode::configuration);
    CHECK(failure.message == message);
}

TEST_CASE("a URL that cannot be read is named by where it stands", "[config]")
{
    const std::string url = GENERATE(
        "postgresql:/u:" + canary + "@h/d", "POSTGRES://u:" + canary + "@h/d",
        "postgres://u:" + canary + "%zz@h/d", "postgres://u:" + canary + "%00@h/d",
        "postgres://u:" + canary + "/x@h/d", "postgres://u:x@" + canary + "@h/d",
        "postgres://u:" + canary + "#@h:x/d", "postgres://u:p@h:" + canary + "/d",
        "postgres://u:" + canary + "@[::1/d", "postgres://u:" + canary + "@h/d?pasword=" + canary,
        "postgres://u@h:5432x/d?password=" + canary, "mysql://u:" + canary + "@h/d",
        "password=s3 " + canary, canary);
    const std::string toml = project_table + "[profiles.local]\nurl = '" + url + "'\n";
    const Failure in_file = profile_failure(toml);
    CHECK(in_file.code == ExitCode::configuration);
    CHECK_THAT(in_file.message, Catch::StartsWith("crudctl.toml:4:7: "));

    const ProjectFolder project;
    const Failure in_variable = failure_of([&] {
        project.load({{"CONNECTION_URL", url}}).profile();
    });
    CHECK(in_variable.code == ExitCode::configuration);
    CHECK_THAT(in_variable.message, Catch::StartsWith("CONNECTION_URL: "));
}

TEST_CASE("a keyword that this libpq does not know is refused by its place", "[config]")
{
    const auto& known = pg::ConnInfo::known_keywords();
    const bool is_known = std::find(known.begin(), known.end(), "require_auth") != known.end();
    const Failure failure = profile_failure(
        project_table + "[profiles.local]\nhost = 'h'\nrequire_auth = 'scram-sha-256'\n");
    CHECK((failure.code == ExitCode::done) == is_known);
    if (!is_known) {
        CHECK(failure.code == ExitCode::configuration);
        CHECK_THAT(failure.message, Catch::StartsWith("crudctl.toml:5:16: libpq ") &&
                                        Catch::EndsWith("keyword \"require_auth\""));
    }
}

TEST_CASE("a profile is protected that says so or is named prod", "[config]")
{
    const ProjectFolder project;
    const Settings settings = project.load_text(
        project_table + "[profiles.local]\nhost = 'h'\n[profiles.staging]\nhost = 'h'\n"
                        "protected = true\n[profiles.prod]\nhost = 'h'\nprotected = false\n"
                        "[profiles.Production]\nhost = 'h'\n[profiles.open]\nhost = 'h'\n"
                        "protected = false\n");
    CHECK_FALSE(settings.profile("local").protection.is_protected);
    CHECK_FALSE(settings.profile("local").protection.is_declared_false);
    CHECK(settings.profile("staging").protection.is_protected);
    CHECK(settings.profile("staging").protection.reason == "crudctl.toml:7");
    CHECK(settings.profile("prod").protection.is_protected);
    CHECK(settings.profile("prod").protection.reason == "it is named \"prod\"");
    CHECK(settings.profile("prod").protection.is_declared_false);
    CHECK(settings.profile("Production").protection.is_protected);
    CHECK_FALSE(settings.profile("open").protection.is_protected);
    CHECK(settings.profile("open").protection.is_declared_false);
}

TEST_CASE("a profile with a word for production in its name is protected", "[config]")
{
    for (const char* name :
         {"prod-eu", "eu_prod", "PRD", "live", "Live2", "2live", "prod1", "shop-prod-2",
          "production_eu", "prod-eu-copy", "prod.eu", "prod-live-copy"}) {
        CAPTURE(name);
        CHECK(word_for_production(name).has_value());
    }
    for (const char* name :
         {"local", "staging", "product", "nonprod", "alive", "olive-oil", "deliver", "non-prod",
          "NOT_PROD", "pre-prod", "prod-copy", "prod2test", "test-live", "prod-dev", "dev", "", "-",
          "pröd", "prodü"}) {
        CAPTURE(name);
        CHECK_FALSE(word_for_production(name).has_value());
    }
}

TEST_CASE("the words for production in names stand on the reference page", "[config]")
{
    const std::string page = read_file(tests::source_folder() / "config/README.md", 1U << 20U).text;
    for (const char* word : {"`prod`", "`prd`", "`production`", "`live`", "`non`", "`not`", "`pre`",
                             "`copy`", "`test`", "`dev`"}) {
        CAPTURE(word);
        CHECK(page.find(word, page.find("**Protected** is")) != std::string::npos);
    }
}

TEST_CASE("the file lifts what a name says, but for prod and production, which it is told of",
          "[config]")
{
    const ProjectFolder project;
    const Settings settings = project.load_text(
        project_table + "[profiles.prod-eu]\nhost = 'h'\n[profiles.live]\nhost = 'h'\n"
                        "protected = false\n[profiles.PROD]\nhost = 'h'\nprotected = false\n");
    CHECK(settings.profile("prod-eu").protection.reason == "its name says \"prod\"");
    CHECK(settings.profile("prod-eu").seed == SeedPolicy::ask);
    CHECK_FALSE(settings.profile("live").protection.is_protected);
    CHECK(settings.profile("live").warnings.empty());
    CHECK(settings.profile("PROD").protection.is_protected);
    REQUIRE(settings.profile("PROD").warnings.size() == 1);
    CHECK_THAT(settings.profile("PROD").warnings.front(),
               Catch::StartsWith("protected = false at crudctl.toml:10 does nothing"));
}

TEST_CASE("seeds are loaded without a question only where nothing is protected", "[config]")
{
    const ProjectFolder project;
    const Settings settings = project.load_text(
        project_table + "[profiles.local]\nhost = 'h'\n[profiles.prod]\nhost = 'h'\n"
                        "[profiles.other]\nhost = 'h'\nseed = '${SEED}'\n",
        {{"SEED", "never"}});
    CHECK(settings.profile("local").seed == SeedPolicy::always);
    CHECK(settings.profile("prod").seed == SeedPolicy::ask);
    CHECK(settings.profile("other").seed == SeedPolicy::never);
    CHECK(profile_failure(project_table + "[profiles.local]\nhost='h'\nseed='${SEED}'\n",
                          {{"SEED", canary}})
              .message == "SEED: \"seed\" must be one of ask, never, always");
}

TEST_CASE("a service is read for what must be known before connecting", "[config]")
{
    const ProjectFolder project;
    project.write(project.home() / ".pg_service.conf",
                  "[other]\nhost=no\n# comment\n[mine]\nhost=db\nport=5433\ndbname=shop\n"
                  "password=" +
                      canary + "\nsslmode=disable\n[last]\nuser=no\n");
    const Profile profile =
        project.load_text(project_table + "[profiles.local]\nservice = 'mine'\nuser = 'me'\n")
            .profile();
    CHECK(profile.origin == "crudctl.toml:4");
    CHECK(profile.conn_info.value("service") == "mine");
    CHECK(profile.conn_info.server_text() == "me@db:5433");
    CHECK(profile.conn_info.database() == "shop");
    CHECK(profile.conn_info.value("sslmode") == "disable");
    CHECK(profile.conn_info.password().empty());
}

TEST_CASE("of a service that only libpq can find nothing is assumed", "[config]")
{
    const ProjectFolder project;
    const Profile profile =
        project.load_text(project_table + "[profiles.local]\nservice = 'elsewhere'\n").profile();
    CHECK(profile.has_target);
    CHECK_FALSE(profile.conn_info.value("sslmode"));
    CHECK(profile.conn_info.database() == "cruddur");
}

TEST_CASE("an empty profile or database name is a usage error, not the default", "[config]")
{
    const ProjectFolder project;
    Sources sources = project.sources({{"CONNECTION_URL", "postgresql://u@h/d"}});
    sources.profile = "";
    CHECK(failure_of([&] { load_settings(sources); }).code == ExitCode::usage);
    CHECK(failure_of([&] { load_settings(sources); }).message == "--profile is empty");
    sources.profile.reset();
    sources.database = "";
    CHECK(failure_of([&] { load_settings(sources); }).code == ExitCode::usage);
    CHECK(failure_of([&] { load_settings(sources); }).message == "--database is empty");
}
