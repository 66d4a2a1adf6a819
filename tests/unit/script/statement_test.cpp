#include "script/sql/statement.hpp"

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
