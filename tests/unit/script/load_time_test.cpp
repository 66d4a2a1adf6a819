#include "script/effect/load_time.hpp"
#include "script/effect/own_name.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace crudctl::script;

namespace {

using Subject = LoadTimeScan::Subject;

std::string evaluated_by(Subject subject, const std::vector<std::string>& statements)
{
    LoadTimeScan scan(subject);
    for (const std::string& statement : statements) {
        scan.take(statement);
    }
    return scan.evaluated();
}

std::string evaluated_by(const std::vector<std::string>& statements)
{
    return evaluated_by(Subject::moment, statements);
}

} // namespace

TEST_CASE("what is only stored is not evaluated while files load")
{
    const std::vector<std::vector<std::string>> files = {
        {"create table t (id int, at timestamptz default now())"},
        {"create table t (id int, at timestamptz default now())",
         "insert into t (id, at) values (1, '2024-01-01')"},
        {"create table t (id int, at timestamptz default now())", "copy t from stdin"},
        {"create table t (id int, at timestamptz default now())",
         "insert into t values (1, '2024-01-01'), (2, '2024-01-02')"},
        {"create table t (id int, at timestamptz default now())", "copy t (id, at) from stdin"},
        {"create function f() returns trigger language plpgsql as $$ begin new.at := now(); return "
         "new; end $$",
         "create table t (id int)",
         "create trigger t before update on t for each row execute function f()"},
        {"create view v as select now(), random()"},
        {"create materialized view v as select now() with no data"},
        {"insert into t values (1, 'it is now or never')", "insert into t values (2, null)"},
        {"do $$ begin if not exists (select from pg_class where relname = 't') then create table t "
         "(); end if; end $$"},
        {"create table t (at date check (at <= current_date))"},
        {"create index on t (id)", "alter table t add column at timestamptz default now()"},
        {"select pg_catalog.set_config('search_path', '', false)", "select pg_sleep(0.1)"},
        {"create policy p on t using (owner = current_user)"},
        {"create type day as enum ('yesterday', 'today', 'tomorrow')"},
        {"create table t (id int, at timestamptz default now())",
         "do $$ begin if not exists (select from pg_type where typname = 'mood') then create type "
         "mood as enum ('a'); end if; end $$"},
        {"create table a (id int, at timestamptz default now())", "create table b (id int)",
         "create function touch() returns trigger language plpgsql as $$ begin new.at := now(); "
         "return new; end $$",
         "create trigger t before update on a for each row execute function touch()",
         "insert into b values (1)"},
        {"create table t (id int, note text)", "insert into t values (1, 'do it now')"},
        {"create table c (a int)", "create table u (a int, at timestamptz default now())",
         "create materialized view mv as select count(*) from c", "refresh materialized view mv"},
        {"create table d (code text)", "create table u (a int, at timestamptz default now())",
         "do $$ begin insert into d values ('de'); end $$"},
        {"create table c (code text)", "create table u (a int)", "insert into c values ('de')",
         "alter table u add column at timestamptz default now()"},
        {"select setval('s', 1, false), nextval('public.s')"},
        {"insert into t (a, b) select x.a, upper(x.b)::varchar(10) from (values (1, 'b')) x(a, b)"},
        {"with x (a) as (select 1), y (a) as (select 2) insert into t select * from x, y"},
        {"create function double(int) returns int language sql immutable as 'select $1 * 2'",
         "create table t as select double(2) as n, coalesce(null, 1), cast(1 as numeric(3, 1))"},
        {"insert into t values (1, 'call me now')", "insert into d values ('2024-01-01'::date)"},
        {"prepare q as select 1", "execute q"},
    };
    for (const auto& statements : files) {
        CAPTURE(statements);
        CHECK(evaluated_by(statements).empty());
    }
}

