#include "cli/load/psql_comparison.hpp"

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

const PsqlScript included = {
    "files that include others, relative to themselves and to the folder",
    R"(\i sub/one.sql
\ir sub/one.sql;
\include 'sub/with space.sql'
\set file sub/deep/two.sql
\i :file
insert into r (t) values (:'from_two');
)",
    {{"sub/one.sql", "insert into r (t) values ('one')\n;\\ir deep/two.sql\n"},
     {"sub/with space.sql", "insert into r (t) values ('space');"},
     {"sub/deep/two.sql", "\\set from_two 2\ninsert into r (t) values ('two')"
                          ";"}}};

const PsqlScript valued = {"values with quotes, backslashes, semicolons and newlines in them",
                           R"(\set odd 'it''s a "q" \\ back; semi\nline\ttab \x41\101'
insert into r (t) values (:'odd'), (U&'\0041' || :'odd');
\set name 'we"ird;x'
create table :"name" (:"odd" int);
\set glued 'a'b"c d"
insert into r (t) values (:'glued');
\set two words here
insert into r (t) values (:'two');
\set empty ''
\set none
insert into r (t) values (:'empty'), (:'none');
\set semi a;
insert into r (t) values (:'semi');
\set quoted "with double quotes"
insert into r (t) values (:'quoted');
\set percent 50%
insert into r (t) values (:'percent');
\set copied :'odd'
insert into r (t) values (:'copied');
\set copied ":semi"
insert into r (t) values (:'copied');
)"};

const PsqlScript spliced = {"values that are SQL themselves, up to several statements",
                            R"(\set select 'select 1'
:select; insert into r (t) :select ;
\set two 'insert into r (t) values (\'first\'); insert into r (t) values (\'second'
:two');
\set literal '''literal; with -- comment'''
insert into r (t) values (:literal);
\set comment '-- ; no end'
insert into r (t) values ('a') :comment
;
\set dollar '$$do;llar$$'
insert into r (t) values (:dollar);
\set lo 2
insert into r (t) select (array['a','b','c'])[:lo:3]::text || :lo::text;
)"};

const PsqlScript recursive = {"values that name variables, themselves included",
                              R"(\set a :b
\set b :a
\set v 1
\set w ':v :v'
\set self ':self'
insert into r (t) values (:'a'), (:'b'), (:'w'), (:'self');
\set inner '''x'''
\set outer ':inner'
insert into r (t) values (:outer);
)"};

const PsqlScript unexpanded = {"what looks like a variable and is none",
                               R"(\set v 1
insert into r (t) values (':v'), ($$:v$$), (e':v'), ('a'::text) /* :v */ -- :v
;
create table "x:v" (":v" int);
insert into r (t) select (array['a','b'])[1:2]::text;
insert into r (t) values (:{?v}), (:{?none}), (:'v'::int::text);
\unset v
insert into r (t) values (:{?v});
create function f(a int default 1) returns int language sql as 'select a';
insert into r (t) select f(a:=5);
)"};

const PsqlScript copied = {"\\copy from files of every form",
                           R"(\copy r(t,u) from 'x.txt'
\copy r (t, u) from 'x.csv' with (format csv, header)
\copy r(u, t) from x.csv csv header
\copy r (t, u) from 'semi.csv' (format csv, delimiter ';', header true, null 'NIX')
\copy public.r (t) from x1.txt;
\copy "r" ( "t" ) from 'it''s.txt' where t <> 'skip'
\copy r(t) from 'latin.txt' with (encoding 'latin1')
\copy r (t, u) from 'marks.csv' with (format csv)
\copy r (t) from 'crlf.txt'
\copy r (t) from 'end.txt'
)",
                           {{"x.txt", "a\\tb\tc\n\\N\t\\\\.\n"},
                            {"x.csv", "h1,h2\n\"x, y\",\"q\"\"q\"\n,\"\"\n"},
                            {"semi.csv", "t;u\na;NIX\n"},
                            {"x1.txt", "no newline at the end"},
                            {"it's.txt", "skip\nstay\n"},
                            {"latin.txt", "\xE4\xFC\n"},
                            {"marks.csv", "a,b\n\"\\.\",c\n\\.x,d\n"},
                            {"crlf.txt", "one\r\ntwo\r\n"},
                            {"end.txt", "before\n\\.\nafter\n"}}};

const PsqlScript inlined = {"data in the script itself",
                            R"(\copy r(t) from stdin
inline
\N
\\.
select 'no statement';
\.
\copy r (t, u) from stdin with csv
"a
b",c
\N,:v
\.
copy r (t) from stdin;
\\N
\.
copy r (t) from stdin \g
behind \\g
\.
insert into r (t) values ('last');
)"};

const PsqlScript separated = {"several commands in one line",
                              R"(\set a 1 \\ insert into r (t) values (:'a'); \set a 2 \set b 3
insert into r (t) values (:'a'), (:'b'); \echo x \\ insert into r (t) values ('c');
\timing on \pset format unaligned \\ insert into r (t) values ('d') \g
insert into r (t) values ('e')
\g
\set c x\\insert into r (t) values (:'c');
)"};

const PsqlScript encoded = {"a file in LATIN1 from some line on",
                            "\\encoding latin1\ninsert into r (t) values ('\xE4\xF6');\n"
                            "\\encoding utf8\ninsert into r (t) values ('\xC3\xBC');\n"};

const PsqlScript restricted = {
    "a part that is restricted",
    "\\restrict abc\ninsert into r (t) values ('in');\n"
    "\\unrestrict abc\ninsert into r (t) values ('out');\n\\echo done\n"};

const PsqlScript given = {"variables from the command line",
                          R"(insert into r (t) values (:'plain'), (:'quote'), (:'back'), (:'semi');
insert into r (t) values (:'equals'), (:'empty'), (:number), (:'uml'), (:'colon'), (:{?nothing});
create table :"quote" (); \set plain changed
insert into r (t) values (:'plain');
)",
                          {},
                          {"plain=Andrew B", "quote=it's \"x\"", "back=a\\b\\n", "semi=a;b",
                           "equals=a=b", "empty=", "number=12::text", "uml=äö🦊",
                           "colon=:plain"}};

} // namespace

TEST_CASE("a script in psql's language leaves what psql leaves")
{
    if (!can_dump()) {
        return;
    }
    Comparison both;
    for (const PsqlScript& script : {included, valued, spliced, recursive, unexpanded, copied,
                                     inlined, separated, encoded, restricted, given}) {
        INFO(script.name);
        both.load(script);
        INFO(both.by_psql.err);
        INFO(both.by_crudctl.err);
        REQUIRE(both.by_psql.exit_code == 0);
        CHECK(both.by_crudctl.exit_code == 0);
        const std::string found = difference(both.dump_by_psql(), both.dump_by_crudctl());
        INFO(found);
        CHECK(found.empty());
    }
}
