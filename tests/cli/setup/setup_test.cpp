#include "cli/database_project.hpp"

#include <atomic>
#include <csignal>
#include <thread>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace crudctl;
using namespace crudctl::tests;

TEST_CASE("setup fills an empty database and says what there is now")
{
    DatabaseProject fixture;
    const auto result = fixture.run({"setup"}).result();
    CHECK(result.exit_code == 0);
    CHECK(contains(result.err, "local · " + fixture.database.name()));
    CHECK(contains(result.err, "from CONNECTION_URL"));
    CHECK(contains(result.err, fixture.database.name() + ": 2 tables, 8 rows"));
    CHECK(result.out.empty());
    CHECK(fixture.ask("select count(*) from users") == "3");
}

TEST_CASE("setup makes a database that is missing")
{
    DatabaseProject fixture;
    REQUIRE(fixture.run({"drop"}).result().exit_code == 0);
    REQUIRE(fixture.databases().empty());
    CHECK(fixture.run({"setup"}).result().exit_code == 0);
    CHECK(fixture.databases() == fixture.database.name());
}

TEST_CASE("setup twice replaces the first database by a new one and keeps the old one")
{
    DatabaseProject fixture;
    REQUIRE(fixture.run({"setup"}).result().exit_code == 0);
    const std::string oid =
        fixture.ask("select oid from pg_database where datname = current_database()");
    fixture.ask("with gone as (delete from activities returning 1) select count(*) from gone");
    CHECK(fixture.run({"setup"}).result().exit_code == 0);
    CHECK(fixture.ask("select oid from pg_database where datname = current_database()") != oid);
    CHECK(fixture.ask("select count(*) > 0 from activities") == "t");
    CHECK(fixture.databases() == fixture.database.name());
    CHECK_FALSE(fixture.copies().empty());
}

TEST_CASE("whatever fails in setup leaves the database exactly as it was")
{
    DatabaseProject fixture;
    REQUIRE(fixture.run({"setup"}).result().exit_code == 0);
    const std::string oid =
        fixture.ask("select oid from pg_database where datname = current_database()");
    std::string place;
    SECTION("a broken schema")
    {
        fixture.project.write("sql/schema.sql", "create table a (b int);\n\tcreate tabel c ();\n");
        place = "sql/schema.sql:2:9: error: syntax error at or near \"tabel\"";
    }
    SECTION("a statement that fails when it runs")
    {
        fixture.project.write("sql/schema.sql", "create table a (b int);\nselect 1/0;\n");
        place = "sql/schema.sql:2:1: error: division by zero";
    }
    SECTION("a seed that breaks a constraint")
    {
        fixture.project.write("sql/seed.sql", "insert into users (handle) values (null);\n");
        place = "sql/seed.sql:1:1: error: null value in column";
    }
    SECTION("a check that is not true")
    {
        fixture.project.write("crudctl.toml",
                              "[project]\nname = \"x\"\nchecks = [\"select false\"]\n"
                              "[profiles.local]\nurl = \"${CONNECTION_URL}\"\n");
        place = "the check \"select false\" is not true";
    }
    const auto result = fixture.run({"setup"}).result();
    CHECK(result.exit_code == 1);
    CHECK(contains(result.err, place));
    CHECK(contains(result.err, fixture.database.name() + " is exactly as it was"));
    CHECK(fixture.ask("select oid from pg_database where datname = current_database()") == oid);
    CHECK(fixture.ask("select count(*) from users") == "3");
    CHECK(fixture.databases() == fixture.database.name());
}

TEST_CASE("setup says whose sessions it ends, and ends them")
{
    DatabaseProject fixture;
    pg::Connection app(fixture.database.info().with("application_name", "flask"));
    const auto result = fixture.run({"setup"}).result();
    CHECK(result.exit_code == 0);
    CHECK(contains(result.err, "ending   the sessions of "));
    CHECK(contains(result.err, "flask (1)"));
    CHECK_THROWS_AS(app.exec("select 1"), Error);
}

TEST_CASE("setup wins against clients that reconnect at once")
{
    DatabaseProject fixture;
    std::atomic<bool> is_over = false;
    std::vector<std::thread> clients;
    clients.reserve(4);
    for (int i = 0; i < 4; ++i) {
        clients.emplace_back([&] {
            while (!is_over) {
                try {
                    pg::Connection(fixture.database.info()).exec("select pg_sleep(20)");
                } catch (const Error&) {
                    std::this_thread::sleep_for(std::chrono::milliseconds(1));
                }
            }
        });
    }
    const auto first = fixture.run({"setup"}).result();
    const auto second = fixture.run({"setup"}).result();
    is_over = true;
    fixture.run({"drop"}).result(); // ends what the clients still run
    for (std::thread& client : clients) {
        client.join();
    }
    CHECK(first.exit_code == 0);
    CHECK(second.exit_code == 0);
}

TEST_CASE("Ctrl-C in the middle of setup ends with 130, the old database and nothing beside it")
{
    DatabaseProject fixture;
    REQUIRE(fixture.run({"setup"}).result().exit_code == 0);
    fixture.project.write("sql/schema.sql", "select pg_sleep(60);\n");
    const auto signal = GENERATE(SIGINT, SIGTERM);
    const auto result = fixture.run({"setup"}).with_signal(signal, "created").result();
    CHECK(result.exit_code == 128 + signal);
    CHECK(fixture.ask("select count(*) from users") == "3");
    CHECK(fixture.databases() == fixture.database.name());
}

