#include "cli/connect/log_in_checks.hpp"
#include "cli/project/own_server_project.hpp"
#include "support/canary.hpp"
#include "support/loopback.hpp"
#include "support/paths.hpp"
#include "support/stand_in_server.hpp"
#include "support/temp_role.hpp"
#include "support/text/text.hpp"
#include "support/throw_away_server.hpp"

#include <chrono>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

/// What `doctor --json` says, and what it ended with.
struct Answer {
    explicit Answer(const CliResult& result)
        : exit_code(result.exit_code), document(nlohmann::json::parse(result.out))
    {
        for (const auto& step : document["steps"]) {
            results[step["step"]] = step["result"];
            texts[step["step"]] = step["text"];
        }
    }

    int exit_code;
    nlohmann::json document;
    std::map<std::string, std::string> results;
    std::map<std::string, std::string> texts;
};

Answer ask(const std::string& url)
{
    return Answer(run_on(url, {"doctor", "--json", "--connect-timeout", "2"}));
}

/// It names this step, says why and what helps; the steps on the way before it pass, and those
/// behind it were not asked.
void check_names(const Answer& answer, const std::string& step, const std::string& reason,
                 const std::string& fix)
{
    CAPTURE(answer.document.dump(2));
    CHECK(answer.exit_code == 4);
    CHECK(answer.document["failed"] == step);
    CHECK(contains(answer.texts.at(step), reason));
    CHECK(contains(answer.document["fix"], fix));
    bool is_before = true;
    for (const auto& each : answer.document["steps"]) {
        if (each["step"] == step) {
            is_before = false;
            CHECK(each["result"] == "fails");
        } else {
            CHECK(each["result"] == (is_before ? "passes" : "not asked"));
        }
    }
}

/// The step fails; in a shell that has typed the fix, it passes.
void check_fixes(const std::string& url, const std::string& step, const std::string& typed = {},
                 const std::map<std::string, std::string>& variables = {})
{
    SampleProject project;
    project.set_variable("CONNECTION_URL", url);
    const Answer before(call_in(project, {"doctor", "--json", "--connect-timeout", "2"}).result());
    CAPTURE(before.document.dump(2));
    CHECK(before.document["failed"] == step);
    const std::string fix = before.document["fix"];
    const std::string script =
        fmt::format("{{ {}\n}} >&2\nexec {} doctor --json --connect-timeout 2",
                    fix.substr(fix.find(": ") + 2), crudctl_binary().string());
    CliCall shell = call_in(project, {"-c", script});
    shell.with_program("/bin/bash").with_input(typed);
    for (const auto& [name, value] : variables) {
        shell.with_variable(name, value);
    }
    const CliResult result = shell.result();
    CAPTURE(script, result.err);
    const Answer after(result);
    CHECK(after.results.at(step) == "passes");
}

std::string cluster_url(const std::string& user, const std::string& database,
                        const std::string& parameters = {})
{
    return fmt::format("postgresql://{}@127.0.0.1:{}/{}{}", user, TestCluster::running().port(),
                       database, parameters);
}

} // namespace

TEST_CASE("doctor on a database that can be used: every step passes, in lines of 80 columns")
{
    const TempDatabase database;
    const auto result = run_on(database.url(), {"doctor"});
    CAPTURE(result.err, result.out);
    CHECK(result.exit_code == 0);
    CHECK(result.err.empty());
    std::string signs;
    std::istringstream lines(result.out);
    for (std::string line; std::getline(lines, line);) {
        CHECK(display_width(line) <= 80);
        CHECK(line.find('\x1b') == std::string::npos);
        signs += line.starts_with(" ") ? "" : line.substr(0, line.find(' '));
    }
    CHECK(signs == "✓✓✓✓✓✓✓✓");
    CHECK_FALSE(contains(result.out, "fix:"));
    CHECK_FALSE(contains(result.out, "instance"));
    CHECK(contains(result.out, "CONNECTION_URL"));
    CHECK(contains(result.out, database.name() + " is there"));
    const Answer answer = ask(database.url());
    CHECK(answer.exit_code == 0);
    CHECK(answer.document["result"] == "passes");
    CHECK(answer.document["profile"] == "local");
}

