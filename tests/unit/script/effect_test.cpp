#include "oracle/split_oracle.hpp"
#include "script/effect/effect_judge.hpp"
#include "support/paths.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

using namespace crudctl;
using namespace crudctl::script;
using namespace crudctl::tests;

namespace {

/// A line of statements.txt.
struct Listed {
    std::size_t line = 0;
    bool is_parsed = true; // false: the oracle's parser doesn't know it
    Effect effect = Effect::destroys;
    std::string statement;
};

std::vector<Listed> listed_statements()
{
    const std::map<std::string, Effect> effects = {
        {"adds", Effect::adds}, {"calls", Effect::calls}, {"destroys", Effect::destroys}};
    std::ifstream file(source_folder() / "tests/unit/script/statements.txt");
    std::vector<Listed> statements;
    std::string line;
    for (std::size_t number = 1; std::getline(file, line); ++number) {
        if (line.empty() || line.front() == '#') {
            continue;
        }
        Listed listed;
        listed.line = number;
        const auto take_word = [&] {
            const std::string word = line.substr(0, line.find(' '));
            line.erase(0, line.find_first_not_of(' ', word.size()));
            return word;
        };
        std::string word = take_word();
        if (word == "later") {
            listed.is_parsed = false;
            word = take_word();
        }
        listed.effect = effects.at(word);
        listed.statement = line;
        statements.push_back(listed);
    }
    return statements;
}

/// The effect of the last statement of a run.
Effect last_of(std::initializer_list<std::string_view> statements)
{
    EffectJudge judge;
    Effect effect = Effect::adds;
    for (const std::string_view statement : statements) {
        effect = judge.take(statement);
    }
    return effect;
}

} // namespace

TEST_CASE("each kind of statement has its effect")
{
    const std::vector<Listed> statements = listed_statements();
    CHECK(statements.size() >= 450);
    for (const Listed& listed : statements) {
        CAPTURE(listed.line, listed.statement);
        CHECK(effect_of(listed.statement) == listed.effect);
        CHECK(effect_of("/* x */ " + listed.statement + ";") == listed.effect);
    }
}

TEST_CASE("the statements whose effect is known are SQL")
{
    for (const Listed& listed : listed_statements()) {
        CAPTURE(listed.line, listed.statement);
        if (listed.is_parsed) {
            CHECK(statements_for_server(listed.statement) == 1U);
        }
    }
}

TEST_CASE("no statement is judged by its case, its blanks or its comments")
{
    for (const Listed& listed : listed_statements()) {
        if (listed.statement.find_first_of("'\"$") != std::string::npos ||
            listed.statement.find("--") != std::string::npos) {
            continue;
        }
        std::string loud;
        for (const char c : listed.statement) {
            loud += c == ' ' ? "\n/**/ -- (\n" : std::string(1, static_cast<char>(std::toupper(c)));
        }
        CAPTURE(listed.line, loud);
        CHECK(effect_of(loud) == listed.effect);
    }
}

TEST_CASE("a trigger on a table that the run made takes nothing from anybody")
{
    CHECK(last_of({"create table a ()",
                   "create trigger t before insert on a execute function f()"}) == Effect::calls);
    CHECK(
        last_of({"create table public.\"A\" ()",
                 "create constraint trigger t after update of b or delete on public.\"A\" for each "
                 "row execute function pg_catalog.int4(1)"}) == Effect::adds);
    CHECK(last_of({"create view a as select 1",
                   "create trigger t instead of delete on A execute function f()"}) ==
          Effect::calls);
    CHECK(last_of({"create table a ()",
                   "create or replace trigger t before insert on a execute function f()"}) ==
          Effect::calls);
    const char* const trigger = "create trigger t before insert on a execute function f()";
    for (const auto& before : std::initializer_list<std::vector<std::string_view>>{
             {},
             {"create table b ()"},
             {"create table s.a ()"},
             {"create table \"A\" ()"},
             {"create table U&\"a\" ()"},
             {"create table if not exists a ()"},
             {"create temp table a ()"},
             {"create table pg_temp.a ()"},
             {"create table a ()", "set search_path = b"},
             {"create table a ()", "set role b"},
             {"create table a ()", "reset all"},
             {"create table a ()", "select set_config('search_path', 'b', false)"},
             {"create table a ()", "select set_config('search' || '_path', 'b', false)"},
             {"create table a ()", "select anything()"},
             {"set local search_path = b", "create table a ()", "commit"},
             {"savepoint x", "create table a ()", "rollback to x"}}) {
        EffectJudge judge;
        for (const std::string_view statement : before) {
            CAPTURE(statement);
            judge.take(statement);
        }
        CHECK(judge.take(trigger) == Effect::destroys);
    }
}

