#include "cli/database_project.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace crudctl;
using namespace crudctl::tests;

TEST_CASE("create and drop are done once and are fine twice")
{
    DatabaseProject fixture;
    CHECK(contains(fixture.run({"create"}).result().err, "already exists: nothing to do"));
    const auto dropped = fixture.run({"drop"}).result();
    CHECK(dropped.exit_code == 0);
    CHECK(contains(dropped.err, "is gone"));
    const auto again = fixture.run({"drop"}).result();
    CHECK(again.exit_code == 0);
    CHECK(contains(again.err, "nothing to do"));
    CHECK(fixture.databases().empty());
    const auto created = fixture.run({"create"}).result();
    CHECK(created.exit_code == 0);
    CHECK(fixture.databases() == fixture.database.name());
}

TEST_CASE("drop says who is connected, and ends those sessions")
{
    DatabaseProject fixture;
    pg::Connection app(fixture.database.info().with("application_name", "worker"));
    const auto result = fixture.run({"drop"}).result();
    CHECK(result.exit_code == 0);
    CHECK(contains(result.err, "ending   the sessions of worker (1)"));
    CHECK(fixture.databases().empty());
}

TEST_CASE("odd names go through create, sessions and drop unchanged")
{
    DatabaseProject fixture;
    const std::string odd = GENERATE(as<std::string>(), "a\"b'c;d\\e", "two words", "Größe 🎉", "-f",
                                     "host=evil", "postgres://x", "CamelCase", "%41");
    CAPTURE(odd);
    const std::string name = fixture.database.name() + odd;
    CHECK(fixture.run({"create", "-d", name}).result().exit_code == 0);
    CHECK(contains(fixture.databases(), name));
    const auto sessions = fixture.run({"sessions", "--json", "-d", name}).result();
    REQUIRE(sessions.exit_code == 0);
    CHECK(nlohmann::json::parse(sessions.out)[0]["database"] == name);
    CHECK(fixture.run({"drop", "-d", name}).result().exit_code == 0);
    CHECK(fixture.databases() == fixture.database.name());
}

TEST_CASE("a name of exactly 63 bytes works in full, a longer one is refused whole")
{
    DatabaseProject fixture;
    std::string name = fixture.database.name();
    name.resize(63, 'x');
    fixture.project.set_variable("CONNECTION_URL", TestCluster::running().tcp_info(name).url(
                                                       pg::ConnInfo::ShowPassword::yes));
    CHECK(fixture.run({"setup"}).result().exit_code == 0);
    CHECK(fixture.run({"setup"}).result().exit_code == 0);
    CHECK(fixture.databases() == fixture.database.name() + " " + name);
    CHECK(fixture.run({"drop"}).result().exit_code == 0);
    CHECK(fixture.run({"create", "-d", name + "y"}).result().exit_code == 2);
    CHECK(fixture.databases() == fixture.database.name());
}

TEST_CASE("the server's own databases are refused by every command that changes something")
{
    DatabaseProject fixture;
    const std::string command =
        GENERATE(as<std::string>(), "create", "drop", "setup", "seed", "schema-load");
    for (const char* name : {"template0", "template1", "postgres"}) {
        CAPTURE(command, name);
        const auto result = fixture.run({command, "-d", name}).result();
        CHECK(result.exit_code == 2);
        CHECK(contains(result.err, "never touches"));
    }
}

TEST_CASE("schema-load and seed load all or nothing, and point at what failed")
{
    DatabaseProject fixture;
    CHECK(fixture.run({"schema-load"}).result().exit_code == 0);
    CHECK(fixture.run({"seed"}).result().exit_code == 0);
    CHECK(fixture.run({"seed"}).result().exit_code == 0);
    CHECK(fixture.ask("select count(*) from users") == "3");
    fixture.project.write("sql/more.sql",
                          "create table more ();\ninsert into nowhere values (1);\n");
    const auto result = fixture.run({"schema-load", "-f", "sql/more.sql"}).result();
    CHECK(result.exit_code == 1);
    CHECK(contains(result.err, "sql/more.sql:2:13: error: relation \"nowhere\" does not exist"));
    CHECK(contains(result.err, "exactly as it was"));
    CHECK(fixture.ask("select to_regclass('more') is null") == "t");
}

TEST_CASE("all files of one schema-load are one transaction")
{
    DatabaseProject fixture;
    fixture.project.write("sql/a.sql", "create table a ();\n");
    fixture.project.write("sql/b.sql", "create table b (;\n");
    CHECK(fixture.run({"schema-load", "-f", "sql/a.sql", "-f", "sql/b.sql"}).result().exit_code ==
          1);
    CHECK(fixture.ask("select to_regclass('a') is null") == "t");
}