TEST_CASE("setup that is killed leaves the old database, and the next one clears up after it")
{
    DatabaseProject fixture;
    REQUIRE(fixture.run({"setup"}).result().exit_code == 0);
    const SampleProject original;
    fixture.project.write("sql/schema.sql", "select pg_sleep(60);\n");
    CHECK(fixture.run({"setup"}).with_signal(SIGKILL, "created").result().exit_code ==
          128 + SIGKILL);
    CHECK(fixture.ask("select count(*) from users") == "3");
    CHECK(contains(fixture.databases(), fixture.database.name() + "__next_"));
    fixture.project.write("sql/schema.sql", "create table users ();\n");
    fixture.project.write("sql/seed.sql", "insert into users default values;\n");
    // Where the load had begun, its session sleeps on: what has one is left alone.
    fixture.ask_server("select count(pg_terminate_backend(pid, 10000)) from pg_stat_activity "
                       "where starts_with(datname, '" +
                       fixture.database.name() + "__next_')");
    const auto again = fixture.run({"setup", "--lock-timeout", "90"})
                           .with_time_limit(std::chrono::seconds(120))
                           .result();
    CHECK(again.exit_code == 0);
    CHECK(contains(again.err, "left behind by a run that was killed"));
    CHECK(fixture.databases() == fixture.database.name());
}

TEST_CASE("a setup that meets another one on the same database waits, then gives up as busy")
{
    DatabaseProject fixture;
    pg::Connection holder(TestCluster::running().info());
    holder.exec("select pg_advisory_lock(hashtextextended($1, 0))",
                "crudctl " + fixture.database.name());
    const auto result = fixture.run({"setup", "--lock-timeout", "1"}).result();
    CHECK(result.exit_code == 9);
    CHECK(contains(result.err, "is being replaced by"));
    CHECK(fixture.databases() == fixture.database.name());
}

TEST_CASE("a dry run prints what setup would do and does none of it")
{
    DatabaseProject fixture;
    const std::string oid =
        fixture.ask("select oid from pg_database where datname = current_database()");
    const auto text = fixture.run({"setup", "--dry-run"}).result();
    CHECK(text.exit_code == 0);
    CHECK(contains(text.out, "load the schema in it: sql/schema.sql"));
    CHECK(contains(text.out, "lost: database \"" + fixture.database.name()));
    const auto json = fixture.run({"setup", "--dry-run", "--json"}).result();
    const auto document = nlohmann::json::parse(json.out);
    CHECK(document["database"] == fixture.database.name());
    CHECK(document["effect"] == "destroys");
    CHECK(document["undo"] == true);
    CHECK(fixture.ask("select oid from pg_database where datname = current_database()") == oid);
    CHECK(fixture.ask("select to_regclass('users') is null") == "t");
}

TEST_CASE("setup reports as JSON on stdout, and nothing else there")
{
    DatabaseProject fixture;
    const auto result = fixture.run({"setup", "--json"}).result();
    REQUIRE(result.exit_code == 0);
    const auto document = nlohmann::json::parse(result.out);
    CHECK(document["changed"] == true);
    CHECK(document["tables"].size() == 2);
}

TEST_CASE("setup with --no-seed leaves the tables empty, and with --quiet says nothing")
{
    DatabaseProject fixture;
    const auto result = fixture.run({"setup", "--no-seed", "-q"}).result();
    CHECK(result.exit_code == 0);
    CHECK(result.err.empty());
    CHECK(fixture.ask("select count(*) from users") == "0");
}

TEST_CASE("a role that may not create databases is told which right it lacks, before anything")
{
    DatabaseProject fixture;
    pg::Connection admin(TestCluster::running().info());
    const std::string role = fixture.database.name() + "_role";
    admin.exec("create role " + role + " login");
    fixture.project.set_variable(
        "CONNECTION_URL",
        fixture.database.info().with("user", role).url(pg::ConnInfo::ShowPassword::no));
    const auto result = fixture.run({"setup"}).result();
    admin.exec("drop role " + role);
    CHECK(result.exit_code == 5);
    CHECK(contains(result.err, "may not create databases"));
    CHECK(contains(result.err, "ALTER ROLE \"" + role + "\" CREATEDB"));
}

TEST_CASE("setup does not touch the server before it has read every file")
{
    DatabaseProject fixture;
    fixture.project.set_variable("CONNECTION_URL", "postgres://u@127.0.0.1:1/x");
    fixture.project.write("sql/seed.sql", "select 'never closed;\n");
    const auto result = fixture.run({"setup"}).result();
    CHECK(result.exit_code == 1);
    CHECK(contains(result.err, "sql/seed.sql:1:8"));
    std::filesystem::remove(fixture.project.root() / "sql/schema.sql");
    const auto missing = fixture.run({"setup"}).result();
    CHECK(missing.exit_code == 3);
    CHECK(contains(missing.err, "sql/schema.sql"));
}

TEST_CASE(
    "what the schema says of the database itself is said of the new one, when it has the name")
{
    const DatabaseProject fixture;
    const std::string name = fixture.database.name();
    pg::Connection server(TestCluster::running().info());
    const auto comment = [&] {
        return server
            .exec("select shobj_description(oid, 'pg_database') from pg_database "
                  "where datname = $1",
                  name)
            .scalar()
            .value_or("none")
            .substr(0, 4);
    };
    const std::string about_itself = "comment on database " + name +
                                     " is 'ours';\nalter database " + name +
                                     " set work_mem = '3MB';\ncreate table t ();\n";
    fixture.project.write("sql/schema.sql", about_itself + "select 1/0;\n");
    CHECK(fixture.run({"setup", "--no-seed"}).result().exit_code == 1);
    CHECK(comment() == "none");

    fixture.project.write("sql/schema.sql", about_itself);
    const auto result = fixture.run({"setup", "--no-seed"}).result();
    INFO(result.err);
    CHECK(result.exit_code == 0);
    CHECK(comment() == "ours");
    CHECK(pg::Connection(fixture.database.info()).exec("show work_mem").scalar() == "3MB");
}