TEST_CASE("names with their schema stay what they are when search_path changes")
{
    CHECK(last_of({"create table s.a ()", "set search_path = b",
                   "create trigger t before insert on s.a execute function f()"}) == Effect::calls);
}

TEST_CASE("what another file of the run made is the run's, under the log-in's search_path")
{
    const char* const trigger = "create trigger t before insert on a execute function f()";
    EffectJudge judge;
    judge.take("create table a ()");
    judge.begin_file();
    CHECK(judge.take(trigger) == Effect::calls);
    EffectJudge with_path;
    with_path.take("set search_path = s");
    with_path.take("create table a ()");
    with_path.begin_file();
    CHECK(with_path.take(trigger) == Effect::destroys);
}

TEST_CASE("OR REPLACE of what the run made before by a plain CREATE adds")
{
    CHECK(last_of({"create view a as select 1", "create or replace view a as select 2"}) ==
          Effect::adds);
    CHECK(last_of({"create function f(a int, b text default 'x') returns int as 'x'",
                   "create or replace function F(A int, B text default 'x') returns int as 'y'"}) ==
          Effect::adds);
    CHECK(last_of({"create function f(int) returns int as 'x'",
                   "create or replace function f(text) returns int as 'y'"}) == Effect::destroys);
    CHECK(last_of({"create procedure f(int) as 'x'",
                   "create or replace function f(int) returns int as 'y'"}) == Effect::destroys);
    CHECK(last_of({"create or replace view a as select 1",
                   "create or replace view a as select 2"}) == Effect::destroys);
    CHECK(last_of({"create view s.a as select 1", "create or replace view a as select 2"}) ==
          Effect::destroys);
    CHECK(last_of({"create view if_not as select 1", "create or replace view a as select 2"}) ==
          Effect::destroys);
}

TEST_CASE("what the run made may get an owner")
{
    CHECK(last_of({"create table public.a (b int)", "alter table public.a owner to c"}) ==
          Effect::adds);
    CHECK(last_of({"create sequence a", "alter sequence a owned by b.c"}) == Effect::adds);
    CHECK(last_of({"create table a (b int)", "alter table a enable row level security"}) ==
          Effect::adds);
    CHECK(last_of({"create table a (b int)", "alter table a owner to c, drop b"}) ==
          Effect::destroys);
    CHECK(last_of({"create table a (b int)", "alter table b owner to c"}) == Effect::destroys);
}

TEST_CASE("a function of the server's list that the run makes anew is its own")
{
    CHECK(last_of({"create function lower(mood) returns text as 'x'", "select lower('a')"}) ==
          Effect::calls);
    CHECK(last_of({"create or replace function now() returns text as 'x'", "select now()"}) ==
          Effect::calls);
    CHECK(last_of({"create aggregate count(int) (sfunc = a, stype = int)", "select count(1)"}) ==
          Effect::calls);
    CHECK(last_of({"create function lower(mood) returns text as 'x'",
                   "select pg_catalog.lower('a'), upper('b')"}) == Effect::adds);
}

TEST_CASE("the server's functions are trusted while pg_catalog is searched first")
{
    CHECK(last_of({"set search_path = public, other", "select now()"}) == Effect::adds);
    CHECK(last_of({"set search_path = pg_catalog, public", "select now()"}) == Effect::adds);
    CHECK(last_of({"set search_path to 'pg_catalog', public", "select now()"}) == Effect::adds);
    CHECK(last_of({"set search_path = public, pg_catalog", "select now()"}) == Effect::calls);
    CHECK(last_of({"SET search_path TO 'public', 'pg_catalog'", "select now()"}) == Effect::calls);
    CHECK(last_of({"select set_config('search_path', 'public, pg_catalog', false)",
                   "insert into a values (now())"}) == Effect::calls);
    CHECK(last_of({"set search_path = public, pg_catalog", "set search_path = public",
                   "select now()"}) == Effect::adds);
    CHECK(last_of({"set search_path = public, pg_catalog", "select pg_catalog.now()"}) ==
          Effect::adds);
}

