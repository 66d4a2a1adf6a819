#include "script/effect/effect.hpp"
#include "script/query/named_query.hpp"
#include "script/sql/scanner.hpp"

#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace crudctl::script;

namespace {

using Names = std::vector<std::string>;

ScanError error_of(const std::string& text)
{
    try {
        parse_named_query(text);
    } catch (const ScanError& error) {
        return error;
    }
    throw std::logic_error("the query was taken: " + text);
}

} // namespace

TEST_CASE("names become numbers, each the same wherever it stands")
{
    const NamedQuery query = parse_named_query("select :a, :b2 + :a, :_c;\n");
    CHECK(query.sql == "select $1, $2 + $1, $3");
    CHECK(query.parameters == Names{"a", "b2", "_c"});
    CHECK(parse_named_query("select 1").parameters.empty());
    CHECK(parse_named_query("select :'a', x=:a,(:b)").sql == "select $1, x=$1,($2)");
}

TEST_CASE("what only looks like a parameter is left alone")
{
    const std::string sql = GENERATE(
        "select ':a', '%(a)s', E'\\':a', U&':a', $$ :a $$, $t$ :a $$ %(b)s $t$",
        "select \":a\" -- :a %(a)s %s $1\n, /* :a /* :b */ %s */ 1",
        "select a::text, b :: int, '1'::numeric(3,1)", "select a[1:n], a[m:n], a[f(x):n]",
        "select a[1:2], a[:2]", "select f(a := 1)", "select 5 % s, 5 %(3), 7 % (s), 5%size");
    CAPTURE(sql);
    CHECK(parse_named_query(sql).sql == sql);
    CHECK(parse_named_query(sql).parameters.empty());
}

TEST_CASE("a parameter stands beside casts and slices")
{
    CHECK(parse_named_query("select :a::uuid, a[:n], a[1: :n], f(a => :b)").sql ==
          "select $1::uuid, a[$2], a[1: $2], f(a => $3)");
}

TEST_CASE("psycopg's notation is read as psycopg reads it")
{
    const NamedQuery query = parse_named_query("select %(uuid)s, %(a)s::int %% 7 where x like 'a%%'"
                                               " and y=%(uuid)s -- 100 %%\n and a[1:n] = 1");
    CHECK(query.sql == "select $1, $2::int % 7 where x like 'a%' and y=$1 -- 100 %\n"
                       " and a[1:n] = 1");
    CHECK(query.parameters == Names{"uuid", "a"});
    CHECK(parse_named_query("select %%(a)s, %(b)s").sql == "select %(a)s, $1");
    CHECK(parse_named_query("select x%(a)s").sql == "select x $1");
    // Where there is none of its parameters, the file is not psycopg's.
    CHECK(parse_named_query("select '100 %%', :a").sql == "select '100 %%', $1");
}

TEST_CASE("a query's description is the first line of its comment")
{
    CHECK(parse_named_query("-- Who has a handle.\n-- More.\nselect 1").description ==
          "Who has a handle.");
    CHECK(parse_named_query("/*\n * Who: é.\n */\nselect 1").description == "Who: é.");
    CHECK(parse_named_query("/* Who */ select 1").description == "Who");
    CHECK(parse_named_query("\xEF\xBB\xBF-- name: x^\n----\n-- Who\nselect 1").description ==
          "Who");
    CHECK(parse_named_query("select 1 -- not this\n, 2 -- nor this").description.empty());
}

TEST_CASE("what no query can be is refused where it stands")
{
    const auto [text, line, column, message] =
        GENERATE(table<std::string, std::size_t, std::size_t, std::string>({
            {"", 1, 1, "no statement"},
            {"-- nothing\n;\n", 1, 1, "no statement"},
            {"select 1;\n select 2", 2, 2, "a second statement"},
            {"-- x\n\\i other.sql\nselect 1", 2, 1, "psql's"},
            {"select 1 \\gexec", 1, 10, "psql's"},
            {"select\n  'é', %s", 2, 8, "%s is a parameter without a name"},
            {"  select $1", 1, 10, "$1 is a parameter without a name"},
            {"select :\"a\"", 1, 8, "only a value can be bound"},
            {"select :{?a}", 1, 8, "only a value can be bound"},
            {"select :a, %(b)s", 1, 8, ":a in a file that writes"},
            {"select %(a)s, %(b)d", 1, 15, "not complete"},
            {"select %(a)s, %(b c)s", 1, 15, "not complete"},
            {"copy users to stdout", 1, 1, "COPY is no query"},
            {"copy users from stdin;\n1\n\\.\n", 1, 1, "COPY is no query"},
            {"begin", 1, 1, "begin begins or ends a transaction"},
            {"-- x\ncommit", 2, 1, "begins or ends a transaction"},
            {"select 'x", 1, 8, "unterminated quoted string"},
        }));
    CAPTURE(text);
    const ScanError error = error_of(text);
    CHECK(std::string(error.what()).find(message) != std::string::npos);
    CHECK(error.place().line == line);
    CHECK(error.place().column == column);
}

TEST_CASE("what a query does is judged by its words")
{
    for (const char* sql :
         {"select 1", "(select 1)", "with a as (select 1) select * from a", "values (1)",
          "table users", "show all", "explain select 1", "select 'insert into', \"update\""}) {
        CAPTURE(sql);
        CHECK(only_reads(sql));
        CHECK(parse_named_query(sql).effect == QueryEffect::reads);
    }
    for (const char* sql :
         {"insert into a values (:b)", "with a as (insert into b values (1) returning 1) table a",
          "select 1 into a", "create table a as select 1", "select 1 from a for update"}) {
        CAPTURE(sql);
        CHECK(parse_named_query(sql).effect == QueryEffect::adds);
    }
    for (const char* sql :
         {"select pg_terminate_backend(:pid)", "explain select lo_import('/x')",
          "with a as (select pg_switch_wal()) table a", "select lo_unlink(7)",
          "select lo_put(7, 0, 'x')", "select pg_import_system_collations('public')",
          "select U&\"pg_reload\\005fconf\"()", "select U&\"pg!005freload\" uescape '!' ()"}) {
        CAPTURE(sql);
        CHECK(parse_named_query(sql).effect == QueryEffect::disrupts);
    }
    CHECK(parse_named_query("insert into a values (purge(:b))").calls);
    CHECK_FALSE(parse_named_query("insert into a values (lower(:b))").calls);
    CHECK_FALSE(parse_named_query("select purge(:b)").calls);
    for (const char* sql :
         {"update a set b = :c", "delete from a where b = %(c)s",
          "with a as (delete from b returning 1) table a", "truncate a", "do $$ begin end $$",
          "insert into a values (1) on conflict (b) do update set c = 1",
          "explain delete from a"}) {
        CAPTURE(sql);
        CHECK(parse_named_query(sql).effect == QueryEffect::destroys);
    }
}

TEST_CASE("a place in what is sent leads back into the file")
{
    const std::string text = "-- é\n  select %(first_name)s,\n'%%', %(b)s, bogus";
    const NamedQuery query = parse_named_query(text);
    const auto check = [&](const std::string& part, std::size_t line, std::size_t column) {
        CAPTURE(part, query.sql);
        const Place place = place_in_file(query, text, query.sql.find(part));
        CHECK(place.line == line);
        CHECK(place.column == column);
    };
    check("select", 2, 3);
    check("$1", 2, 10);
    check("$2", 3, 7);
    check("bogus", 3, 14);
    CHECK(first_use(query, "b") == query.sql.find("$2"));
    CHECK_THROWS_AS(first_use(query, "c"), std::logic_error);
}