TEST_CASE("doctor over a Unix socket has nothing to look up and nothing to encrypt")
{
    const TempDatabase database;
    const auto socket = [&](const std::string& port) {
        return fmt::format("postgresql://postgres@/{}?host={}&port={}", database.name(),
                           TestCluster::running().socket_folder(), port);
    };
    const Answer answer = ask(socket(TestCluster::running().port()));
    CHECK(answer.exit_code == 0);
    CHECK(contains(answer.texts.at("tls"), "Unix socket"));
    check_names(ask(socket("1")), "tcp", "no server listens on that socket",
                "start the server: sudo service postgresql start");
}

TEST_CASE("doctor names what keeps from the server: its name, a closed port, a black hole")
{
    const Answer nowhere = ask("postgresql://ann@nowhere.invalid/cruddur");
    check_names(nowhere, "dns", "nowhere.invalid",
                "correct the host, or this machine's network: "
                "export CONNECTION_URL=\"${CONNECTION_URL/nowhere.invalid/HOST}\"");

    const auto closed = std::to_string(free_port());
    check_names(ask("postgresql://ann@127.0.0.1:" + closed + "/cruddur"), "tcp",
                "127.0.0.1 port " + closed + ": Connection refused",
                "start the server: sudo service postgresql start");

    const BlackHole hole;
    check_names(ask("postgresql://ann@127.0.0.1:" + hole.port() + "/cruddur"), "tcp",
                "127.0.0.1 port " + hole.port() + ": no answer within 2 s",
                "let this machine through the firewall");
}

TEST_CASE("doctor goes on with the host that answers")
{
    const TempDatabase database;
    const Answer answer = ask(fmt::format("postgresql://postgres:{}@127.0.0.1:{},127.0.0.1:{}/{}",
                                          TestCluster::running().password(), free_port(),
                                          TestCluster::running().port(), database.name()));
    CHECK(answer.exit_code == 0);
    CHECK(contains(answer.texts.at("tcp"), TestCluster::running().port() + " answers"));
}

TEST_CASE("doctor tells what is no Postgres server from one")
{
    const StandInServer web_server(answer_http);
    check_names(ask(web_server.url("?sslmode=require")), "tls", "does not speak Postgres' protocol",
                "correct the port: export CONNECTION_URL=\"${CONNECTION_URL/:" + web_server.port());
    const StandInServer plain(answer_http);
    check_names(ask(plain.url("?sslmode=disable")), "log-in", "does not speak Postgres' protocol",
                "is the port right?");
    const StandInServer silent(say_nothing);
    check_names(ask(silent.url()), "tls", "said nothing for 2 s", "correct the port");
    const StandInServer old(let_in({{"server_version", "9.6.24"}}));
    check_names(ask(old.url()), "log-in", "PostgreSQL 9.6.24", "PostgreSQL 14 and newer");
    const StandInServer full(refuse("53300", "sorry, too many clients already"));
    check_names(ask(full.url()), "log-in", "too many clients", "crudctl sessions");
    const StandInServer starting(refuse("57P03", "the database system is starting up"));
    check_names(ask(starting.url()), "log-in", "starting up", "crudctl status --wait");
}

TEST_CASE("doctor does not wait for ever for a server that takes a log-in and then hangs")
{
    const StandInServer hung(let_in({{"server_version", "15.1"}}));
    check_names(ask(hung.url()), "database", "no question was answered within 2 s", "pooler");
}

