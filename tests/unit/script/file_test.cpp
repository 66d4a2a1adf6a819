#include "script/reader/script_file.hpp"
#include "script/reader/script_reader.hpp"
#include "support/temp_folder.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

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
        CHECK(error.report_lines().back() == "  nothing was run");
        return error.what();
    }
    return "nothing";
}

/// The statements that are sent, with the data of COPY behind theirs.
std::vector<std::string> sent(std::string_view text, const ScriptSettings& settings = {},
                              std::vector<std::string>* notes = nullptr)
{
    const TempFolder folder;
    const auto source =
        std::make_shared<const SourceFile>(ScriptFile{folder.write("a.sql", text), "a.sql"});
    ScriptReader reader(source, settings, settings.variables);
    std::vector<std::string> pieces;
    while (const auto piece = reader.next()) {
        if (piece->kind == Piece::Kind::session) {
            continue;
        }
        const bool is_message = piece->kind == Piece::Kind::message;
        const bool has_data = piece->has_copy_data;
        pieces.push_back((is_message ? "echo: " : "") + std::string(piece->text));
        while (has_data) {
            const std::string_view data = reader.next_copy_data();
            if (data.empty()) {
                break;
            }
            pieces.push_back("data: " + std::string(data));
        }
    }
    if (notes != nullptr) {
        *notes = reader.notes();
    }
    return pieces;
}

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("a file's own BEGIN and COMMIT are not sent")
{
    CHECK(sent("begin; select 1; commit;") == Texts{"select 1;"});
    CHECK(sent("set a = b; start transaction; select 1; end; select 2") ==
          Texts{"set a = b;", "select 1;", "select 2"});
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
    CHECK(sent("savepoint a; rollback to a; release a;").size() == 3);
    CHECK(sent("do $$ begin commit; end $$; select 'commit;'; create table commit()").size() == 3);
}

TEST_CASE("what only psql can do is refused by name and place")
{
    CHECK(refusal("select 1;\n\\connect other\n") ==
          "a.sql:2:1: error: \"\\connect\" to another database, \"other\"");
    CHECK(refusal("\\! rm -rf x") ==
          "a.sql:1:1: error: \"\\!\" is a command of psql that is not followed here");
    CHECK(refusal("select 'x' \\gexec") ==
          "a.sql:1:12: error: \"\\gexec\" is a command of psql that is not followed inside a "
          "statement");
    CHECK(refusal("\\if true\n\\endif").starts_with("a.sql:1:1: error: \"\\if\" is a command"));
    CHECK(refusal("\\set x `id`").starts_with("a.sql:1:1: error: \"\\set\": a backquote"));
    CHECK(refusal("\\encoding SJIS").starts_with("a.sql:1:1: error: a client_encoding"));
    CHECK(refusal("select 1\\; select 2;").starts_with("a.sql:1:9: error: \"\\;\" is a"));
    CHECK(refusal("\\copy t to 'x.csv'").starts_with("a.sql:1:1: error: \"\\copy\": copies out"));
    CHECK(refusal("\\copy t from program 'id'")
              .starts_with("a.sql:1:1: error: \"\\copy\": would run"));
    CHECK(refusal("create database other;")
              .starts_with("a.sql:1:1: error: \"CREATE DATABASE\" of another database, \"other\""));
}

TEST_CASE("what only changes what psql shows is left out with a note")
{
    std::vector<std::string> notes;
    CHECK(sent("\\set ON_ERROR_STOP on\n\\timing\n\\pset pager off\n\\timing\nselect 1;", {},
               &notes) == Texts{"select 1;"});
    CHECK(notes == Texts{"a.sql: left out, since it changes nothing but what psql shows: "
                         "\\timing, \\pset"});
    CHECK(sent("\\d t\n\\dt+ public.*\n\\du \\l+\n\\conninfo\n\\sf f\n\\h alter\nselect 1;", {},
               &notes) == Texts{"select 1;"});
    CHECK(refusal("\\lo_import x").starts_with("a.sql:1:1: error: \"\\lo_import\" is a command"));
}

