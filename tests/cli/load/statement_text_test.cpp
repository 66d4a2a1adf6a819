#include "cli/load/psql_comparison.hpp"
#include "support/system/file.hpp"
#include "support/throw_away_server.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

using namespace crudctl;
using namespace crudctl::tests;

// What a statement is to the server, beside what it does: triggers, the log and the statistics have
// its text.

namespace {

constexpr std::size_t audited_rows = 2000;

/// The usual audit: a table that triggers fill with current_query().
std::string audited_file()
{
    std::string sql = R"(create table queries (n serial, query text);
create function note() returns trigger language plpgsql as $$
begin

  insert into queries (query) values (current_query());
  return null;
end $$;
create function note_command() returns event_trigger language plpgsql as $$
begin
  insert into queries (query) values (current_query());
end $$;
create trigger note after insert on r for each row execute function note();
create event trigger note_command on ddl_command_end execute function note_command();
create table a (id int primary key);create index on a (id);

/* an index */ -- of two
create index two

  on a (id, -- and

        id);
copy r (n, t) from stdin;
-1	copied
\.
)";
    for (std::size_t i = 0; i < audited_rows; ++i) {
        sql += fmt::format("insert into r (n, t) values ({0}, 'row number {0}');\n", i);
    }
    return sql + "drop event trigger note_command;\n";
}

constexpr const char* every_kind = R"(-- a comment of psql's alone
create schema s;  create table s.t (id int primary key, name text not null)  ;
/* a block */ -- and a line
create table s.u (id int references s.t deferrable,

  doc jsonb);
create type s.mood as enum ('sad', 'happy'); create type s.pair as (a int, b int);
create domain s.positive as int check (value > 0);
create type s.span as range (subtype = int4);
create sequence s.counter;
create function s.add(a int, b int) returns int language sql as $body$

  select a + b;

$body$;
create function s.twice(a int) returns int language sql begin atomic select a; select a * 2; end;
create procedure s.nothing() language plpgsql as 'begin null; end';
create aggregate s.total (int) (sfunc = int4pl, stype = int, initcond = '0');
create operator s.|+| (function = s.add, leftarg = int, rightarg = int);
create cast (s.pair as text) with inout;
create collation s.c from "C";
create index on s.t (name);
create view s.v as select id from s.t;
create rule r as on insert to s.v do instead (insert into s.t values (new.id, 'a;b'); select 1);
create materialized view s.m as select count(*) from s.t;
create statistics s.st on id, name from s.t;
create table s.n as select 1 as one; select 2 as two into s.n2;
create function s.f() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger tr before insert on s.t for each row execute function s.f();
create policy p on s.t using (true);
create publication pub for table s.t;
create foreign data wrapper w;
create server away foreign data wrapper w;
create user mapping for current_user server away;
create text search dictionary s.d (template = simple);
comment on table s.t is 'it''s
two lines';
grant select on s.t to public; revoke select on s.t from public;
alter default privileges in schema s grant select on tables to public;
alter table s.t add column more int default 1, alter column name drop not null;
alter type s.mood add value 'odd' before 'sad';
insert into s.t values (1, 'a'), (2, E'b\'c'); insert into s.v values (3);
update s.t set name = upper(name) where id = 1; delete from s.t where id = 3;
with gone as (delete from s.t where id = 2 returning *) select * from gone;
select :'three' as three, :number + 1; values (1), (2); table s.t;
copy s.t (id, name) from stdin;
7	seven
\.
select 'between';
copy s.t to stdout;
do $$ begin
  perform 1;
end $$;
call s.nothing();
prepare q (int) as select * from s.t where id = $1; execute q(1); deallocate q;
declare c cursor for select 1; fetch 1 from c; move 1 from c; close c;
explain select 1;
lock table s.t in share mode;
refresh materialized view s.m;
analyze s.t; cluster s.t using t_pkey; reindex table s.t;
set local work_mem = '3MB'; reset work_mem; show work_mem; set constraints all deferred;
savepoint one; truncate s.u; rollback to one; release one;
listen l; notify l, 'x'; unlisten l; discard plans; checkpoint;
select 1
\g
drop table s.n;
select 'the end' -- of it

)";

/// A server that logs and counts every statement, with databases for the two programs.
struct LoggingServer {
    LoggingServer()
    {
        pg::Connection connection(server.info());
        connection.exec("create database by_psql");
        connection.exec("create database by_crudctl");
        if (has_statistics()) {
            connection.exec("create extension pg_stat_statements");
        }
    }

