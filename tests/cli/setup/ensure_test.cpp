#include "cli/proxy_project.hpp"
#include "support/nightly.hpp"

#include <future>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

/// A project that is new to its server: there is no database yet.
struct EnsureProject : ProxyProject {
    EnsureProject()
    {
        on_server("drop database " + database.name());
        project.write("sql/schema.sql", "create table people (id int primary key);\n");
        project.write("sql/seed.sql", "insert into people values (1), (2);\n");
    }
    static void on_server(const std::string& sql)
    {
        pg::Connection(TestCluster::running().info()).exec(sql);
    }
    void make_empty() const { on_server("create database " + database.name()); }
    std::string oid() const
    {
        return ask_server(
            fmt::format("select max(oid) from pg_database where datname = '{}'", database.name()));
    }
    std::string people() const { return ask("select count(*) from people"); }
    void as_prod()
    {
        project.set_variable("CONNECTION_URL", "");
        project.set_variable("PROD_CONNECTION_URL", database.url());
    }
};

} // namespace

TEST_CASE("ensure makes and fills what is missing, and then leaves it alone")
{
    const EnsureProject fixture;
    CHECK(contains(fixture.expect({"ensure"}, 0).err, "1 table, 2 rows"));
    CHECK(fixture.people() == "2");
    const std::string oid = fixture.oid();
    pg::Connection(fixture.database.info()).exec("insert into people values (3)");
    const CliResult again = fixture.expect({"ensure"}, 0);
    CHECK(contains(again.err, fixture.database.name() + " is there: nothing to do"));
    CHECK(fixture.people() == "3");
    CHECK(fixture.oid() == oid);
    CHECK(fixture.copies().empty());
}

TEST_CASE("ensure fills an empty database where it stands")
{
    const EnsureProject fixture;
    fixture.make_empty();
    const std::string oid = fixture.oid();
    CHECK(contains(fixture.expect({"ensure"}, 0).err, "1 table, 2 rows"));
    CHECK(fixture.people() == "2");
    CHECK(fixture.oid() == oid);
    CHECK(fixture.copies().empty());
    CHECK(contains(fixture.expect({"mark"}, 0).out, "built"));
}

TEST_CASE("ensure with nothing to do costs a log-in and a round trip")
{
    EnsureProject fixture;
    fixture.expect({"ensure"}, 0);
    const auto [result, traffic] = fixture.run({"ensure"}, Proxy::Options());
    CHECK(result.exit_code == 0);
    CHECK(traffic.log_ins == 1);
    CHECK(traffic.trips.size() == 1);
}

TEST_CASE("ensure says that the schema's files have changed since, and keeps the database")
{
    const EnsureProject fixture;
    fixture.expect({"ensure"}, 0);
    CHECK_FALSE(contains(fixture.expect({"ensure"}, 0).err, "changed"));
    fixture.project.write("sql/schema.sql", "drop table if exists people;\ncreate table p ();\n");
    const CliResult changed = fixture.expect({"ensure"}, 0);
    CHECK(contains(changed.err, "the schema's files have changed since it was built (crudctl setup "
                                "builds it anew): nothing to do"));
    CHECK(fixture.people() == "2");
    fixture.project.write("sql/schema.sql", "create table 'unfinished\n");
    CHECK(contains(fixture.expect({"ensure"}, 0).err, "sql/schema.sql:1:14"));
}

TEST_CASE("on a protected profile ensure only looks")
{
    EnsureProject fixture;
    fixture.as_prod();
    const std::string name = fixture.database.name();
    const CliResult missing = fixture.expect({"ensure", "prod"}, 7);
    CHECK(contains(missing.err, name + " is missing on prod; not creating it"));
    CHECK(fixture.oid() == "null");
    fixture.make_empty();
    const CliResult empty = fixture.expect({"ensure", "prod"}, 7);
    CHECK(contains(empty.err, name + " is empty on prod; not filling it"));
    CHECK(fixture.ask("select count(*) from pg_class where relname = 'people'") == "0");
    pg::Connection(fixture.database.info()).exec("create table people ()");
    CHECK(contains(fixture.expect({"ensure", "prod"}, 0).err, "is there: nothing to do"));
}

