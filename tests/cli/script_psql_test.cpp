#include "cli/database_project.hpp"
#include "support/dumps.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

using Texts = std::vector<std::string>;
using Files = std::map<std::string, std::string>;

/// A main file, what lies beside it, and what both programs are told about variables.
struct PsqlScript {
    const char* name;
    std::string text;
    Files files = {};
    Texts variables = {};
};

constexpr const char* table = "create table r (n serial, t text, u text);\n";

/// psql and crudctl, each on a database of its own, in one project folder.
class Comparison {
public:
    /// Loads it with both, into databases that are emptied before.
    void load(const PsqlScript& script)
    {
        write(script);
        Texts for_psql = {"-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-f", "main.sql"};
        Texts for_crudctl = {"schema-load", "-f", "main.sql", "--confirm",
                             m_crudctl.database.name() + "@local"};
        for (const std::string& variable : script.variables) {
            for_psql.insert(for_psql.end(), {"-v", variable});
            for_crudctl.insert(for_crudctl.end(), {"--set", variable});
        }
        for (const TempDatabase* database : {&m_psql, &m_crudctl.database}) {
            pg::Connection(database->info())
                .exec_script("set client_min_messages = 'warning';"
                             "drop schema public cascade; create schema public");
        }
        by_psql = server_program("psql", m_psql.name(), for_psql)
                      .in_folder(m_crudctl.project.root())
                      .result();
        by_crudctl = m_crudctl.run(for_crudctl).result();
    }

    std::string dump_by_psql() const { return dump_of(m_psql.name()); }
    std::string dump_by_crudctl() const { return dump_of(m_crudctl.database.name()); }
    bool is_empty() const { return m_crudctl.ask("select to_regclass('r') is null") == "t"; }

    CliResult by_psql;
    CliResult by_crudctl;

private:
    void write(const PsqlScript& script) const
    {
        m_crudctl.project.write("main.sql", table + script.text);
        for (const auto& [name, text] : script.files) {
            m_crudctl.project.write(name, text);
        }
    }

    TempDatabase m_psql;
    DatabaseProject m_crudctl;
};

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
    Comparison both;
    for (const PsqlScript& script : {included, valued, spliced, recursive, unexpanded, copied,
                                     inlined, separated, encoded, restricted, given}) {
        INFO(script.name);
        both.load(script);
        INFO(both.by_psql.err);
        INFO(both.by_crudctl.err);
        REQUIRE(both.by_psql.exit_code == 0);
        CHECK(both.by_crudctl.exit_code == 0);
        CHECK(difference(both.dump_by_psql(), both.dump_by_crudctl()) == "");
    }
}

TEST_CASE("what \\echo says is the same, on stderr")
{
    Comparison both;
    both.load({"", "\\set v 'a  b'\n\\echo one  two 'three  four' :v :'v' :none\n"
                   "\\qecho \"quoted :v\" x\\echo y\n"});
    CHECK(both.by_psql.out == "one two three  four a  b 'a  b' :none\n\"quoted :v\" x\ny\n");
    CHECK(contains(both.by_crudctl.err, "\none two three  four a  b 'a  b' :none\n"));
    CHECK(contains(both.by_crudctl.err, "\n\"quoted :v\" x\ny\n"));
    CHECK(both.by_crudctl.out.empty());
}

namespace {

/// What refuses a script, and how.
struct Refused {
    std::string text;
    const char* message;
};

} // namespace

TEST_CASE("what psql itself refuses is refused at the same line")
{
    Comparison both;
    for (const Refused& wrong :
         std::vector<Refused>{{"select 1;\n\\i missing.sql\n", "main.sql:3"},
                              {"\\copy r from 'missing.txt'\n", "main.sql:2"},
                              {"\\set v 1\n\nselect :nothing;\n", "main.sql:4"},
                              {"\\restrict a\n\\echo x\n\\unrestrict a\n", "main.sql:3"},
                              {"\\restrict a\n\\unrestrict b\n", "main.sql:3"},
                              {"\\copy r (t) from 'main.sql' (format nonsense)\n", "main.sql:2"}}) {
        both.load({"", wrong.text});
        INFO(both.by_psql.err);
        INFO(both.by_crudctl.err);
        CHECK(both.by_psql.exit_code == 3);
        CHECK((both.by_crudctl.exit_code == 1 || both.by_crudctl.exit_code == 3));
        CHECK(contains(both.by_crudctl.err, wrong.message));
        CHECK(both.is_empty());
    }
}