TEST_CASE("a missing database is named with the command that makes it")
{
    DatabaseProject fixture;
    REQUIRE(fixture.run({"drop"}).result().exit_code == 0);
    const auto result = fixture.run({"seed"}).result();
    CHECK(result.exit_code == 4);
    CHECK(contains(result.err, "does not exist"));
    CHECK(contains(result.err, "crudctl create makes the database"));
    const auto other = fixture.run({"seed", "-p", "local", "-d", "not there"}).result();
    CHECK(contains(other.err, "crudctl create local -d 'not there' makes the database"));
}

TEST_CASE("a file that is missing is a configuration error, and nothing is contacted")
{
    DatabaseProject fixture;
    fixture.project.set_variable("CONNECTION_URL", "postgres://u@127.0.0.1:1/x");
    const auto result = fixture.run({"schema-load", "-f", "sql/none.sql"}).result();
    CHECK(result.exit_code == 3);
    CHECK(contains(result.err, "sql/none.sql"));
}

TEST_CASE("sessions shows who is connected, its own session marked")
{
    DatabaseProject fixture;
    pg::Connection app(fixture.database.info().with("application_name", "flask"));
    const auto table = fixture.run({"sessions"}).result();
    CHECK(table.exit_code == 0);
    CHECK(contains(table.out, "flask"));
    CHECK(contains(table.out, "crudctl sessions"));
    const auto json = nlohmann::json::parse(fixture.run({"sessions", "--json"}).result().out);
    REQUIRE(json.size() == 2);
    CHECK(json[0]["own"] == true);
    CHECK(json[1]["application"] == "flask");
    CHECK(json[1]["state"] == "idle");
    CHECK(json[1]["state_seconds"].get<double>() >= 0);
    CHECK(json[1]["query_seconds"].is_null());
}

TEST_CASE("control characters in names and queries never reach the terminal from sessions")
{
    DatabaseProject fixture;
    const std::string name = fixture.database.name() + "\x1b]52;c;eA==\a\u202e";
    REQUIRE(fixture.run({"create", "-d", name}).result().exit_code == 0);
    pg::Connection app(TestCluster::running().info(name).with("application_name", "x"));
    app.exec("select '\x1b[2J'");
    const auto result = fixture.run({"sessions", "-d", name}).with_terminal(200).result();
    CHECK(result.exit_code == 0);
    CHECK(result.screen.find("\x1b]52") == std::string::npos);
    CHECK(result.screen.find('\a') == std::string::npos);
    CHECK(result.screen.find("\u202e") == std::string::npos);
    CHECK(fixture.run({"drop", "-d", name}).result().exit_code == 0);
}

TEST_CASE("status tells what is there, and changes nothing")
{
    DatabaseProject fixture;
    const auto empty = fixture.run({"status"}).result();
    CHECK(empty.exit_code == 0);
    CHECK(contains(empty.out, "0 tables"));
    REQUIRE(fixture.run({"setup"}).result().exit_code == 0);
    const auto full = fixture.run({"status"}).result();
    CHECK(contains(full.out, "2 tables, about 8 rows"));
    CHECK(contains(full.out, "protected  no"));
    CHECK(contains(full.out, "next"));
    REQUIRE(fixture.run({"drop"}).result().exit_code == 0);
    const auto missing = fixture.run({"status", "--json"}).result();
    CHECK(missing.exit_code == 0);
    CHECK(nlohmann::json::parse(missing.out)["content"] == "does not exist");
    CHECK(fixture.databases().empty());
}

TEST_CASE("bare crudctl in a project is status")
{
    DatabaseProject fixture;
    CHECK(fixture.run({}).result().out == fixture.run({"status"}).result().out);
}

TEST_CASE("url prints the URL with its password, but not of a protected profile")
{
    DatabaseProject fixture;
    const auto url = fixture.run({"url"}).that_may_show_secrets().result();
    CHECK(url.exit_code == 0);
    CHECK(contains(url.out, TestCluster::running().password()));
    CHECK(pg::ConnInfo::parse(url.out.substr(0, url.out.size() - 1)).database() ==
          fixture.database.name());
    fixture.project.set_variable("PROD_CONNECTION_URL", fixture.database.url());
    const auto prod = fixture.run({"url", "prod"}).result();
    CHECK(prod.exit_code == 0);
    CHECK(contains(prod.out, "postgresql://postgres@127.0.0.1"));
    CHECK(contains(prod.err, "--show-password"));
    const auto shown =
        fixture.run({"url", "prod", "--show-password"}).that_may_show_secrets().result();
    CHECK(contains(shown.out, TestCluster::running().password()));
}
