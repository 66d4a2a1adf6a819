#include "cli/load/psql_comparison.hpp"

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::tests;

TEST_CASE("what a script echoes is the same, on stderr")
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
             {"select 'select 1' \\gexec\n",
              "main.sql:2:19: error: \"\\gexec\" is a command of psql"},
             {"select 1 as v \\gset\n", "main.sql:2:15: error: \"\\gset\" is a command of psql"},
             {"select 1 \\g /dev/null\n", "main.sql:2:10: error: \"\\g\" is a command of psql"},
             {"copy r (t) from stdin \\g x\n",
              "main.sql:2:23: error: \"\\g\" is a command of psql"},
             {"select 1 \\echo x\n;\n", "main.sql:2:10: error: \"\\echo\" is a command of psql"},
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
