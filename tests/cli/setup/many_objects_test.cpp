#include "cli/database_project.hpp"
#include "support/throw_away_server.hpp"

#include <string>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;

TEST_CASE("more objects than the server has locks for load in setup, elsewhere the way out is said")
{
    constexpr int tables = 1000;
    const ThrowAwayServer server(
        {"max_connections = 10\nmax_locks_per_transaction = 10\n", {}, nullptr});
    pg::Connection(server.info()).exec("create database app");
    SampleProject project;
    project.set_variable("CONNECTION_URL",
                         server.info().with_database("app").url(pg::ConnInfo::ShowPassword::no));
    project.write("crudctl.toml", "[project]\nschema = [\"schema.sql\"]\n"
                                  "[profiles.local]\nurl = \"${CONNECTION_URL}\"\n");
    std::string schema;
    for (int i = 1; i <= tables; ++i) {
        schema += fmt::format("create table t{} (id int primary key);\n", i);
    }
    project.write("schema.sql", schema);
    const auto count = [&] {
        return pg::Connection(server.info().with_database("app"))
            .exec("select count(*) from pg_tables where schemaname = 'public'")
            .scalar();
    };

    const CliResult live = project.run_crudctl({"schema-load"}).result();
    INFO(live.err);
    CHECK(live.exit_code == 1);
    CHECK(contains(live.err, "error: out of shared memory (SQLSTATE 53200)"));
    CHECK(contains(live.err, "hint: one transaction holds a lock for each object that it makes: "
                             "--no-transaction, or raise the server's max_locks_per_transaction"));
    CHECK(contains(live.err, "app is exactly as it was"));
    CHECK(count() == "0");

    const CliResult aside = project.run_crudctl({"setup", "--no-seed"}).result();
    INFO(aside.err);
    CHECK(aside.exit_code == 0);
    CHECK(contains(aside.err, fmt::format("app: {} tables, 0 rows", tables)));
    CHECK(count() == std::to_string(tables));

    // Here it is the counting that takes too many locks, behind the commit of the seeds.
    project.write("crudctl.toml", "[project]\nschema = [\"schema.sql\"]\nseeds = [\"seed.sql\"]\n"
                                  "[profiles.local]\nurl = \"${CONNECTION_URL}\"\n");
    project.write("seed.sql", "insert into t1 values (1);\n");
    const CliResult seeded = project.run_crudctl({"setup"}).result();
    INFO(seeded.err);
    CHECK(seeded.exit_code == 0);
    CHECK(contains(seeded.err, fmt::format("app: {} tables, 1 row,", tables)));
    CHECK_FALSE(contains(seeded.err, "error"));
}