TEST_CASE("the generators of an extension are its own where the run makes it")
{
    const char* const make_uuid = "create extension if not exists \"uuid-ossp\"";
    CHECK(last_of({make_uuid, "select uuid_generate_v4()"}) == Effect::adds);
    CHECK(last_of({make_uuid, "select crypt('a', gen_salt('bf'))"}) == Effect::calls);
    CHECK(last_of({"create extension pgcrypto", "select crypt('a', gen_salt('bf'))"}) ==
          Effect::adds);
    CHECK(last_of({make_uuid, "select public.uuid_generate_v4()"}) == Effect::calls);
    CHECK(last_of({"create extension \"uuid-ossp\" with schema public",
                   "create table a (b uuid default public.uuid_generate_v4())"}) == Effect::adds);
    CHECK(last_of({make_uuid, "create function uuid_generate_v4() returns uuid as 'x'",
                   "select uuid_generate_v4()"}) == Effect::calls);
}

TEST_CASE("the generators of an extension that is there already are no calls of anything")
{
    const KnownFunctions generators = {{{"uuid-ossp", "tools"}}, {}};
    CHECK(effect_of("select uuid_generate_v4()", Backslashes::literal, generators) == Effect::adds);
    CHECK(effect_of("insert into a values (tools.uuid_generate_v4())", Backslashes::literal,
                    generators) == Effect::adds);
    CHECK(effect_of("select public.uuid_generate_v4()", Backslashes::literal, generators) ==
          Effect::calls);
    CHECK(effect_of("select gen_salt('bf')", Backslashes::literal, generators) == Effect::calls);
}

TEST_CASE("a function that is known to be there may be called as an attribute of its row")
{
    const KnownFunctions known = {{}, {"wipe"}};
    CHECK(effect_of("select a.wipe from a", Backslashes::literal, known) == Effect::calls);
    CHECK(effect_of("select a.name from a", Backslashes::literal, known) == Effect::adds);
}

TEST_CASE("a function that the run makes may be called as an attribute of its row")
{
    const char* const make = "create function wipe(a) returns int as 'x'";
    for (const char* call :
         {"select a.wipe from a", "select wipe(a) from a", "select (a).wipe from a",
          "insert into b values (1, ('(1)'::a).wipe)", "insert into b values (('(1)'::a).\"wipe\")",
          "create table b (c int default ('(1)'::a).wipe)", "select a.Wipe"}) {
        CAPTURE(call);
        CHECK(last_of({make, call}) == Effect::calls);
        CHECK(last_of({"create function other(a) returns int as 'x'", call}) ==
              (std::string(call) == "select wipe(a) from a" ? Effect::calls : Effect::adds));
    }
}

TEST_CASE("functions that READ ONLY does not stop are known")
{
    for (const char* sql :
         {"select pg_terminate_backend(1)", "select pg_catalog.PG_SWITCH_WAL ()",
          "select * from pg_create_physical_replication_slot('a')", "select lo_import('/x')",
          "select dblink_exec('a', 'b')", "select * from dblink('a', 'b') as t(c int)",
          "select \"pg_reload_conf\"()", "select pg_advisory_lock(1)",
          "with a as (select pg_read_file('x')) table a",
          "select heap_force_kill('a'::regclass, array['(0,1)']::tid[])",
          "select * from crosstab('select pg_terminate_backend(1)::text, 1, 1') as t(a text, b "
          "int)",
          "select * from connectby('(select pg_create_restore_point(''x'')) q', 'k', 'p', 'x', "
          "0)",
          "select * from crosstab('select pg_term' || 'inate_backend(1)') as t(a int)",
          "select * from crosstab($1) as t(a int)",
          "select * from crosstab(E'select 1') as t(a int)",
          "select * from connectby('t --','id, f/*','*/(1)','1',0) as t(a int)",
          "select pg_notify('jobs', 'x')", "select c.* from kept k, crosstab(k.sql) as c(a int)"}) {
        CAPTURE(sql);
        CHECK(calls_outside(sql));
    }
    for (const char* sql : {"select now()", "select 'pg_reload_conf()'", "select pg_reload_conf",
                            "select purge()", "select pg_advisory_xact_lock(1)",
                            "select * from crosstab('select a, b, c from d') as t(a int)",
                            "select * from crosstab('select a'::text, 2) as t(a int)",
                            "select 'pg_reload_conf()', purge()"}) {
        CAPTURE(sql);
        CHECK_FALSE(calls_outside(sql));
    }
}
