#include "script/loader.hpp"
#include "support/process.hpp"
#include "support/temp_cluster.hpp"
#include "support/temp_folder.hpp"

#include <catch2/catch.hpp>

#include <regex>

using namespace crudctl;
using crudctl::tests::TempDatabase;
using crudctl::tests::TempFolder;
using crudctl::tests::TestCluster;

namespace {

// Names, bodies and rows that are hard to cut, of the kinds of objects that a dump has.
constexpr const char* awkward_database = R"sql(
create schema "s;1";
create type "s;1".mood as enum ('a;b', 'it''s');
create domain "s;1".d as text check (value <> ';');
create table "s;1"."T""x" (
    id int generated always as identity primary key,
    m "s;1".mood default 'it''s',
    t text default E'\\;\'',
    g int generated always as (1) stored,
    b bytea
);
create table part (id int, k text) partition by list (k);
create table part_1 partition of part for values in ('--', '/*');
create sequence odd increment 3 start 7;
create function f(a int) returns int language sql begin atomic select case when a > 1 then 2 else 3 end; select a + 1; end;
create procedure p() language plpgsql as $body$ begin perform ';$$'; end $body$;
create view v as select 'a\' as "b;c", $q$;$q$::text as d;
create materialized view mv as select 1 as x;
create rule r as on insert to part_1 do also (select 1; select ';';);
create function t() returns trigger language plpgsql as $$begin return new; end$$;
create trigger tr before insert on part for each row execute function t();
create index on part (k) where k <> ';--';
comment on table part is 'semi; $$ -- /* ''quoted'' \';
create policy pol on "s;1"."T""x" using (t <> ';');
insert into "s;1"."T""x" (m, t, b) values ('a;b', E'\\.\n\\N\t;''', '\x00ff'), ('it''s', E'\\.', null), (null, '', '');
insert into part values (1, '--'), (2, '/*');
grant select on part to pg_monitor;
alter default privileges in schema "s;1" grant select on tables to pg_monitor;
)sql";

std::string run(const TempDatabase& database, std::vector<std::string> argv)
{
    const TestCluster& cluster = TestCluster::running();
    argv[0] = (cluster.binaries() / argv[0]).string();
    for (const std::string& argument : {"-h" + cluster.socket_folder(), "-p" + cluster.port(),
                                        "-U" + database.info().user(), "-d" + database.name()}) {
        argv.push_back(argument);
    }
    ProcessRunner processes;
    const ProgramResult result = processes.run({argv, {}, {}, {}, {}});
    INFO(result.err);
    REQUIRE(result.succeeded());
    return result.out;
}

/// A dump without what differs each time: the key of \restrict.
std::string dump(const TempDatabase& database)
{
    return std::regex_replace(run(database, {"pg_dump"}), std::regex("restrict \\w+"), "restrict");
}

} // namespace

TEST_CASE("a dump loads as psql loads it")
{
    const TempDatabase origin;
    pg::Connection(origin.info()).exec_script(awkward_database);
    const std::vector<std::string> form =
        GENERATE(std::vector<std::string>{}, std::vector<std::string>{"--inserts"},
                 std::vector<std::string>{"--column-inserts"});
    std::vector<std::string> command = {"pg_dump"};
    command.insert(command.end(), form.begin(), form.end());
    const TempFolder folder;
    const auto path = folder.write("dump.sql", run(origin, command));

    const TempDatabase by_psql;
    run(by_psql, {"psql", "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-f", path.string()});
    const TempDatabase by_crudctl;
    pg::Connection connection(by_crudctl.info());
    script::load(connection, script::read_script({{path, "dump.sql"}}));

    CHECK(dump(by_crudctl) == dump(by_psql));
    CHECK(dump(by_crudctl) == dump(origin));
}