TEST_CASE("doctor names which check of TLS failed")
{
    const TempDatabase plain;
    check_names(ask(plain.url() + "?sslmode=require"), "tls", "the server has no TLS",
                "if the network may be trusted, set sslmode=prefer: export CONNECTION_URL=");

    const Certificate ours("localhost");
    const Certificate others("localhost");
    const ThrowAwayServer server(
        {"ssl_min_protocol_version = 'TLSv1.3'", "hostnossl all all 127.0.0.1/32 reject", &ours});
    const auto url = [&](const std::string& host, const std::string& parameters) {
        return fmt::format("postgresql://postgres:{}@{}:{}/postgres?{}",
                           TestCluster::running().password(), host, server.port(), parameters);
    };
    const std::string root = "&sslrootcert=" + ours.certificate().string();
    const std::string wrong_root = "&sslrootcert=" + others.certificate().string();

    const Answer full = ask(url("localhost", "sslmode=verify-full" + root));
    CHECK(full.exit_code == 0);
    CHECK(full.texts.at("tls") ==
          "TLSv1.3, the certificate and its host name are right (sslmode=verify-full)");
    CHECK(ask(url("127.0.0.1", "sslmode=prefer")).texts.at("tls") == "TLSv1.3 (sslmode=prefer)");

    check_names(ask(url("127.0.0.1", "sslmode=verify-full" + root)), "tls",
                "does not match host name \"127.0.0.1\"",
                "export CONNECTION_URL=\"${CONNECTION_URL/127.0.0.1/localhost}\"");
    check_names(ask(url("localhost", "sslmode=verify-full" + wrong_root)), "tls",
                "is signed by itself alone", "openssl x509 >> " + others.certificate().string());
    check_names(ask(url("localhost", "sslmode=verify-full")), "tls", "no root certificate to check",
                "/.postgresql/root.crt");
    check_names(ask(url("127.0.0.1", "sslmode=require&ssl_max_protocol_version=TLSv1.2")), "tls",
                "protocol version",
                "ssl_max_protocol_version=TLSv1.2/ssl_max_protocol_version=TLSv1.3");
    check_names(ask(url("127.0.0.1", "sslmode=disable")), "log-in", "no encryption",
                "CONNECTION_URL/sslmode=disable/sslmode=require}");
}

TEST_CASE("doctor tells an expired certificate from one that nobody trusts")
{
    const Certificate expired("localhost", Certificate::Validity::over);
    const ThrowAwayServer server({"", "", &expired});
    check_names(ask(fmt::format("postgresql://postgres@localhost:{}/postgres?sslmode=verify-full"
                                "&sslrootcert={}",
                                server.port(), expired.certificate().string())),
                "tls", "has expired", "renew its certificate");
}

TEST_CASE("doctor names the authority that is not trusted")
{
    const Certificate authority("Authority of the tests");
    const Certificate others("localhost");
    const Certificate signed_one("localhost", authority);
    const ThrowAwayServer server({"", "host all all 127.0.0.1/32 trust", &signed_one});
    const auto with_root = [&](const Certificate& root) {
        return ask(fmt::format("postgresql://postgres@localhost:{}/postgres?sslmode=verify-full"
                               "&sslrootcert={}",
                               server.port(), root.certificate().string()));
    };
    CHECK(with_root(authority).exit_code == 0);
    check_names(with_root(others), "tls", "is signed by Authority of the tests, who is not among",
                "get the certificate of Authority of the tests from whoever runs the server: "
                "cat CERTIFICATE.crt >> " +
                    others.certificate().string());
}

TEST_CASE("doctor tells why a log-in is refused")
{
    const TempDatabase database;
    const TempRole no_login("nologin");
    const auto with = [&](const std::string& user) { return cluster_url(user, database.name()); };
    check_names(ask(with("postgres:" + canary_in_url())), "log-in",
                "password authentication failed",
                "correct the password, or the user: export CONNECTION_URL=URL");
    check_names(ask(with("postgres")), "log-in", "wants a password, and none was given",
                "read -rs PGPASSWORD && export PGPASSWORD");
    check_names(ask(with(no_login.name() + ":" + canary_in_url())), "log-in",
                "is not permitted to log in",
                fmt::format("as an administrator: ALTER ROLE \"{}\" LOGIN", no_login.name()));
    const ThrowAwayServer server({"", "host all all 127.0.0.1/32 reject", {}});
    check_names(ask(fmt::format("postgresql://postgres@127.0.0.1:{}/postgres", server.port())),
                "log-in", "pg_hba.conf rejects",
                "on the server, as its administrator: sed -i '1i host \"postgres\" \"postgres\" "
                "127.0.0.1/32 scram-sha-256'");
}