TEST_CASE("variables are put in where psql puts them, and nowhere else")
{
    const std::string set = "\\set n 5\n\\set t 'it''s'\n\\set i 'my table'\n\\set b 'a\\\\b'\n";
    CHECK(sent(set + "select :n, :'t', :\"i\", :'b', :{?n}, :{?m};") ==
          Texts{"select 5, 'it''s', \"my table\",  E'a\\\\b', TRUE, FALSE;"});
    const std::string_view kept = "select x::n, ':n', $$:n$$, a[1:2], :m /* :n */ , \":n\" -- :n";
    CHECK(sent(set + std::string(kept)) == Texts{std::string(kept.substr(0, kept.find(" -- ")))});
    CHECK(sent("\\set q 'select 1; select 2'\n:q; select 3;") ==
          Texts{"select 1;", "select 2;", "select 3;"});
    CHECK(sent("\\set x :x\nselect :x;") == Texts{"select :x;"});
    CHECK(sent("\\set n 1\n\\set n :n 2\nselect :n;\n\\unset n\nselect :n;") ==
          Texts{"select 12;", "select :n;"});
    ScriptSettings settings;
    settings.variables.set("who", "brown");
    CHECK(sent("select :'who';", settings) == Texts{"select 'brown';"});
    CHECK(sent("\\set a 1 \\\\ select :a; \\echo is :a or ':a'\n", settings) ==
          Texts{"select 1;", "echo: is 1 or :a"});
}

TEST_CASE("the database's own name is left out with a note, in dumps' and samples' words")
{
    ScriptSettings settings;
    settings.database = "cruddur";
    std::vector<std::string> notes;
    CHECK(sent("CREATE DATABASE Cruddur WITH TEMPLATE = template0;\n\\connect cruddur\nselect 1;\n"
               "\\c - \nselect 2 \\g\n",
               settings, &notes) == Texts{"select 1;", "select 2"});
    REQUIRE(notes.size() == 3);
    CHECK(notes[0] == "a.sql:1: CREATE DATABASE left out: it is loaded into \"cruddur\" anyway");
    settings.database = "it's odd";
    CHECK(sent("create database \"it's odd\";\n"
               "\\connect -reuse-previous=on \"dbname='it\\'s odd'\"\nselect 1;",
               settings) == Texts{"select 1;"});
    settings.connection = pg::ConnInfo::parse("postgresql://me@db.example.com/x");
    CHECK(sent("\\c postgresql://db.example.com:5432/it%27s%20odd\nselect 1;", settings).size() ==
          1);
    CHECK(sent("\\c - me db.example.com 5432\n\\c - me\nselect 1;", settings).size() == 1);
    for (const char* elsewhere :
         {"- you", "- - other.example.com", "- - - 5433",
          "postgresql://other.example.com/it%27s%20odd", "postgresql://:5433/it%27s%20odd",
          "postgresql://you@/it%27s%20odd", "\"host=other.example.com\"", "service=other"}) {
        INFO(elsewhere);
        CHECK_THROWS_WITH(sent(std::string("\\connect ") + elsewhere + "\n", settings),
                          Catch::Contains("as another role or to another server"));
    }
    settings.mode = TransactionMode::one_each_file;
    CHECK(sent("drop database if exists \"it's odd\";", settings).empty());
}

