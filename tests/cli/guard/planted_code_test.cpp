#include "cli/database_project.hpp"
#include "support/temp_role.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;

// What other roles put into `public` must not run when crudctl looks: an operator or a function
// there can fit a query better than pg_catalog's, where the search path has its schema.

namespace {

/// Whatever runs one of them fails with this, also where it may not write.
constexpr const char* planted_ran = "planted code ran";
constexpr const char* planted = R"(
create function public.planted(oid, regclass) returns bool language plpgsql as $$
begin raise exception 'planted code ran'; end $$;
create operator public.= (leftarg = oid, rightarg = regclass, function = public.planted);
create function public.planted(text, oid) returns text language plpgsql as $$
begin raise exception 'planted code ran'; end $$;
create operator public.|| (leftarg = text, rightarg = oid, function = public.planted);
create function public.count(regclass) returns bigint language plpgsql as $$
begin raise exception 'planted code ran'; end $$;
create view public.pg_database as select *, 1 / 0 as planted from pg_catalog.pg_database;
create view public.pg_class as select *, 1 / 0 as planted from pg_catalog.pg_class;
)";

struct PlantedProject : DatabaseProject {
    /// A database of its own for what `postgres` is elsewhere: that one is shared by all tests.
    PlantedProject()
    {
        project.write("crudctl.toml",
                      fmt::format("[project]\nname = \"planted\"\nschema = [\"schema.sql\"]\n"
                                  "seeds = [\"seed.sql\"]\nqueries = \"queries\"\n"
                                  "[profiles.local]\nurl = \"${{CONNECTION_URL}}\"\n"
                                  "maintenance_database = \"{}\"\n",
                                  maintenance.name()));
        project.write("schema.sql", "create table if not exists few (id int primary key);\n");
        project.write("seed.sql", "insert into few values (1);\n");
        project.write("queries/few.sql", "select id from few");
        plant(maintenance.info());
        plant(database.info());
    }

    static void plant(const pg::ConnInfo& info) { pg::Connection(info).exec_script(planted); }

    TempDatabase maintenance;
};

} // namespace

TEST_CASE("what is planted runs where a session has the usual search path")
{
    const PlantedProject fixture;
    for (const pg::ConnInfo& info : {fixture.database.info(), fixture.maintenance.info()}) {
        pg::Connection connection(info);
        CHECK_THROWS_WITH(
            connection.exec("select from pg_catalog.pg_class c where c.oid = 'pg_proc'::regclass"),
            Catch::Contains(planted_ran));
        CHECK_THROWS_WITH(connection.exec("select 'a'::text || 1::oid"),
                          Catch::Contains(planted_ran));
    }
}

TEST_CASE("no command runs what others planted in the target or in the maintenance database")
{
    const PlantedProject fixture;
    const std::vector<std::vector<std::string>> commands = {
        {"status"},
        {"sessions"},
        {"doctor"},
        {"copies"},
        {"mark"},
        {"url"},
        {"history"},
        {"setup", "--dry-run"},
        {"schema-load"},
        {"seed"},
        {"seed"},
        {"query", "few"},
        {"ensure"},
        {"save", "now"},
        {"mark", "--as", "dev"},
        {"setup"},
        {"undo"},
        {"undo", "now"},
        {"drop"},
        {"undo"},
        {"create"},
        {"copies", "--delete", "now", "--confirm", fixture.database.name() + "@local"},
        {"setup", "--in-place", "--confirm", fixture.database.name() + "@local"}};
    for (const std::vector<std::string>& command : commands) {
        const auto result = fixture.run(command).that_may_show_secrets().result();
        std::string text;
        for (const std::string& word : command) {
            text += word + " ";
        }
        INFO(text << "ended with " << result.exit_code << ": " << result.err);
        CHECK(result.exit_code != 1);
        CHECK_FALSE(contains(result.err + result.out, planted_ran));
        CHECK_FALSE(contains(result.err + result.out, "division by zero"));
        // A copy or a new one may have taken its place.
        if (fixture.ask_server(fmt::format("select count(*) from pg_database where datname = '{}'",
                                           fixture.database.name())) == "1" &&
            fixture.ask("select to_regclass('public.pg_class') is null") == "t") {
            PlantedProject::plant(fixture.database.info());
        }
    }
}
