#include "cli/database_project.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

struct UrlProject {
    SampleProject project;

    std::string url(const std::string& of, std::vector<std::string> arguments = {})
    {
        project.set_variable("CONNECTION_URL", of);
        arguments.insert(arguments.begin(), "url");
        const auto result = project.run_crudctl(arguments).that_may_show_secrets().result();
        INFO(result.err);
        REQUIRE(result.exit_code == 0);
        return result.out.substr(0, result.out.size() - 1);
    }
};

} // namespace

TEST_CASE("the application's URL is the user's, with nothing added")
{
    UrlProject fixture;
    for (const char* url :
         {"postgresql://ann:a%40b@127.0.0.1:5433/shop", "postgresql://ann@db.example.com/shop",
          "postgresql://ann@127.0.0.1:5433/shop?application_name=web&connect_timeout=3",
          "postgresql://ann@127.0.0.1:5433/shop?sslmode=disable",
          "postgresql://ann@[::1]:5433/shop"}) {
        CHECK(fixture.url(url) == url);
    }
    CHECK(fixture.url("postgres://ann@db/shop") == "postgresql://ann@db/shop");
    CHECK(fixture.url("host=/run/pg port=5433 user=ann dbname=shop") ==
          "postgresql://ann@/shop?host=%2Frun%2Fpg&port=5433");
    CHECK(fixture.url("postgresql://ann@a:1,b:2/shop?target_session_attrs=read-write") ==
          "postgresql://ann@a:1,b:2/shop?target_session_attrs=read-write");
}

TEST_CASE("the application's URL comes in the forms of SQLAlchemy and JDBC")
{
    UrlProject fixture;
    const std::string url = "postgresql://ann:a%40b@127.0.0.1:5433/shop?sslmode=require";
    CHECK(fixture.url(url, {"--scheme", "postgresql+psycopg2"}) ==
          "postgresql+psycopg2://ann:a%40b@127.0.0.1:5433/shop?sslmode=require");
    CHECK(fixture.url(url, {"--scheme", "postgresql+asyncpg"}) ==
          "postgresql+asyncpg://ann:a%40b@127.0.0.1:5433/shop?ssl=require");
    CHECK(fixture.url(url, {"--jdbc"}) ==
          "jdbc:postgresql://127.0.0.1:5433/shop?user=ann&password=a%40b&sslmode=require");
    CHECK(fixture.project.run_crudctl({"url", "--scheme", "mysql"}).result().exit_code == 2);
    fixture.project.set_variable("CONNECTION_URL", "host=/run/pg user=ann dbname=shop");
    CHECK(fixture.project.run_crudctl({"url", "--jdbc"}).result().exit_code == 3);
}

TEST_CASE("of several hosts the URL may have the primary alone")
{
    DatabaseProject fixture;
    const pg::ConnInfo info = fixture.database.info();
    const std::string port = info.value("port").value();
    fixture.project.set_variable(
        "CONNECTION_URL", "postgresql://postgres:" + TestCluster::running().password() +
                              "@127.0.0.1:1,127.0.0.1:" + port + "/" + fixture.database.name());
    const auto result = fixture.run({"url", "--primary"}).that_may_show_secrets().result();
    INFO(result.err);
    CHECK(result.exit_code == 0);
    CHECK(contains(result.out, "@127.0.0.1:" + port + "/"));
    CHECK(contains(fixture.run({"url"}).that_may_show_secrets().result().err, "--primary"));
}

TEST_CASE("a URL of Prisma's works, and its schema is the search path")
{
    DatabaseProject fixture;
    fixture.project.write("sql/schema.sql", "create schema if not exists app;\n"
                                            "create table users (id int);\n");
    const std::string url = fixture.database.url();
    const std::string separator = contains(url, "?") ? "&" : "?";
    fixture.project.set_variable("CONNECTION_URL",
                                 url + separator + "schema=app&connection_limit=5&pgbouncer=true");
    const auto made = fixture.expect({"setup", "--no-seed"}, 0);
    CHECK(contains(made.err, "left out of CONNECTION_URL"));
    CHECK(contains(made.err, "connection_limit, pgbouncer"));
    CHECK(fixture.ask("select to_regclass('app.users') is not null") == "t");
    CHECK(contains(fixture.run({"url"}).that_may_show_secrets().result().out,
                   "options=-c%20search_path%3Dapp"));
    fixture.project.set_variable("CONNECTION_URL", url + separator + "sslmoda=disable");
    const auto refused = fixture.run({"status", "--wait=30s"}).result();
    CHECK(refused.exit_code == 3);
    CHECK(contains(refused.err, "unknown parameter \"sslmoda\""));
}

TEST_CASE("DIRECT_URL stands for a DATABASE_URL that leads through a pooler")
{
    DatabaseProject fixture;
    fixture.project.write("crudctl.toml", "[profiles.local]\nurl = \"${DATABASE_URL}\"\n");
    fixture.project.set_variable("DIRECT_URL", fixture.database.url());
    fixture.project.set_variable("DATABASE_URL", "postgresql://postgres@127.0.0.1:1/" +
                                                     fixture.database.name() + "?pgbouncer=true");
    const auto status = fixture.expect({"status"}, 0);
    CHECK(contains(status.err, "DIRECT_URL is used"));
    CHECK(contains(status.out, "from DIRECT_URL"));
    fixture.project.set_variable("DATABASE_URL",
                                 "postgresql://postgres@127.0.0.1:1/other?pgbouncer=true");
    CHECK(fixture.run({"status"}).result().exit_code == 4);
}
