#include "script/script_file.hpp"
#include "support/temp_folder.hpp"

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::script;
using crudctl::tests::TempFolder;

namespace {

Script read(std::string_view text)
{
    const TempFolder folder;
    return read_script({{folder.write("a.sql", text), "a.sql"}});
}

std::string refusal(std::string_view text)
{
    try {
        read(text);
    } catch (const ScriptError& error) {
        CHECK(error.code() == ExitCode::failed);
        CHECK_FALSE(error.hint().empty());
        CHECK(error.report_lines().back() == "  nothing was sent to the server");
        return error.what();
    }
    return "nothing";
}

std::size_t sent(const Script& script)
{
    std::size_t count = 0;
    for (const Command& command : script.files.front().commands) {
        count += command.is_sent ? 1 : 0;
    }
    return count;
}

} // namespace

TEST_CASE("a file's own BEGIN and COMMIT are not sent")
{
    CHECK(sent(read("begin; select 1; commit;")) == 1);
    CHECK(sent(read("set a = b; start transaction; select 1; end; select 2")) == 3);
    CHECK(read("begin; select 1; commit;").files.front().statements == 3);
}

TEST_CASE("what would end the transaction is refused by its place")
{
    CHECK(refusal("select 1;\n commit;") ==
          "a.sql:2:2: error: \"COMMIT\" would end the transaction that the file is loaded in");
    CHECK(refusal("rollback") ==
          "a.sql:1:1: error: \"ROLLBACK\" would end the transaction that the file is loaded in");
    CHECK(refusal("begin; commit; commit;").starts_with("a.sql:1:16: error: \"COMMIT\" would"));
    CHECK(
        refusal("begin; commit and chain;").starts_with("a.sql:1:8: error: \"COMMIT AND\" would"));
    CHECK(refusal("prepare transaction 'x'")
              .starts_with("a.sql:1:1: error: \"PREPARE TRANSACTION\""));
    CHECK(refusal("discard all") ==
          "a.sql:1:1: error: \"DISCARD ALL\" cannot run inside a transaction");
    CHECK(refusal("begin;\nbegin;") == "a.sql:2:1: error: a transaction is open since line 1");
    CHECK(refusal("begin;commit;\nbegin;commit;") ==
          "a.sql:2:1: error: a second transaction in one file");
    CHECK(refusal("begin isolation level serializable; commit") ==
          "a.sql:1:1: error: a transaction with modes of its own");
    CHECK(refusal("\nbegin; select 1") ==
          "a.sql:2:1: error: a transaction without its COMMIT: psql would undo all of it");
}

TEST_CASE("savepoints and COMMIT inside of something are fine")
{
    CHECK(sent(read("savepoint a; rollback to a; release a;")) == 3);
    CHECK(sent(read("do $$ begin commit; end $$; select 'commit;'; create table commit()")) == 3);
}

TEST_CASE("psql's commands are refused by name, those for its display are left out with a note")
{
    CHECK(refusal("select 1;\n\\connect other\n") ==
          "a.sql:2:1: error: \"\\connect\" is a command of psql, not SQL");
    CHECK(refusal("\\! rm -rf x").starts_with("a.sql:1:1: error: \"\\!\" is a command"));
    CHECK(refusal("select 'x' \\gexec").starts_with("a.sql:1:12: error: \"\\gexec\" is"));
    CHECK(refusal("\\set name value").starts_with("a.sql:1:1: error: \"\\set\" is"));
    CHECK(refusal("\\encoding SJIS").starts_with("a.sql:1:1: error: \"\\encoding\" is"));
    CHECK(refusal("select 1\\; select 2;").starts_with("a.sql:1:9: error: \"\\;\" is"));

    const Script script = read("\\set ON_ERROR_STOP on\n\\timing\n\\pset pager off\n\\timing\n"
                               "\\encoding UTF8\nselect 1;");
    CHECK(sent(script) == 1);
    CHECK(script.files.front().notes ==
          std::vector<std::string>{"a.sql: left out, since it only changes what psql shows: "
                                   "\\timing, \\pset, \\encoding"});
}

TEST_CASE("a dump's restriction is honoured with its own key alone")
{
    CHECK(sent(read("\\restrict abc\nselect 1;\n\\unrestrict abc\n\\timing\n")) == 1);
    CHECK(refusal("\\restrict abc\n\\unrestrict abd\n")
              .starts_with("a.sql:2:1: error: \"\\unrestrict\" without"));
    CHECK(refusal("\\unrestrict abc\n").starts_with("a.sql:1:1: error: \"\\unrestrict\" without"));
    CHECK(refusal("\\restrict a\n\\timing\n\\unrestrict a\n") ==
          "a.sql:2:1: error: \"\\timing\" between \\restrict and \\unrestrict");
}

TEST_CASE("an encoding that hides quotes is refused")
{
    CHECK(refusal("set client_encoding = 'SJIS';")
              .starts_with("a.sql:1:1: error: a client_encoding"));
    CHECK(sent(read("set client_encoding = 'LATIN1'; select '\xE4';")) == 2);
}

TEST_CASE("standard_conforming_strings is followed through the file")
{
    const Script script = read("set standard_conforming_strings = off; select 'a\\';b';"
                               "reset standard_conforming_strings; select '\\'; select 1");
    REQUIRE(script.files.front().commands.size() == 5);
    CHECK(script.files.front().commands[1].backslashes == Backslashes::escape);
    CHECK(script.files.front().commands[3].backslashes == Backslashes::literal);
    const Script literal = read("select '\\''; --'");
    CHECK(literal.files.front().commands.front().size == 16);
    CHECK(read_again(literal, Backslashes::escape).files.front().commands.front().size == 12);
}

TEST_CASE("the data of a COPY is found, with its line")
{
    const Script script = read("\ncopy t from stdin;\n1\n2\n\\.\nselect 1;");
    const auto& commands = script.files.front().commands;
    REQUIRE(commands.size() == 2);
    REQUIRE(commands[0].copy);
    CHECK(commands[0].copy->line == 3);
    CHECK(script.files.front().text.substr(commands[0].copy->begin, commands[0].copy->size) ==
          "1\n2\n");
    CHECK_FALSE(commands[1].copy);
}

TEST_CASE("a file without a statement is a note")
{
    CHECK(read(" -- nothing\n").files.front().notes ==
          std::vector<std::string>{"a.sql: no statement in it"});
    CHECK(read("").files.front().statements == 0);
}

TEST_CASE("a file that can't be read is a matter of configuration")
{
    const TempFolder folder;
    for (const auto& path : {folder / "missing.sql", folder.path()}) {
        try {
            read_script({{path, "x.sql"}});
            FAIL("it was read");
        } catch (const Error& error) {
            CHECK(error.code() == ExitCode::configuration);
        }
    }
}

TEST_CASE("a path is shown from the root it lies below")
{
    CHECK(ScriptFile::below("/p", "/p/sql/a.sql").shown == "sql/a.sql");
    CHECK(ScriptFile::below("/p", "/q/a.sql").shown == "/q/a.sql");
}

TEST_CASE("the first statement that destroys is named")
{
    const TempFolder folder;
    const ScriptFile adds{folder.write("a.sql", "begin; create table a (); commit;"), "a.sql"};
    const ScriptFile drops{folder.write("b.sql", "select 1;\n  drop table\n a;"), "b.sql"};
    CHECK_FALSE(effect_of_files({adds}).destroys);
    const FilesEffect effect = effect_of_files({adds, drops});
    CHECK(effect.destroys);
    CHECK(effect.file == "b.sql");
    CHECK(effect.place.line == 2);
    CHECK(effect.text == "drop table");
}
