#include "script/effect/server_side.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace crudctl::script;

TEST_CASE("a statement that runs programs or reaches files on the server is known", "[script]")
{
    const std::string sql = GENERATE(
        "copy t to program 'cat > x'", "COPY t FROM PROGRAM 'id'",
        "copy (select 1) to program 'id'", "copy t from '/etc/passwd'",
        "copy t (a, b) to '/tmp/x' with (format csv)",
        "copy /* from stdin */ t from $$/etc/passwd$$", "load 'auto_explain'", "LOAD $$x.so$$",
        "alter system set archive_mode = on", "create tablespace t location '/tmp'",
        "create extension plpython3u", "create extension if not exists \"plperlu\" cascade",
        "create extension if not exists pltclu", "create extension hstore_plpython3u cascade",
        "create extension file_fdw", "create extension adminpack", "create language plpython3u",
        "create or replace trusted procedural language plsh",
        "create function f() returns int language c as 'x.so', 'f'",
        "create function f() returns int as 'x.so', 'f' language \"C\"",
        "create function f() returns int language internal as 'int4pl'",
        "create or replace function f(language text) returns text language plpython3u as $$x$$",
        "do language plperlu $$ system('id') $$", "select pg_read_file('/etc/passwd')",
        "select pg_catalog.\"pg_read_binary_file\"('x')", "select lo_import('/etc/passwd')",
        "select * from pg_ls_dir('.')", "select U&\"pg\\005Fread_file\"('/etc/passwd')",
        "grant pg_execute_server_program to app",
        "alter role app set session_preload_libraries = x",
        "do $$ begin copy t to program 'id'; end $$",
        "do $$ begin execute 'copy t to program ''id'''; end $$",
        "do $$ begin execute format('copy t from %L', '/etc/passwd'); end $$",
        "do $$ begin execute 'copy t from ' || quote_literal('/etc/passwd'); end $$",
        "do $$ begin execute 'co' || 'py t to pro' || 'gram ''id'''; end $$",
        "select run('copy (select 1) to program ''id''')",
        "do $$ begin execute concat_ws('y', 'cop', ' (select 1) to program ''id'''); end $$",
        "do $$ begin execute format('%s%s t to program ''id''', 'co', 'py'); end $$",
        "do $$ begin execute 'select pg_re' || 'ad_file(''x'')'; end $$",
        "do $$ begin execute chr(99) || 'opy t to stdout'; end $$",
        "do $$ begin execute E'\\x63opy t to stdout'; end $$",
        "do $$ begin execute $q$create extension plpython3u$q$; end $$",
        "do $$ begin load 'x'; end $$",
        "create function f() returns void language plpgsql as $$ begin copy t to '/tmp/x'; end $$",
        "create function f() returns void language sql as 'copy t to program ''id'''",
        "create procedure p() language plpgsql as $$ begin execute 'load ''x'''; end $$");
    INFO(sql);
    CHECK(is_server_side(sql));
}

TEST_CASE("a statement that stays in the database is none of those", "[script]")
{
    const std::string sql = GENERATE(
        "copy t from stdin", "COPY t (a) TO STDOUT WITH (FORMAT csv)",
        "copy (select 'to program') to stdout", "create table t (language text, program text)",
        "create table copy (load int)", "insert into posts values ('Copy this program from disk')",
        "insert into posts values ('load the language extension')",
        "create extension if not exists pgcrypto", "create extension plpgsql",
        "create extension \"uuid-ossp\"", "create extension unaccent with schema public",
        "create function f(language text) returns text language sql as $$ select 1 $$",
        "create or replace function f() returns table (language text) language plpgsql as "
        "$$ begin return query select 'x'::text; end $$",
        "create function f() returns int language 'plpgsql' as $$ begin return 1; end $$",
        "do $$ begin execute format('alter table %I add column x int', 't'); end $$",
        "do $$ begin execute 'drop table ' || quote_ident('t'); end $$",
        "create trigger t before update on t for each row execute function touch()",
        "grant execute on function f() to app", "select 'execute', chr(65)",
        "comment on column t.a is 'what the system loads'",
        "create index on t using gin (a) tablespace pg_default");
    INFO(sql);
    CHECK_FALSE(is_server_side(sql));
}