TEST_CASE("a shell that types what doctor says gets past the step that failed")
{
    const TempDatabase plain;
    check_fixes(plain.url() + "?sslmode=require", "tls");
    check_fixes(cluster_url("postgres", plain.name()), "log-in",
                TestCluster::running().password() + "\n");

    const Certificate ours("localhost");
    const Certificate others("localhost");
    const ThrowAwayServer server(
        {"ssl_min_protocol_version = 'TLSv1.3'",
         "hostnossl all all 127.0.0.1/32 reject\nhost postgres ann all reject", &ours});
    pg::Connection(server.info())
        .exec(fmt::format("create role ann login password '{}'", canary()));
    const auto url = [&](const std::string& who, const std::string& parameters) {
        return fmt::format("postgresql://{}:{}/postgres?{}", who, server.port(), parameters);
    };
    const std::string admin = "postgres:" + TestCluster::running().password();
    const std::string root = "&sslrootcert=" + ours.certificate().string();
    const std::string wrong_root = "&sslrootcert=" + others.certificate().string();
    check_fixes(url(admin + "@127.0.0.1", "sslmode=verify-full" + root), "tls");
    check_fixes(url(admin + "@localhost", "sslmode=verify-full" + wrong_root), "tls");
    check_fixes(url(admin + "@localhost", "sslmode=verify-full"), "tls");
    check_fixes(url(admin + "@127.0.0.1", "sslmode=require&ssl_max_protocol_version=TLSv1.2"),
                "tls");
    check_fixes(url(admin + "@127.0.0.1", "sslmode=disable"), "log-in");
    check_fixes(
        url("ann:" + canary_in_url() + "@127.0.0.1", "sslmode=require"), "log-in", "",
        {{"PGHOST", server.socket_folder()}, {"PGPORT", server.port()}, {"PGUSER", "postgres"}});
}

TEST_CASE("a fix replaces the host, and no user, password or scheme of its name")
{
    const std::vector<std::pair<std::string, std::string>> examples = {
        {"postgresql://postgres:S3cr3t@postgres.invalid:5432/postgres.invalid_x",
         "${CONNECTION_URL/postgres.invalid/HOST}"},
        {"postgresql://db.invalid:S3cr3t@db.invalid:5432/shop",
         "${CONNECTION_URL/@db.invalid/@HOST}"},
        {"postgresql://ann@sql.invalid/sql.invalid", "${CONNECTION_URL/sql.invalid/HOST}"},
    };
    for (const auto& [url, change] : examples) {
        CAPTURE(url);
        SampleProject project;
        project.set_variable("CONNECTION_URL", url);
        const auto result =
            call_in(project, {"doctor", "--json", "--connect-timeout", "2"}).result();
        CHECK(contains(Answer(result).document["fix"].get<std::string>(), change));
    }
}

TEST_CASE("doctor opens the file that has the setting, and knows a compose file's server")
{
    SampleProject project;
    const std::string port = std::to_string(free_port());
    project.write(".env", "CONNECTION_URL=postgresql://ann@nowhere.invalid/cruddur\n");
    const auto fix = [&](const std::vector<std::string>& options = {}) {
        std::vector<std::string> arguments = {"doctor", "--json", "--connect-timeout", "2"};
        arguments.insert(arguments.end(), options.begin(), options.end());
        return Answer(call_in(project, arguments).result()).document["fix"].get<std::string>();
    };
    CHECK(contains(fix(), "${EDITOR:-vi} .env"));
    project.write("other.toml",
                  "\n[profiles.local]\nhost = 'nowhere.invalid'\ndbname = 'cruddur'\n");
    CHECK(contains(fix({"--config", "other.toml"}), "${EDITOR:-vi} +3 other.toml"));
    project.write(".env", "CONNECTION_URL=postgresql://ann@localhost:" + port + "/cruddur\n");
    project.write("compose.yaml", "services:\n  store:\n    image: postgres:16\n    ports:\n"
                                  "      - '" +
                                      port + ":5432'\n");
    CHECK(fix() == "start the server: docker compose up -d store");
}

TEST_CASE("doctor names a missing database, and the command that makes it does")
{
    const DatabaseProject fixture;
    const std::string missing = fixture.database.name() + "__missing";
    const auto doctor = [&] {
        return Answer(fixture.run({"doctor", "-p", "local", "-d", missing, "--json"}).result());
    };
    const Answer before = doctor();
    check_names(before, "database", "does not exist", "crudctl create local");
    CHECK(before.document["fix"] == "crudctl create local -d " + missing);
    CHECK(fixture.ask_server("select count(*) from pg_database where datname = '" + missing +
                             "'") == "0");
    fixture.expect({"create", "local", "-d", missing}, 0);
    CHECK(doctor().exit_code == 0);
}

