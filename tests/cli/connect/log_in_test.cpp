#include "cli/connect/log_in_checks.hpp"
#include "support/canary.hpp"
#include "support/temp_role.hpp"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;
namespace fs = std::filesystem;

namespace {

/// A project on a database of the cluster whose log-in a test decides on.
struct LogIn {
    TempDatabase database;
    SampleProject project;

    /// The loopback URL without a password; "ann" or "ann:secret".
    void use(const std::string& user)
    {
        project.set_variable("CONNECTION_URL",
                             fmt::format("postgresql://{}@127.0.0.1:{}/{}", user,
                                         TestCluster::running().port(), database.name()));
    }

    CliResult run(std::vector<std::string> arguments = {"sessions"}) const
    {
        return call_in(project, std::move(arguments)).result();
    }
};

/// As libpq wants it in a passfile.
std::string escaped(const std::string& text)
{
    std::string result;
    for (const char c : text) {
        result += c == ':' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    }
    return result;
}

} // namespace

TEST_CASE("a log-in that the server refuses is told in its words, with what may help")
{
    LogIn log_in;
    const TempRole expired("login valid until '2001-01-01'");
    const TempRole no_login("nologin");
    log_in.use("postgres:" + canary_in_url());
    check_fails(log_in.run(), "password authentication failed for user \"postgres\"",
                "check the password: password_command, the URL, PGPASSWORD and the passfile");
    log_in.use(expired.name() + ":" + canary_in_url());
    check_fails(log_in.run(), "password authentication failed", "check the password");
    log_in.use("nobody-of-this-name:" + canary_in_url());
    check_fails(log_in.run(), "password authentication failed", "check the password");
    log_in.use(no_login.name() + ":" + canary_in_url());
    check_fails(log_in.run(), "is not permitted to log in", "ALTER ROLE");
}

TEST_CASE("without a password nobody is asked for one, not even at a terminal")
{
    LogIn log_in;
    log_in.use("postgres");
    check_fails(log_in.run(), "the server wants a password, and none was given",
                "crudctl does not ask for passwords");
    const auto result = log_in.project.run_crudctl({"sessions"}).with_terminal().result();
    CHECK(result.exit_code == 4);
    CHECK(contains(result.screen, "none was given"));
}

TEST_CASE("a role without the right to connect to the database is told the right")
{
    LogIn log_in;
    const TempRole role;
    pg::Connection admin(TestCluster::running().info());
    admin.exec("revoke connect on database " + log_in.database.name() + " from public");
    log_in.use(role.name() + ":" + canary_in_url());
    check_fails(log_in.run(), "permission denied for database", "GRANT CONNECT ON DATABASE");
}

TEST_CASE("a passfile with colons and backslashes in it is read as libpq reads it")
{
    LogIn log_in;
    const TempRole plain;
    const std::string odd_name = R"(odd:na\me )" + plain.name();
    pg::Connection admin(TestCluster::running().info());
    admin.exec(fmt::format("create role {} login password {}", admin.quoted(odd_name),
                           admin.literal(canary())));
    const auto line = [](const std::string& user) {
        return fmt::format("127.0.0.1:*:*:{}:{}\n", escaped(user), escaped(canary()));
    };
    const fs::path passfile = log_in.project.write("../.pgpass", line(odd_name) + line("other"));
    fs::permissions(passfile, fs::perms::owner_read | fs::perms::owner_write);

    log_in.use(percent_encoded(odd_name));
    const auto result = log_in.run();
    admin.exec("drop role " + admin.quoted(odd_name));
    check_succeeds(result);
    CHECK(contains(result.out, plain.name()));
}

TEST_CASE("a passfile that others may read is ignored with a warning of ours")
{
    LogIn log_in;
    const TempRole role;
    log_in.use(role.name());
    const fs::path passfile =
        log_in.project.write("../.pgpass", "*:*:*:*:" + escaped(canary()) + "\n");
    fs::permissions(passfile, static_cast<fs::perms>(0644));
    check_fails(log_in.run(), "is ignored: others may use it; chmod 600", "PGPASSWORD");

    fs::permissions(passfile, static_cast<fs::perms>(0600));
    check_succeeds(log_in.run());
}

TEST_CASE("libpq's variables left over in a shell lead nowhere else, and are named once")
{
    LogIn log_in;
    const TempRole role;
    log_in.use(role.name() + ":" + canary_in_url());
    const std::vector<std::pair<std::string, std::string>> left_over = {
        {"PGHOSTADDR", "192.0.2.1"},
        {"PGHOST", "nowhere.invalid"},
        {"PGPORT", "1"},
        {"PGSERVICE", "none"},
        {"PGDATABASE", "elsewhere"},
        {"PGUSER", "mallory"},
        {"PGSSLMODE", "verify-full"},
        {"PGOPTIONS", "-c search_path=evil"},
        {"PGTARGETSESSIONATTRS", "standby"}};
    for (const auto& [name, value] : left_over) {
        log_in.project.set_variable(name, value);
    }
    const auto result = log_in.run();
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    CHECK(contains(result.out, role.name()));
    CHECK(contains(result.out, log_in.database.name()));
    for (const auto& [name, value] : left_over) {
        CAPTURE(name);
        const bool is_named =
            contains(result.err, " " + name + ",") || contains(result.err, " " + name + "\n");
        CHECK(is_named);
    }
}

TEST_CASE("a URL that cannot be read is refused by its mistake, and never shown")
{
    const std::string password = canary_in_url();
    const std::vector<std::string> urls = {
        "postgresql:/ann:" + password + "@db/cruddur",
        "mysql://ann:" + password + "@db/cruddur",
        "postgresql://ann:" + password + "%zz@db/cruddur",
        "postgresql://ann:" + password + "%00@db/cruddur",
        "postgresql://ann:" + password + "@db:port/cruddur",
        "postgresql://ann:" + password + "@db:99999/cruddur",
        "postgresql://ann:" + password + "@[::1/cruddur",
        "postgresql://ann:" + password + "@db/cruddur?nonsense=1",
        "postgresql://ann:" + canary() + "@db/cruddur",
        "postgresql://ann:" + password + "#more@db/cruddur",
        "postgresql://ann:" + password + "@db/cruddur extra",
        "postgresql://ann:?" + canary() + "@db/cruddur",
        "host=db password=" + canary() + " nonsense=1",
        "host=db password='" + canary(),
    };
    SampleProject project;
    for (const std::string& url : urls) {
        project.set_variable("CONNECTION_URL", url);
        const auto result = project.run_crudctl({"sessions", "--verbose"}).result();
        INFO(url << "\n" << result.err);
        CHECK(result.exit_code == 3);
        CHECK(contains(result.err, "crudctl: error: "));
        CHECK(contains(result.err, "CONNECTION_URL"));
    }
}

TEST_CASE("a maintenance database that is missing is passed over")
{
    const DatabaseProject fixture;
    fixture.project.write("crudctl.toml", R"([project]
name = "cruddur"
[profiles.local]
url = "${CONNECTION_URL}"
maintenance_database = "no such database"
)");
    const auto result = fixture.run({"create"}).result();
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    CHECK(contains(result.err, "nothing to do"));
}