// What is different on purpose: psql runs these, or passes over them.
TEST_CASE("what runs programs, hides errors or ends the transaction is refused, unlike in psql")
{
    Comparison both;
    for (const Refused& refused : std::vector<Refused>{
             {"\\! true\n", "main.sql:2:1: error: \"\\!\" is a command of psql"},
             {"\\set v `echo x`\n", "main.sql:2:1: error: \"\\set\": a backquote runs a program"},
             {"\\copy r (t) from program 'echo x'\n", "main.sql:2:1: error: \"\\copy\": would run"},
             {"select 'select 1' \\gexec\n", "main.sql:2:19: error: \"\\gexec\" inside a"},
             {"select 1 as v \\gset\n", "main.sql:2:15: error: \"\\gset\" inside a statement"},
             {"select 1 \\g /dev/null\n", "main.sql:2:10: error: \"\\g\" inside a statement"},
             {"copy r (t) from stdin \\g x\n", "main.sql:2:23: error: \"\\g\" inside a statement"},
             {"select 1 \\echo x\n;\n", "main.sql:2:10: error: \"\\echo\" inside a statement"},
             {"\\if true\nselect 1;\n\\endif\n", "main.sql:2:1: error: \"\\if\" is a command of"},
             {"\\connect postgres\n", "main.sql:2:1: error: \"\\connect\" to another database"},
             {"\\r\n", "main.sql:2:1: error: \"\\r\" is a command of psql"},
             // psql only says so, and goes on.
             {"\\encoding nonsense\n", "main.sql:2:1: error: invalid value for parameter"},
             {"\\set v 'open\nselect 1;\n",
              "main.sql:2:1: error: \"\\set\": a quote that is never"},
             // The end of the file ends the data as well.
             {"copy r (t) from stdin;\nx\n", "main.sql:2:1: error: COPY … FROM STDIN without"},
             // psql's own input, which need not be the script.
             {"\\copy r (t) from pstdin\n", "main.sql:2:1: error: COPY … FROM STDIN without"},
             // Everything before it stays done, whatever comes.
             {"commit;\nselect 1;\n", "main.sql:2:1: error: \"COMMIT\" would end the"}}) {
        both.load({"", refused.text});
        INFO(both.by_psql.err);
        INFO(both.by_crudctl.err);
        CHECK(both.by_psql.exit_code == 0);
        CHECK(both.by_crudctl.exit_code == 1);
        CHECK(contains(both.by_crudctl.err, refused.message));
        CHECK(both.is_empty());
    }
}

// Different on purpose: wherever psql was started decides there.
TEST_CASE("a file is looked for in the project's root before the folder we are in")
{
    const DatabaseProject fixture;
    fixture.project.write("part.sql", "create table in_root ();");
    fixture.project.write("sub/part.sql", "create table in_folder ();");
    fixture.project.write("sub/only.txt", "only\n");
    fixture.project.write("sub/main.sql", "\\i part.sql\ncreate table r (t text);\n"
                                          "\\copy r from only.txt\n");
    auto run = fixture.run({"schema-load", "-f", "main.sql"});
    const CliResult result = run.in_folder(fixture.project.root() / "sub").result();
    CHECK(result.exit_code == 0);
    CHECK(fixture.ask("select to_regclass('in_root') is not null") == "t");
    CHECK(fixture.ask("select to_regclass('in_folder') is null") == "t");
    CHECK(fixture.ask("select t from r") == "only");
}