TEST_CASE("an empty database that the server knows as prod is not filled either")
{
    const EnsureProject fixture;
    fixture.make_empty();
    fixture.expect({"mark", "--as", "prod"}, 0);
    const CliResult refused = fixture.expect({"ensure"}, 7);
    CHECK(contains(refused.err, "is empty on local; not filling it"));
    CHECK(contains(refused.err, "use the profile that is meant for it")); // setup is refused, too
    CHECK(fixture.ask("select count(*) from pg_class where relname = 'people'") == "0");
}

TEST_CASE("of many at once one fills the database, and all find it filled")
{
    const EnsureProject fixture;
    const bool is_there = GENERATE(false, true);
    if (is_there) {
        fixture.make_empty();
    }
    fixture.project.write("sql/schema.sql", "create table people (id int primary key);\n"
                                            "select pg_sleep(0.2);\n");
    std::vector<std::future<CliResult>> runs;
    for (int i = 0; i < 6; ++i) {
        runs.push_back(std::async(std::launch::async, [&fixture] {
            return fixture.DatabaseProject::run({"ensure"}).result();
        }));
    }
    for (auto& run : runs) {
        const CliResult result = run.get();
        INFO(result.err);
        CHECK(result.exit_code == 0);
    }
    CHECK(fixture.people() == "2");
    CHECK(fixture.databases() == fixture.database.name());
    CHECK(fixture.copies().empty());
}

TEST_CASE("what comes into an empty database meanwhile is not touched, whatever the files do")
{
    EnsureProject fixture;
    fixture.make_empty();
    fixture.project.write("sql/schema.sql", "drop table if exists people;\n"
                                            "create table people (id int, note text);\n");
    Proxy::Options options;
    options.cut = Cut{Cut::Way::to_server, 0, Cut::Moment::before};
    bool is_theirs = false;
    options.instead_of_cutting = [&] {
        try { // it waits in vain where ours is made but not committed
            pg::Connection(fixture.database.info().with("options", "-c statement_timeout=300"))
                .exec("create table people as select 7 as id");
            is_theirs = true;
        } catch (const pg::ServerError&) {}
    };
    // At a message each: before the first look it was there, after the last one it is ours.
    for (bool was_cut = true; was_cut;) {
        options.cut->message = next_message(options.cut->message);
        is_theirs = false;
        fixture.on_server(fmt::format("drop database {} with (force)", fixture.database.name()));
        fixture.make_empty();
        const auto [result, traffic] = fixture.run({"ensure"}, options);
        was_cut = traffic.was_cut;
        INFO("message " << options.cut->message << '\n' << result.err);
        CHECK(result.exit_code == 0);
        CHECK(fixture.people() == (is_theirs ? "1" : "2"));
        CHECK(is_theirs == contains(result.err, "is there: nothing to do"));
    }
}

TEST_CASE("a failing file leaves an ensured database missing, or empty")
{
    const EnsureProject fixture;
    fixture.project.write("sql/seed.sql", "insert into people values ('x');\n");
    CHECK(contains(fixture.expect({"ensure"}, 1).err, "sql/seed.sql:1:"));
    CHECK(fixture.databases().empty());
    fixture.make_empty();
    CHECK(contains(fixture.expect({"ensure"}, 1).err, "sql/seed.sql:1:"));
    CHECK(fixture.ask("select count(*) from pg_class where relname = 'people'") == "0");
}

TEST_CASE("ensure gives up on a server that does not answer when its budget is spent")
{
    EnsureProject fixture;
    fixture.project.set_variable("CONNECTION_URL", "postgresql://app@127.0.0.1:1/app");
    const CliResult result = fixture.expect({"ensure", "--budget", "1s"}, 4);
    CHECK(contains(result.err, "127.0.0.1"));
    CHECK(contains(fixture.expect({"ensure", "--budget", "soon"}, 2).err, "is no time"));
}

TEST_CASE("ensure plans without doing, and reports as JSON")
{
    const EnsureProject fixture;
    CHECK(contains(fixture.expect({"ensure", "--dry-run"}, 0).out, "ensure would"));
    CHECK(fixture.oid() == "null");
    fixture.make_empty();
    CHECK(contains(fixture.expect({"ensure", "--dry-run"}, 0).out, "if it is still empty, load"));
    const auto made = nlohmann::json::parse(fixture.expect({"ensure", "--json"}, 0).out);
    CHECK(made["command"] == "ensure");
    CHECK(made["changed"] == true);
    const auto there = nlohmann::json::parse(fixture.expect({"ensure", "--json"}, 0).out);
    CHECK(there["changed"] == false);
}
