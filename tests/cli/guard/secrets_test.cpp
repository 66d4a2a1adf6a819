#include "cli/database_project.hpp"
#include "support/canary.hpp"
#include "support/paths.hpp"
#include "support/temp_role.hpp"
#include "support/trust.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;
namespace fs = std::filesystem;

// Every run below fails by itself where the canary shows: in its output, or in the command line of
// a program that it starts.

namespace {

using Arguments = std::vector<std::string>;

/// A database that belongs to a role whose password is the canary.
struct SecretProject {
    SecretProject()
    {
        pg::Connection admin(TestCluster::running().info());
        admin.exec("alter database " + database.name() + " owner to " + role.name());
        project.write("broken.sql", "select 1;\ncreate tabel t();\n");
    }

    /// With the canary, or without a password.
    std::string url(const std::string& password) const
    {
        return fmt::format("postgresql://{}{}@127.0.0.1:{}/{}", role.name(), password,
                           TestCluster::running().port(), database.name());
    }
    std::string url_with_password() const { return url(":" + canary_in_url()); }

    void write_private(const std::string& name, const std::string& text) const
    {
        fs::permissions(project.write(name, text), static_cast<fs::perms>(0600));
    }
    void write_profile(const std::string& lines) const
    {
        write_private("crudctl.toml", "[project]\nname = \"cruddur\"\n[profiles.local]\n" + lines);
    }

    CliResult run(const Arguments& arguments) const
    {
        return project.run_crudctl(arguments).result();
    }

    TempRole role{"login createdb"}; // outlives its database
    TempDatabase database;
    SampleProject project;
};

struct Leak {
    std::string name;
    std::function<void(SecretProject&)> put;
};

/// Every place that a password can come from.
const std::vector<Leak>& places()
{
    static const std::vector<Leak> all = {
        {"URL",
         [](SecretProject& scene) {
             scene.project.set_variable("CONNECTION_URL", scene.url_with_password());
         }},
        {"keyword URL",
         [](SecretProject& scene) {
             scene.project.set_variable(
                 "CONNECTION_URL",
                 fmt::format("host=127.0.0.1 port={} user={} dbname={} password={}",
                             TestCluster::running().port(), scene.role.name(),
                             scene.database.name(), canary()));
         }},
        {"PGPASSWORD",
         [](SecretProject& scene) {
             scene.project.set_variable("CONNECTION_URL", scene.url(""));
             scene.project.set_variable("PGPASSWORD", canary());
         }},
        {"passfile",
         [](SecretProject& scene) {
             scene.project.set_variable("CONNECTION_URL", scene.url(""));
             scene.write_private("passfile", "*:*:*:*:" + canary() + "\n");
             scene.project.set_variable("PGPASSFILE", (scene.project.root() / "passfile").string());
         }},
        {"password_command",
         [](SecretProject& scene) {
             scene.write_private("password", canary() + "\n");
             scene.write_profile("url = \"" + scene.url("") +
                                 "\"\npassword_command = [\"cat\", \"password\"]\n");
             agree(scene.project.run_crudctl({"trust"}));
         }},
        {".env URL",
         [](SecretProject& scene) {
             scene.write_private(".env", "CONNECTION_URL=" + scene.url_with_password() + "\n");
         }},
        {".env PGPASSWORD",
         [](SecretProject& scene) {
             scene.project.set_variable("CONNECTION_URL", scene.url(""));
             scene.write_private(".env", "export PGPASSWORD='" + canary() + "'\n");
         }},
        {"service file",
         [](SecretProject& scene) {
             scene.write_private(
                 "services",
                 fmt::format("[ours]\nhost=127.0.0.1\nport={}\nuser={}\ndbname={}\npassword={}\n",
                             TestCluster::running().port(), scene.role.name(),
                             scene.database.name(), canary()));
             scene.project.set_variable("PGSERVICEFILE",
                                        (scene.project.root() / "services").string());
             scene.write_profile("service = \"ours\"\n");
         }},
        {"URL in the settings",
         [](SecretProject& scene) {
             scene.write_profile("url = \"" + scene.url_with_password() + "\"\n");
         }},
        {"password in the settings",
         [](SecretProject& scene) {
             scene.write_profile("url = \"" + scene.url("") + "\"\npassword = \"" + canary() +
                                 "\"\n");
         }},
        {"variable in the settings' URL",
         [](SecretProject& scene) {
             scene.project.set_variable("DB_PASSWORD", canary());
             scene.write_profile("url = \"" + scene.url(":${DB_PASSWORD}") + "\"\n");
         }},
    };
    return all;
}

} // namespace

