#include "unit/config/fixture.hpp"

#include <algorithm>

using namespace crudctl;
using namespace crudctl::config;
using namespace crudctl::config::test;

namespace {

SettingLine line_of(const Settings& settings, const std::string& key)
{
    for (const SettingLine& line : settings.lines()) {
        if (line.key == key) {
            return line;
        }
    }
    return {"missing", {}, false, {}};
}

std::string all_text(const Settings& settings)
{
    std::string text;
    for (const SettingLine& line : settings.lines()) {
        text += line.key + "|" + line.value + "|" + line.origin + "\n";
    }
    for (const auto& more : {settings.notes(), settings.warnings()}) {
        for (const std::string& line : more) {
            text += line + "\n";
        }
    }
    return text;
}

} // namespace

TEST_CASE("every setting is listed with its origin", "[config]")
{
    const ProjectFolder project;
    project.write(".env", "CRUDCTL_PROJECT_QUERIES=elsewhere\n");
    const Settings settings = project.load_text(
        "[project]\nname = 'cruddur'\nschema = ['a.sql', '${B}.sql']\nchecks = ['select ${x}']\n"
        "[profiles.local]\nurl = '${CONNECTION_URL}'\nown_server = true\n"
        "[profiles.prod]\nurl = '${PROD_CONNECTION_URL}'\nport = 5433\n",
        {{"B", "b"},
         {"CONNECTION_URL", "postgresql://u@h/d"},
         {"CRUDCTL_SERVER_PORT", "6000"},
         {"CRUDCTL_PROFILE", "local"}});
    const auto check = [&](const std::string& key, const std::string& value,
                           const std::string& origin) {
        INFO(key);
        CHECK(line_of(settings, key).value == value);
        CHECK(line_of(settings, key).origin == origin);
        CHECK(line_of(settings, key).is_set == !value.empty());
    };
    check("config", (project.root() / "crudctl.toml").string(), "found");
    check("profile", "local", "CRUDCTL_PROFILE");
    check("project.name", "cruddur", "crudctl.toml:2");
    check("project.schema", "a.sql, b.sql", "crudctl.toml:3");
    check("project.checks", "select ${x}", "crudctl.toml:4");
    check("project.queries", "elsewhere", "CRUDCTL_PROJECT_QUERIES in .env");
    check("server.port", "6000", "CRUDCTL_SERVER_PORT");
    check("server.binaries", "looked for", "default");
    check("profiles.local.url", "postgresql://u@h/d", "CONNECTION_URL");
    check("profiles.local.own_server", "true", "crudctl.toml:7");
    check("profiles.local.maintenance_database", "postgres", "default");
    check("profiles.prod.url", "", "crudctl.toml:9: PROD_CONNECTION_URL not set");
    check("profiles.prod.port", "5433", "crudctl.toml:10");
    check("profiles.prod.password_command", "", "default");
    CHECK(line_of(settings, "profiles.prod.host").key == "missing");
    CHECK(line_of(settings, "profiles.prod.aws.region").key == "missing");
}

TEST_CASE("the listing is the same the second time", "[config]")
{
    const ProjectFolder project;
    const Settings settings = project.load_text("[profiles.local]\nhost = 'h'\n");
    CHECK(all_text(settings) == all_text(settings));
}

TEST_CASE("no secret appears in the listing, a note or a warning", "[config]")
{
    const ProjectFolder project;
    project.write(".env", "DATABASE_URL=postgresql://u:" + canary + "@h/d\n", 0644);
    project.write("crudctl.toml",
                  "[profiles.a]\nurl = 'postgresql://u:" + canary +
                      "@h/d'\n[profiles.b]\nhost = 'h'\npassword = '" + canary +
                      "'\nsslpassword = '" + canary +
                      "'\n[profiles.c]\nurl = '${DATABASE_URL}'\n"
                      "[profiles.d]\nurl = 'postgresql://u:${P}@h/d?sslpassword=" +
                      canary +
                      "'\n"
                      "[profiles.e]\npassword_command = ['echo', '" +
                      canary + "']\n[profiles.f]\nurl = 'postgres:/u:" + canary +
                      "@h/d'\n[profiles.g]\nurl = '${BAD}'\n"
                      "[profiles.h]\nurl = '${A" +
                      "'\n",
                  0644);
    const Settings settings = project.load(
        {{"P", canary}, {"PGPASSWORD", canary}, {"BAD", "POSTGRES://u:" + canary + "@h"}});
    const std::string text = all_text(settings);
    CHECK(text.find(canary) == std::string::npos);
    CHECK(line_of(settings, "profiles.a.url").value ==
          "postgresql://u@h/d (its password is not shown)");
    CHECK(line_of(settings, "profiles.b.password").value == "***");
    CHECK(line_of(settings, "profiles.e.password_command").value == "echo (and 1 argument)");
    CHECK(line_of(settings, "profiles.f.url").value == "(cannot be read)");
    CHECK(line_of(settings, "profiles.h.url").origin ==
          "crudctl.toml:18:7: \"${\" is never closed");
}

TEST_CASE("every password is known for masking, even of a URL that cannot be read", "[config]")
{
    const ProjectFolder project;
    project.write(".env", "DATABASE_URL=postgresql://u:from_dotenv@h/d\n");
    const Settings settings = project.load_text(
        "[profiles.a]\nurl = 'postgresql://u:in_file@h/d'\n"
        "[profiles.b]\nhost = 'h'\npassword = 'as_key'\n"
        "[profiles.c]\nurl = 'postgresql://u:${P}@h/d'\n"
        "[profiles.d]\nurl = '${UNSET}'\n",
        {{"P", "in/part"}, {"PGPASSWORD", "from_env"}, {"BROKEN", "postgres:/u:broken@h/d"}});
    std::vector<std::string> texts;
    for (const Secret& secret : settings.secrets()) {
        texts.push_back(secret.reveal());
    }
    std::sort(texts.begin(), texts.end());
    CHECK(texts == std::vector<std::string>{"as_key", "from_dotenv", "from_env", "in/part",
                                            "in_file", "postgres:/u:broken@h/d"});
}