    /// Not every build of the server comes with it.
    static bool has_statistics()
    {
        return std::filesystem::exists(TestCluster::running().clients().parent_path() /
                                       "lib/pg_stat_statements.so");
    }
    static std::string settings()
    {
        return std::string("log_statement = all\nlog_line_prefix = '@%d@ '") +
               (has_statistics() ? "\nshared_preload_libraries = 'pg_stat_statements'" : "");
    }

    /// What pg_stat_statements has of a database: each text, and how often it ran.
    std::set<std::string> counted_in(const std::string& database) const
    {
        const pg::Result rows = pg::Connection(server.info())
                                    .exec("select s.query || ' × ' || sum(s.calls) as counted "
                                          "from pg_stat_statements s join pg_database d "
                                          "on d.oid = s.dbid where d.datname = $1 group by s.query",
                                          database);
        std::set<std::string> counted;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            counted.insert(rows[i].text("counted"));
        }
        return counted;
    }

    /// The texts of all statements that ran in a database.
    std::vector<std::string> statements_in(const std::string& database) const
    {
        const std::string log = read_file(server.log(), 1U << 24U).text;
        const std::string head = fmt::format("@{}@ LOG:  ", database);
        std::vector<std::string> found;
        for (std::size_t at = log.find(head); at != std::string::npos; at = log.find(head, at)) {
            at += head.size();
            const std::string entry = log.substr(at, log.find("\n@", at) - at);
            for (const std::string_view kind : {"statement: ", "execute <unnamed>: "}) {
                if (entry.starts_with(kind)) {
                    found.push_back(entry.substr(kind.size()));
                }
            }
        }
        return found;
    }

    ThrowAwayServer server{{settings(), {}, nullptr}};
};

std::string listed(const std::vector<std::string>& statements)
{
    return fmt::format("{}", fmt::join(statements, "\n---\n"));
}

} // namespace

TEST_CASE("triggers find in current_query() what they find when psql loads the file")
{
    if (!can_dump()) {
        return;
    }
    Comparison comparison;
    comparison.load({"an audit", audited_file()});
    INFO(comparison.by_psql.err << comparison.by_crudctl.err);
    REQUIRE(comparison.by_psql.exit_code == 0);
    REQUIRE(comparison.by_crudctl.exit_code == 0);
    const std::string expected = comparison.dump_by_psql();
    CHECK(contains(expected, "insert into r (n, t) values (1999, ''row number 1999'')") !=
          contains(expected, "insert into r (n, t) values (1999, 'row number 1999');"));
    CHECK(difference(expected, comparison.dump_by_crudctl()).empty());
}

TEST_CASE("log and statistics have every kind of statement as psql would have sent it")
{
    const LoggingServer fixture;
    SampleProject project;
    const pg::ConnInfo info = fixture.server.info();
    project.set_variable("CONNECTION_URL",
                         info.with_database("by_crudctl").url(pg::ConnInfo::ShowPassword::no));
    project.write("every.sql", every_kind);
    const CliResult by_psql =
        CliCall({"-h", fixture.server.socket_folder().string(), "-p", fixture.server.port(), "-U",
                 info.user(), "-d", "by_psql", "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-v",
                 "three=it's", "-v", "number=4", "-f", "every.sql"})
            .with_program(TestCluster::running().clients() / "psql")
            .in_folder(project.root())
            .result();
    const CliResult by_crudctl = project
                                     .run_crudctl({"schema-load", "-f", "every.sql", "--no-copy",
                                                   "--set", "three=it's", "--set", "number=4"})
                                     .result();
    INFO(by_psql.err << by_crudctl.err);
    REQUIRE(by_psql.exit_code == 0);
    REQUIRE(by_crudctl.exit_code == 0);
    std::vector<std::string> expected = fixture.statements_in("by_psql");
    REQUIRE(expected.size() == 80);
    CHECK(expected.front() == "BEGIN");
    CHECK(expected.back() == "COMMIT");
    expected.erase(expected.begin());
    expected.pop_back();
    std::vector<std::string> found = fixture.statements_in("by_crudctl");
    std::erase_if(found, [](const std::string& sql) { return sql.starts_with("/* crudctl "); });
    INFO("psql's:\n" << listed(expected) << "\ncrudctl's:\n" << listed(found));
    CHECK(std::search(found.begin(), found.end(), expected.begin(), expected.end()) != found.end());
    if (LoggingServer::has_statistics()) {
        const std::set<std::string> counted = fixture.counted_in("by_crudctl");
        for (const std::string& statement : fixture.counted_in("by_psql")) {
            INFO(statement << "\n\namong\n\n" << fmt::format("{}", fmt::join(counted, "\n")));
            CHECK(counted.contains(statement));
        }
    }
}
