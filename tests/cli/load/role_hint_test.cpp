#include "cli/database_project.hpp"

#include <string>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;
using Catch::Contains;

namespace {

CliResult setup_with(const DatabaseProject& fixture, const std::string& schema)
{
    fixture.project.write("sql/schema.sql", schema);
    return fixture.expect({"setup", "--no-seed"}, 1);
}

} // namespace

TEST_CASE("the roles that a dump wants and the server lacks are named all at once")
{
    const DatabaseProject fixture;
    const std::string schema =
        "create table t (id int primary key, v text);\n"
        "alter table t owner to \"Rds Owner\";\n"
        "grant select on t to reporting_x, group audit_x with grant option;\n"
        "revoke all on t from public, current_user;\n"
        "alter default privileges for role maker_x grant select on tables "
        "to reader_x;\n"
        "create policy p on t to policy_x using (true);\n"
        "copy t from stdin;\n1\talter table t owner to nobody_x;\n\\.\n"
        "alter table t rename to u;\n";
    const CliResult failed = setup_with(fixture, schema);
    CHECK_THAT(failed.err, Contains("sql/schema.sql:2:"));
    CHECK_THAT(failed.err,
               Contains("this server has no roles \"Rds Owner\", \"audit_x\", \"maker_x\", "
                        "\"policy_x\", \"reader_x\", \"reporting_x\": make them"));
    CHECK_THAT(failed.err, Contains("pg_dump --no-owner --no-privileges"));
    CHECK_THAT(setup_with(fixture, "create role made_x;\ngrant made_x to current_user;\n"
                                   "create table t ();\nalter table t owner to lost_x;\n")
                   .err,
               Contains("this server has no role \"lost_x\": make it"));
    CHECK_FALSE(contains(setup_with(fixture, "create table t (a missing_type);\n"
                                             "alter table t owner to lost_x;\n")
                             .err,
                         "this server has no role"));
}

TEST_CASE("a role that is there already gets the guard to write, which works")
{
    const DatabaseProject fixture;
    const std::string role = fixture.database.name() + "_r";
    const std::string create = fmt::format("create role {} login;", role);
    pg::Connection server(TestCluster::running().info());
    server.exec(create);
    const CliResult failed = setup_with(fixture, create + "\n");
    CHECK_THAT(failed.err, Contains("do $$ begin create role …; exception when duplicate_object "
                                    "then null; end $$"));
    fixture.project.write("sql/schema.sql",
                          fmt::format("do $$ begin {} exception when duplicate_object then null; "
                                      "end $$;\n",
                                      create));
    fixture.expect({"setup", "--no-seed"}, 0);
    server.exec("drop role " + role);
}

TEST_CASE("a blank that is a letter to the server shows in the excerpt")
{
    const DatabaseProject fixture;
    const CliResult failed =
        setup_with(fixture, "create table t (id int);\ninsert\u00a0into t values (1);\n");
    CHECK_THAT(failed.err, Contains("2 | insert\\u00a0into t values (1);"));
}