TEST_CASE("what files evaluate of clock, randomness, files and shared catalogs is found")
{
    const std::string table = "create table t (id int, at timestamptz default now())";
    const std::string function = "create or replace function app.f() returns timestamptz language "
                                 "sql as 'select clock_timestamp()'";
    const std::vector<std::vector<std::string>> files = {
        {"insert into t values (now())"},
        {"insert into t values (CURRENT_DATE)"},
        {"prepare q as select now() n", "create table t as execute q"},
        {"create table t as select b from crosstab('select 1, 2, now()') as x (a int, b text)"},
        {"insert into t values (st_point(1, 2))"},
        {"create function f(ct) returns text language sql as 'select clock_timestamp()::text'",
         "create cast (ct as text) with function f(ct)"},
        {"create function f() returns event_trigger language plpgsql as 'begin perform now(); end'",
         "create event trigger e on ddl_command_end execute function f()"},
        {"create function c() returns timestamptz language internal as 'clock_timestamp'",
         "create table t as select c() b"},
        {"create function c() returns int as 'lib', 'c' language c", "select c()"},
        {"insert into t select (jsonb '{\"a\":\"now\"}'->>'a')::timestamptz"},
        {"create table t (o timetz)", "insert into t select '09:00'::timetz"},
        {"create table t as select tableowner from pg_tables"},
        {"create table t as select pg_get_userbyid(relowner) from pg_class"},
        {"insert into t select gen_random_uuid()"},
        {"with x as (select random()) insert into t select * from x"},
        {"create table t as select now()"},
        {"create unlogged table t (n) as values (now())"},
        {"create materialized view v as select now()"},
        {"create view v as select now()", "create table t as select * from v"},
        {"create materialized view v as select now() with no data", "refresh materialized view v"},
        {"create table t (d date default 'now')"},
        {"create table t (d date default 'today'::date)"},
        {"create domain d as date default 'now'"},
        {"create table p partition of t for values from (current_date) to (maxvalue)"},
        {"do $$ begin execute format('create table %I ()', to_char(now(), 'YYYYMM')); end $$"},
        {"do $$ begin if exists (select from pg_roles) then null; end if; end $$"},
        {"do language plpgsql 'begin perform 1 from pg_catalog.pg_database; end'"},
        {"copy t from '/srv/rows.csv'"},
        {"copy t from program 'date'"},
        {"insert into t values (pg_read_file('x'))"},
        {table, "insert into t (id) values (1)"},
        {table, "insert into public.t values (1)"},
        {table, "insert into t values (1, default)"},
        {table, "copy t (id) from stdin"},
        {table, "update t set at = default"},
        {table, "create table u (like t including defaults)", "insert into u (id) values (1)"},
        {table, "create table u () inherits (t)", "insert into u (id) values (1)"},
        {table, "alter table t rename to u", "insert into u (id) values (1)"},
        {"create table t (id int)", "alter table t alter column at set default now()",
         "insert into t (id) values (1)"},
        {"create table t (id int)", "insert into t values (1)",
         "alter table t add column at timestamptz default now()"},
        {"create domain stamp as timestamptz default now()", "create table t (id int, at stamp)",
         "insert into t (id) values (1)"},
        {function, "select app.f()"},
        {function, "insert into t values (f())"},
        {function, "create function g() returns timestamptz language sql as 'select f()'",
         "call g()"},
        {function, "do $$ begin perform app.f(); end $$"},
        {function, "create table t (at timestamptz default app.f(), id int)",
         "insert into t (id) values (1)"},
        {"create function f() returns trigger language plpgsql as $$ begin new.at := now(); return "
         "new; end $$",
         "create trigger t before insert on t for each row execute function f()",
         "insert into t values (1)"},
        {"create rule r as on insert to t do also insert into log values (now())",
         "insert into t values (1)"},
        {"alter table t alter column at type timestamptz using now()"},
        {"select create_parent('public.t', 'at')"},
        {table, "do $$ begin insert into t (id) values (1); end $$"},
        {table,
         "create function fill() returns void language sql as 'insert into t(id) values "
         "(1)'",
         "select fill()"},
        {table, "create procedure fill() language sql as 'insert into t(id) values (1)'",
         "call fill()"},
        {"create table log (what text, at timestamptz default now())", "create table t (id int)",
         "create function audit() returns trigger language plpgsql as $$ begin insert into "
         "log(what) values ('x'); return new; end $$",
         "create trigger t after insert on t for each row execute function audit()",
         "insert into t values (1)"},
        {"create table b (id int)",
         "create table t (like b including all, at timestamptz default now())",
         "insert into t (id) values (1)"},
        {table, "prepare p as insert into t (id) values ($1)", "execute p(1)"},
        {table, "merge into t using b on false when not matched then insert (id) values (1)"},
        {table, "explain analyze insert into t (id) values (1)"},
        {table, "create view v as select id from t", "insert into v values (1)"},
        {"create table a (id int)", table, "create table u () inherits (a, t)",
         "insert into u (id) values (1)"},
        {"insert into t values (pgp_sym_encrypt('a', 'b'))"},
        {"insert into t select * from normal_rand(1, 2, 3)"},
        {"insert into t select * from u tablesample bernoulli (50)"},
        {"insert into t values ('today 10:00')"},
        {"insert into t values ('[today,tomorrow)'::daterange)"},
        {"insert into t values ('{now}'::timestamptz[])"},
        {"insert into t select * from json_populate_record(null::t, '{\"at\": \"now\"}')"},
        {"create foreign table f (a text) server s options (filename '/x')",
         "insert into t select a from f"},
        {"create domain d as timestamptz", "alter domain d set default now()",
         "create table t (id int, at d)", "insert into t (id) values (1)"},
        {"alter domain d add check (value > 'today'::date)"},
        {function, "alter function app.f() rename to g", "select g()"},
        {function, "create operator === (leftarg = int, function = f)"},
        {"create function g() returns timestamptz language plpgsql as $$ begin return f(); end $$",
         function, "select g()"},
        {"create table t (at timestamptz)",
         "create function f() returns trigger language plpgsql as 'begin return new; end'",
         "create trigger t before insert on t for each row execute function f()",
         "create or replace function f() returns trigger language plpgsql as $$ begin new.at := "
         "now(); return new; end $$",
         "insert into t values (null)"},
        {"insert into t select query_to_xml('select now()', true, true, '')"},
        {"create function f(d date default 'today') returns date language sql as 'select d'"},
        {"create table t as select has_table_privilege('bob', 't', 'select')"},
        {"insert into t select 'bob'::regrole"},
        {"insert into t select * from pg_stat_bgwriter"},
        {"insert into t select pg_current_wal_lsn()"},
        {"create type ct as (id int, ts timestamptz)",
         "create table t of ct (ts with options default now())", "insert into t(id) values (1)"},
        {"create table t(id int, ts timestamptz) partition by list(id)",
         "create table p partition of t (ts default now()) for values in (1)",
         "insert into p(id) values (1)"},
        {table, "create table s (a int)",
         "create rule r as on insert to s do also insert into t(id) values (1)",
         "insert into s values (1)"},
        {"create table t (id int)",
         "create trigger m before update on t for each row execute procedure moddatetime(at)",
         "update t set id = 2"},
        {"create table t (id int)",
         "create function fill() returns void language sql as 'insert into t values (1)'",
         "select fill()", "alter table t add column at timestamptz default now()"},
    };
    for (const auto& statements : files) {
        CAPTURE(statements);
        CHECK_FALSE(evaluated_by(statements).empty());
    }
    CHECK(evaluated_by({table, "insert into t (id) values (1)"}) == "now()");
}