TEST_CASE("other files are included from where psql would find them")
{
    const TempFolder folder;
    folder.write("sql/part.sql", "select 'part';");
    folder.write("data.csv", "1\n2\n");
    const auto source = [&](std::string_view text) {
        return std::make_shared<const SourceFile>(
            ScriptFile{folder.write("sql/all.sql", text), "sql/all.sql"});
    };
    ScriptSettings settings;
    settings.root = folder.path();
    const auto texts = [&](std::string_view text) {
        ScriptReader reader(source(text), settings, {});
        Texts found;
        while (const auto piece = reader.next()) {
            found.push_back(
                fmt::format("{}:{} {}", piece->source->shown(), piece->place.line, piece->text));
            while (piece->has_copy_data) {
                const std::string data(reader.next_copy_data());
                if (data.empty()) {
                    break;
                }
                found.push_back(data);
            }
        }
        return found;
    };
    CHECK(texts("select 1;\n\\ir part.sql\n\\i sql/part.sql\nselect 2;") ==
          Texts{"sql/all.sql:1 select 1;", "sql/part.sql:1 select 'part';",
                "sql/part.sql:1 select 'part';", "sql/all.sql:4 select 2;"});
    CHECK(texts("\\COPY t(a) from 'data.csv' with (format csv)").size() == 2);
    CHECK(texts("\\copy t(a) from 'data.csv' with (format csv)\nselect 1;") ==
          Texts{"sql/all.sql:1 COPY t(a) from STDIN with (format csv)", "1\n2\n",
                "sql/all.sql:2 select 1;"});
    CHECK(texts("\\copy t from stdin\n7\n\\.\nselect 1;") ==
          Texts{"sql/all.sql:1 COPY t from STDIN ", "7\n", "sql/all.sql:4 select 1;"});
    try {
        texts("select 1;\n  \\ir all.sql\n");
        FAIL("it was read");
    } catch (const ScriptError& error) {
        CHECK(std::string(error.what()) ==
              "sql/all.sql:2:3: error: \"sql/all.sql\" includes itself");
    }
    try {
        texts("\\i none.sql");
        FAIL("it was read");
    } catch (const ScriptError& error) {
        CHECK(error.code() == ExitCode::configuration);
        CHECK(std::string(error.what()).starts_with("sql/all.sql:1:1: error: cannot read"));
    }
}

TEST_CASE("without a transaction of ours a file keeps its own")
{
    ScriptSettings settings;
    settings.mode = TransactionMode::none;
    CHECK(sent("begin; commit; rollback; vacuum;", settings).size() == 4);
    settings.mode = TransactionMode::one_each_file;
    CHECK(sent("begin; select 1; commit; begin isolation level serializable; select 2; commit;",
               settings) == Texts{"select 1;", "select 2;"});
}

TEST_CASE("a dump's restriction is honoured with its own key alone")
{
    CHECK(sent("\\restrict abc\nselect 1;\n\\unrestrict abc\n\\timing\n").size() == 1);
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
    CHECK(sent("set client_encoding = 'LATIN1'; select '\xE4';").size() == 2);
}

TEST_CASE("standard_conforming_strings is followed through the file")
{
    CHECK(sent("set standard_conforming_strings = off; select 'a\\';b';"
               "reset standard_conforming_strings; select '\\'; select 1")
              .size() == 5);
    ScriptSettings settings;
    settings.backslashes = Backslashes::escape;
    CHECK(sent("select '\\''; --'") == Texts{"select '\\''; --'"});
    CHECK(sent("select '\\''; --'", settings) == Texts{"select '\\'';"});
}

TEST_CASE("the data of a COPY follow it, and may be passed over")
{
    const std::string text = "\ncopy t from stdin;\n1\n2\n\\.\nselect 1;";
    CHECK(sent(text) == Texts{"copy t from stdin;", "data: 1\n2\n", "select 1;"});
    const TempFolder folder;
    const ScriptSettings settings;
    ScriptReader reader(
        std::make_shared<const SourceFile>(ScriptFile{folder.write("a.sql", text), "a.sql"}),
        settings, {});
    reader.next();
    CHECK(reader.next()->text == "select 1;");
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
    CHECK(read_script({adds}).effect.worst() == Effect::adds);
    const FilesEffect effect = read_script({adds, drops}).effect;
    REQUIRE(effect.destroying);
    CHECK(effect.destroying->file == "b.sql");
    CHECK(effect.destroying->place.line == 2);
    CHECK(effect.destroying->text == "drop table");
}
