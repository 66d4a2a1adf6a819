#include "script/effect.hpp"
#include "script/statement.hpp"

#include <catch2/catch.hpp>

using namespace crudctl::script;

TEST_CASE("what ends or begins a transaction is known by its first words")
{
    CHECK(facts_of("begin").control == Control::begin);
    CHECK(facts_of("/* x */ BEGIN -- y\n WORK;").control == Control::begin);
    CHECK(facts_of("Start Transaction;").control == Control::begin);
    CHECK(facts_of("commit;").control == Control::commit);
    CHECK(facts_of("END transaction").control == Control::commit);
    CHECK(facts_of("rollback").control == Control::rollback);
    CHECK(facts_of("ABORT;").control == Control::rollback);
    CHECK(facts_of("rollback work to savepoint a").control == Control::rollback_to);
    CHECK(facts_of("ROLLBACK TO a").control == Control::rollback_to);
    CHECK(facts_of("prepare transaction 'x'").control == Control::two_phase);
    CHECK(facts_of("commit prepared 'x'").control == Control::two_phase);
    CHECK(facts_of("rollback prepared 'x'").control == Control::two_phase);
    CHECK(facts_of("discard all").control == Control::discard_all);
    CHECK(facts_of("savepoint a").control == Control::savepoint);
}

TEST_CASE("what only begins like transaction control is none")
{
    const char* const sql = GENERATE("prepare q as select 1", "discard temp", "\"begin\"",
                                     "select 'commit'", "create function begin() as 'x'");
    CAPTURE(sql);
    CHECK(facts_of(sql).control == Control::none);
}

TEST_CASE("modes of a transaction are noticed")
{
    CHECK_FALSE(facts_of("begin work").has_modes);
    CHECK(facts_of("begin isolation level serializable").has_modes);
    CHECK(facts_of("start transaction read only").has_modes);
    CHECK(facts_of("commit and chain").has_modes);
    CHECK_FALSE(facts_of("commit work").has_modes);
}

TEST_CASE("what changes how the server reads text is noticed")
{
    CHECK(facts_of("set standard_conforming_strings = off").backslashes == Backslashes::escape);
    CHECK(facts_of("SET LOCAL Standard_Conforming_Strings TO 'off'").backslashes ==
          Backslashes::escape);
    CHECK(facts_of("set session standard_conforming_strings to on;").backslashes ==
          Backslashes::literal);
    CHECK(facts_of("set standard_conforming_strings to default").resets_backslashes);
    CHECK(facts_of("reset standard_conforming_strings").resets_backslashes);
    CHECK(facts_of("reset all").resets_backslashes);
    CHECK(facts_of("select pg_catalog.set_config('standard_conforming_strings', 'off', false)")
              .backslashes == Backslashes::escape);
    for (const char* sql :
         {"set standard_conforming_strings = off", "reset all", "set client_encoding = 'LATIN1'",
          "set names 'LATIN1'", "set backslash_quote = on", "rollback to a",
          "select set_config('client_encoding', 'UTF8', true)"}) {
        CAPTURE(sql);
        CHECK(facts_of(sql).changes_reading);
    }
    for (const char* sql : {"set search_path = ''", "reset role", "select 'client_encoding'",
                            "select set_config('search_path', '', false)"}) {
        CAPTURE(sql);
        CHECK_FALSE(facts_of(sql).changes_reading);
    }
}

TEST_CASE("an encoding whose bytes may look like quotes is noticed")
{
    CHECK(facts_of("set client_encoding = 'SJIS'").sets_unsafe_encoding);
    CHECK(facts_of("set names gbk").sets_unsafe_encoding);
    CHECK_FALSE(facts_of("set client_encoding = 'EUC_JP'").sets_unsafe_encoding);
}

TEST_CASE("a statement that only adds is told from one that may destroy")
{
    for (const char* sql : {"create table a (drop_at date)",
                            "CREATE INDEX CONCURRENTLY ON a (b)",
                            "insert into a values (1) on conflict do nothing",
                            "insert into a (update, delete) values (1, 2)",
                            "copy a from stdin",
                            "copy a from '/x'",
                            "copy (select 1) to stdout",
                            "comment on table a is 'drop'",
                            "grant delete, truncate on a to b",
                            "select 1 from a for update",
                            "with a as (select 1) select * from a",
                            "with a as (insert into b values (1) returning c) select c from a",
                            "(select 1) union select 2",
                            "values (1)",
                            "set a = b",
                            "reset all",
                            "analyze a",
                            "begin",
                            "commit",
                            "select into b from a",
                            "alter table a add column b int not null, owner to c",
                            "alter table only a add constraint k foreign key (b) references c on "
                            "delete set null on update no action",
                            "alter table a alter column b set default 1",
                            "alter sequence a owned by b.c",
                            "alter type a add value 'drop'",
                            "alter table a enable row level security",
                            "alter table only a attach partition b default",
                            "alter default privileges in schema a grant select on tables to b"}) {
        CAPTURE(sql);
        CHECK(effect_of(sql) == Effect::adds);
    }
    for (const char* sql :
         {"drop table a",
          "truncate a",
          "delete from a",
          "update a set b = 1",
          "do $$begin end$$",
          "call p()",
          "create or replace view a as select 1",
          "merge into a using b on true when matched then delete",
          "insert into a values (1) on conflict (b) do update set c = 1",
          "with a as (delete from b returning c) select c from a",
          "with a as (select 1) update b set c = 1",
          "with a as (select 1) delete from b",
          "with x as (insert into a values (1) on conflict (b) do update set c = 1) select 1",
          "copy a from program 'x'",
          "copy a to '/x'",
          "copy (delete from a returning b) to stdout",
          "revoke select on a from b",
          "alter table a drop column b",
          "alter table a add b int, drop c",
          "alter table a alter b type text",
          "alter table a rename to b",
          "alter system set a = 1",
          "alter table a detach partition b",
          "alter role a set b = 1",
          "refresh materialized view a",
          "alter default privileges revoke grant option for select on tables from a",
          "explain analyze delete from a",
          "vacuum",
          "lock a",
          "nonsense",
          "execute q",
          "",
          "reassign owned by a to b",
          "import foreign schema a from server b into c",
          "security label on table a is 'b'",
          "with a as (merge into b using c on true when matched then delete) select 1"}) {
        CAPTURE(sql);
        CHECK(effect_of(sql) == Effect::destroys);
    }
}