TEST_CASE("where files keep the name of the database at hand by another way than a literal")
{
    const auto is_kept = [](const std::vector<std::string>& statements) {
        return !evaluated_by(Subject::own_name, statements).empty();
    };
    const std::string table = "create table t (id int, db name default current_database())";
    CHECK(is_kept({table, "insert into t default values"}));
    CHECK(is_kept({"do $$ begin insert into t values (current_database()); end $$"}));
    CHECK_FALSE(is_kept({"create table t as select current_catalog as db"}));
    CHECK(is_kept({"create table t as select * from current_database() db"}));
    CHECK(is_kept({"insert into t select catalog_name from information_schema.schemata"}));
    CHECK_FALSE(is_kept({table}));
    CHECK_FALSE(is_kept({table, "insert into t (id, db) values (1, current_database())"}));
    CHECK_FALSE(is_kept({"do $$ begin execute format('alter database %I set work_mem = %L', "
                         "current_database(), '3MB'); end $$"}));
    CHECK_FALSE(is_kept({"create function f() returns name language sql as 'select "
                         "current_database()'"}));
    CHECK(is_kept({"insert into t select x from current_database() x"}));
    CHECK(is_kept({"insert into t (datname, d) select 'x', current_database()"}));
    CHECK(is_kept({table,
                   "create function fill() returns void language sql as 'insert into t(id) "
                   "values (1)'",
                   "select fill()"}));
    CHECK(is_kept({"do $$ begin execute format('insert into t values (%L)', current_database()); "
                   "execute format('comment on database %I is null', current_database()); end "
                   "$$"}));
    CHECK_FALSE(is_kept({"select oid from pg_database where datname = current_database()"}));

    LoadTimeScan schema(Subject::own_name); // what is learned there holds for the seeds
    schema.take(table);
    LoadTimeScan seeds = schema;
    seeds.take_csv("t", {"id"});
    CHECK_FALSE(seeds.evaluated().empty());
}

TEST_CASE("the calls that a literal can stand for")
{
    const auto texts = [](const std::string& statement) {
        std::vector<std::string> found;
        for (const Token& place : own_name_calls(statement)) {
            found.push_back(statement.substr(place.begin, place.end - place.begin));
        }
        return found;
    };
    using Texts = std::vector<std::string>;
    CHECK(texts("insert into t values (current_database(), Current_Catalog)") ==
          Texts{"current_database()", "Current_Catalog"});
    CHECK(texts("select current_database ( /* of ours */ )") ==
          Texts{"current_database ( /* of ours */ )"});
    CHECK(texts("select pg_catalog.current_database()from t") ==
          Texts{"pg_catalog.current_database()"});
    CHECK(texts("select a.current_database()").empty());
    for (const char* table :
         {"select * from current_database()", "select * from t, current_database() d",
          "merge into t using current_database() d on true when not matched then do nothing",
          "delete from t using (select 1) q, current_database() d",
          "select * from rows from (current_database()) a",
          "select * from a join current_catalog c on true"}) {
        CAPTURE(table);
        CHECK(texts(table).empty());
    }
    CHECK(
        texts("select a, current_database() d from t join u on t.a = current_database()").size() ==
        2);
    CHECK(texts("select \"current_database\"()") == Texts{"\"current_database\"()"});
    CHECK(texts("create table t as select current_database()") == Texts{"current_database()"});
    CHECK(texts("execute p(current_database())") == Texts{"current_database()"});
    CHECK(texts("select current_database from (select current_database()) x") ==
          Texts{"current_database()"});
    CHECK(texts("insert into t values ('current_database()')").empty());
    CHECK(texts("create table t (db name default current_database())").empty());
    CHECK(texts("select 1 from information_schema.tables where table_catalog = current_database()")
              .empty());
    CHECK(texts("select oid from pg_database where datname = current_database()").empty());
}