TEST_CASE("doctor does not propose what the role may not do")
{
    const TempDatabase database;
    const TempRole role;
    const std::string user = role.name() + ":" + canary_in_url();
    check_names(ask(cluster_url(user, database.name() + "__missing")), "database", "does not exist",
                "as an administrator: CREATE DATABASE \"" + database.name() + "__missing\" OWNER");

    const Answer plain = ask(cluster_url(user, database.name()));
    CHECK(plain.exit_code == 0);
    CHECK(plain.results.at("rights") == "told");
    CHECK(contains(plain.texts.at("rights"), "may not create databases"));
    CHECK(plain.document["result"] == "passes");

    pg::Connection(TestCluster::running().info())
        .exec(fmt::format("revoke connect on database \"{}\" from public", database.name()));
    check_names(
        ask(cluster_url(user, database.name())), "database", "permission denied",
        fmt::format("GRANT CONNECT ON DATABASE \"{}\" TO \"{}\"", database.name(), role.name()));
}

TEST_CASE("doctor tells of a database that takes no connections")
{
    const TempDatabase database;
    const std::string& name = database.name();
    pg::Connection admin(TestCluster::running().info());
    admin.exec(fmt::format("alter database \"{}\" allow_connections false", name));
    check_names(ask(database.url()), "database", "not currently accepting connections",
                fmt::format("ALTER DATABASE \"{}\" ALLOW_CONNECTIONS true", name));
}

TEST_CASE("doctor on the project's own server starts nothing, and names what does")
{
    const OwnServerProject project;
    const auto doctor = [&] { return Answer(project.run({"doctor", "--json"}).result()); };
    const Answer absent = doctor();
    check_names(absent, "tcp", "not made yet", "crudctl server start");
    CHECK_FALSE(std::filesystem::exists(project.data() / "data"));
    REQUIRE(project.run({"server", "start"}).result().exit_code == 0);
    check_names(doctor(), "database", "does not exist", "crudctl create");
    REQUIRE(project.run({"create"}).result().exit_code == 0);
    CHECK(doctor().exit_code == 0);
    REQUIRE(project.run({"server", "stop"}).result().exit_code == 0);
    check_names(doctor(), "tcp", "stopped", "crudctl server start");
}

TEST_CASE("doctor says so where the setting leads nowhere, with what other commands end with")
{
    SampleProject project;
    const auto result = call_in(project, {"doctor"}).result();
    CAPTURE(result.err, result.out);
    CHECK(result.exit_code == 3);
    CHECK(result.out.starts_with("✗ setting   "));
    CHECK(contains(result.out, "names no server"));
    CHECK(contains(result.out, "– log-in    not asked\n"));
    CHECK(call_in(project, {"sessions"}).result().exit_code == 3);
    CHECK(call_in(project, {"doctor", "nobody"}).result().exit_code == 3);
}

TEST_CASE("whatever cannot connect points to doctor, once, with the profile as it was named")
{
    SampleProject project;
    project.set_variable("CONNECTION_URL", "postgresql://ann@127.0.0.1:1/cruddur");
    const auto pointers = [&](const std::vector<std::string>& arguments,
                              const std::string& profile = {}) {
        const auto result = call_in(project, arguments).result();
        CAPTURE(arguments, result.err);
        CHECK(result.exit_code == 4);
        const std::string line = "crudctl: hint: crudctl doctor" + profile + " finds";
        const auto first = result.err.find(line);
        CHECK(first != std::string::npos);
        return first != std::string::npos &&
               result.err.find("crudctl doctor", first + line.size()) == std::string::npos;
    };
    for (const char* command : {"setup", "create", "drop", "schema-load", "seed", "sessions",
                                "status", "copies", "mark"}) {
        CHECK(pointers({command}));
    }
    CHECK(pointers({"ensure", "--budget", "1s"}));
    CHECK(pointers({"sessions", "local"}, " local"));
    CHECK(pointers({"undo", "-p", "local"}, " local"));
    CHECK_FALSE(contains(call_in(project, {"doctor"}).result().err, "crudctl doctor"));
}