TEST_CASE("a password is found in every place it can come from, and shown from none")
{
    const std::vector<std::pair<Arguments, int>> commands = {
        {{"sessions", "--verbose", "--json"}, 0},
        {{"config", "--json"}, 0},
        {{"schema-load", "-f", "broken.sql", "--verbose"}, 1},
    };
    for (const Leak& place : places()) {
        SecretProject scene;
        place.put(scene);
        for (const auto& [arguments, code] : commands) {
            const auto result = scene.run(arguments);
            INFO(place.name << ": " << arguments.front() << "\n" << result.err);
            CHECK(result.exit_code == code);
        }
    }
}

TEST_CASE("no command shows a password, however much it says")
{
    SecretProject scene;
    scene.project.set_variable("CONNECTION_URL", scene.url_with_password());
    const TempDatabase prod;
    std::string prod_url = scene.url_with_password();
    prod_url.replace(prod_url.rfind('/') + 1, std::string::npos, prod.name());
    scene.project.set_variable("PROD_CONNECTION_URL", prod_url);
    const std::vector<Arguments> commands = {
        {"setup", "--verbose"},
        {"setup", "--json"},
        {"setup", "--dry-run", "--json"},
        {"seed", "--verbose"},
        {"sessions", "-v"},
        {"sessions", "--all", "--json"},
        {"status", "--json"},
        {"config"},
        {"config", "prod"},
        {"url", "prod"},
        {"drop", "prod"},
        {"connect", "--", "-c", "select 1"},
        {"server", "status"},
        {"status", "--verbose"},
        {"status", "prod"},
        {"sessions", "-v", "-d", "no such database"},
        {"drop", "--verbose"},
        {"create", "--verbose"},
        {"schema-load"},
        {},
    };
    for (const Arguments& arguments : commands) {
        INFO((arguments.empty() ? "bare crudctl" : arguments.front()));
        CHECK_NOTHROW(scene.run(arguments));
    }
}

TEST_CASE("neither crudctl nor the psql that it becomes may leave a core file")
{
    SecretProject scene;
    scene.project.set_variable("CONNECTION_URL", scene.url_with_password());
    const std::string script = R"sh(ulimit -S -c "$(ulimit -H -c)" && exec "$0" "$@")sh";
    const auto result = scene.project
                            .run_crudctl({"-c", script, crudctl_binary().string(), "connect", "--",
                                          "-X", "-c", "\\! ulimit -S -c"})
                            .with_program("/bin/sh")
                            .result();
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    CHECK(result.out == "0\n");
}

TEST_CASE("a password that the server refuses shows in no error")
{
    pg::Connection admin(TestCluster::running().info());
    for (const Leak& place : places()) {
        SecretProject scene;
        place.put(scene);
        admin.exec("alter role " + scene.role.name() + " password 'another one'");
        const auto result = scene.run({"sessions", "--verbose"});
        INFO(place.name << "\n" << result.err);
        CHECK(result.exit_code == 4);
        CHECK(contains(result.err, "password authentication failed"));
    }
}

TEST_CASE("a password shows in no error of the settings it stands in")
{
    SecretProject scene;
    const std::string secret = canary();
    for (const std::string& lines :
         {"url = \"" + scene.url_with_password() + "\nnext = 1", // the quote never ends
          "url = \"" + scene.url_with_password() + "\"\nurl = \"" + scene.url_with_password() +
              "\"",
          "pasword = \"" + secret + "\"", "password = \"" + secret + "\"\nhost = 7",
          "password = [\"" + secret + "\"]", "url = \"" + scene.url_with_password() + "%zz\"",
          "url = \"" + scene.url_with_password() + "\"\npassword = \"not the same\"",
          "password_command = \"" + secret + "\"", "password = \"${" + secret + "}\""}) {
        scene.write_profile(lines + "\n");
        const auto result = scene.run({"sessions", "--verbose"});
        INFO(result.err);
        CHECK(result.exit_code == 3);
    }
}
