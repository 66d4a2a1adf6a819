#include "cli/database_project.hpp"
#include "support/dumps.hpp"
#include "support/gzip.hpp"
#include "support/paths.hpp"

#include <fstream>
#include <future>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <sys/stat.h>

using namespace crudctl;
using namespace crudctl::tests;
using Catch::Contains;

namespace {

/// A project with a table of words.
struct InputProject : DatabaseProject {
    InputProject()
    {
        project.write("crudctl.toml", "[project]\nschema = [\"schema.sql\"]\nseeds = []\n"
                                      "[profiles.local]\nurl = \"${CONNECTION_URL}\"\n");
        project.write("schema.sql", "create table if not exists words (word text);\n");
        expect({"schema-load"}, 0);
    }
    std::string words() const
    {
        return ask("select string_agg(word, ' ' order by word) from words");
    }
    /// Once with the files that the lists name.
    void list_seeds(const std::string& list) const
    {
        project.write("crudctl.toml", "[project]\nschema = [\"schema.sql\"]\nseeds = " + list +
                                          "\n[profiles.local]\nurl = \"${CONNECTION_URL}\"\n");
    }
};

std::string inserting(const std::string& word)
{
    return "insert into words values ('" + word + "');\n";
}

/// As somebody types it who has crudctl in PATH.
CliResult typed(const InputProject& fixture, const std::string& line)
{
    return fixture.run({"-c", line})
        .with_program("/bin/bash")
        .with_programs_from(crudctl_binary().parent_path())
        .in_folder(fixture.project.root())
        .result();
}

std::string hint_of(const CliResult& result)
{
    constexpr std::string_view label = "hint: ";
    const auto begin = result.err.find(label) + label.size();
    return result.err.substr(begin, result.err.find('\n', begin) - begin);
}

} // namespace

TEST_CASE("a compressed file of SQL loads as the text in it, and an error has the text's line")
{
    const InputProject fixture;
    fixture.project.write("one.sql.gz", gzipped("\\i more.sql.gz\n" + inserting("one")));
    fixture.project.write("more.sql.gz", gzipped(inserting("more")));
    fixture.list_seeds("[\"one.sql.gz\"]");
    fixture.expect({"seed"}, 0);
    CHECK(fixture.words() == "more one");
    CHECK_THAT(fixture.expect({"seed"}, 0).err, Contains("skipped  one.sql.gz"));

    fixture.project.write("bad.sql.gz", gzipped("select 1;\n\nselect nothing;\n"));
    const CliResult failed = fixture.expect({"seed", "-f", "bad.sql.gz"}, 1);
    CHECK_THAT(failed.err, Contains("bad.sql.gz:3:8: error: column \"nothing\""));
    fixture.project.write("cut.sql.gz", gzipped(inserting("cut")).substr(0, 20));
    CHECK_THAT(fixture.expect({"seed", "-f", "cut.sql.gz"}, 1).err, Contains("is cut off"));
}

TEST_CASE("what comes through a pipe is judged before any of it is sent, and loads")
{
    const InputProject fixture;
    CHECK(fixture.run({"seed", "-f", "-"}).with_input(inserting("piped")).result().exit_code == 0);
    CHECK(fixture.words() == "piped");
    const auto failed =
        fixture.run({"seed", "-f", "-"}).with_input("select 1;\nselect nothing;\n").result();
    CHECK(failed.exit_code == 1);
    CHECK_THAT(failed.err, Contains("<stdin>:2:8: error: column \"nothing\""));
    const auto unfit =
        fixture.run({"seed", "-f", "-"}).with_input(inserting("x") + "rollback;\n").result();
    CHECK_THAT(unfit.err, Contains("<stdin>:2:1: error: \"ROLLBACK\""));
    CHECK_THAT(unfit.err, Contains("nothing was run"));
    const auto packed =
        fixture.run({"seed", "-f", "-"}).with_input(gzipped(inserting("packed"))).result();
    CHECK(packed.exit_code == 0);
    CHECK(fixture.words() == "packed piped");
    CHECK_THAT(fixture.expect({"seed", "-f", "-", "-f", "-"}, 2).err, Contains("given twice"));
    CHECK(fixture.run({"seed", "-f", "-"}).with_terminal().result().exit_code == 2);
    CHECK(fixture.expect({"seed", "-f", "-", "--via", "psql"}, 2).exit_code == 2);
}

TEST_CASE("a shell's process substitution and a FIFO load as files do")
{
    const InputProject fixture;
    const CliResult result =
        typed(fixture, "crudctl seed -f <(echo \"insert into words values ('substituted')\")");
    INFO(result.err);
    CHECK(result.exit_code == 0);
    const auto fifo = fixture.project.root() / "fifo";
    REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    auto writing =
        std::async(std::launch::async, [&] { std::ofstream(fifo) << inserting("first come"); });
    fixture.expect({"seed", "-f", "fifo"}, 0);
    CHECK(fixture.words() == "first come substituted");
}

TEST_CASE("files that were loaded before are left out, and what is piped in loads each time")
{
    const InputProject fixture;
    fixture.project.write("a.sql", inserting("a"));
    fixture.expect({"seed", "-f", "a.sql"}, 0);
    const auto result =
        fixture.run({"seed", "-f", "a.sql", "-f", "-"}).with_input(inserting("b")).result();
    CHECK(result.exit_code == 0);
    CHECK_THAT(result.err, Contains("skipped  a.sql"));
    CHECK(fixture.words() == "a b");
    CHECK(fixture.run({"seed", "-f", "-"}).with_input(inserting("b")).result().exit_code == 0);
    CHECK(fixture.words() == "a b b");
}

TEST_CASE("patterns and folders stand for their files, in the order of the C locale")
{
    const InputProject fixture;
    const std::string adding = "update words set word = word || '{}';\n";
    pg::Connection(fixture.database.info()).exec("insert into words values ('')");
    for (const char* name : {"B", "a", "_", "10", "9"}) {
        fixture.project.write(fmt::format("seeds/{}.sql", name),
                              fmt::format(fmt::runtime(adding), name));
    }
    fixture.project.write("seeds/README.md", "no SQL");
    fixture.project.write("seeds/.hidden.sql", "no SQL either");
    fixture.project.write("seeds/below/x.sql", "nor this");
    const std::string in_order = "109B_a";
    const auto loads = [&](const std::vector<std::string>& arguments) {
        CAPTURE(arguments);
        pg::Connection(fixture.database.info()).exec("update words set word = ''");
        fixture.expect(arguments, 0);
        CHECK(fixture.words() == in_order);
    };
    loads({"seed", "--again", "-f", "seeds"});
    loads({"seed", "--again", "-f", "seeds/*.sql"});
    fixture.list_seeds("[\"seeds/\"]");
    loads({"seed", "--again"});
    fixture.list_seeds("[\"seeds/[0-9]*.sql\", \"seeds/[!0-9]*.sql\"]");
    loads({"seed", "--again"});

    fixture.project.write("empty/README.md", "no SQL");
    CHECK_THAT(fixture.expect({"seed", "-f", "empty"}, 3).err, Contains("no .sql or .csv file"));
    CHECK_THAT(fixture.expect({"seed", "-f", "none/*.sql"}, 3).err, Contains("none/*.sql"));
    fixture.project.write("odd[1].sql", inserting("odd"));
    fixture.expect({"seed", "-f", "odd[1].sql"}, 0);
}

TEST_CASE("a dump in a format of pg_dump's own is named, and the hint loads it as it is printed")
{
    if (!can_dump()) {
        return;
    }
    const TempDatabase origin;
    pg::Connection(origin.info()).exec("create table dumped as select 7 as id");
    const InputProject fixture;
    const auto file = (fixture.project.root() / "of prod.dump").string();
    const auto [format, name] = GENERATE(
        table<const char*, const char*>({{"-Fc", "custom"}, {"-Ft", "tar"}, {"-Fd", "directory"}}));
    CAPTURE(format);
    output_of("pg_dump", origin.name(), {format, "--no-owner", "-f", file});
    const CliResult refused = fixture.expect({"schema-load", "-f", "of prod.dump"}, 3);
    CHECK_THAT(refused.err, Contains(fmt::format("a dump in pg_dump's {} format", name)));
    const CliResult loaded =
        typed(fixture, fmt::format("PATH={}:$PATH; {}", TestCluster::running().clients().string(),
                                   hint_of(refused)));
    INFO(loaded.err);
    CHECK(loaded.exit_code == 0);
    CHECK(fixture.ask("select id from dumped") == "7");
}

TEST_CASE("what another program compressed is named with that program, and tables with their kind")
{
    const InputProject fixture;
    struct Case {
        std::string head;
        const char* hint;
    };
    for (const Case& foreign :
         std::vector<Case>{{"\xFD"
                            "7zXZ\x01",
                            "xz -dc seed.sql.xyz | crudctl seed -f -"},
                           {"\x28\xB5\x2F\xFD\x04", "zstd -dc seed.sql.xyz | crudctl seed -f -"},
                           {"BZh91AY&SY", "bzip2 -dc seed.sql.xyz | crudctl seed -f -"},
                           {"PK\x03\x04\x14", "unzip -p seed.sql.xyz | crudctl seed -f -"}}) {
        fixture.project.write("seed.sql.xyz", foreign.head);
        const CliResult refused =
            fixture.run({"seed", "-f", "seed.sql.xyz"}).in_folder(fixture.project.root()).result();
        CHECK(refused.exit_code == 3);
        CHECK_THAT(refused.err, Contains(foreign.hint));
    }
    for (const char* name : {"words.tsv", "words.json", "words.TSV.gz", "words.xlsx"}) {
        fixture.project.write(name, "word\nx\n");
        CHECK_THAT(fixture.expect({"seed", "-f", name}, 3).err,
                   Contains("is no SQL and no CSV file"));
    }
    fixture.project.write("copy.sql", "\\copy words from 'words.tsv'\n");
    fixture.expect({"seed", "-f", "copy.sql"}, 0);
    CHECK(fixture.words() == "word x");
}

TEST_CASE("no hint names an option that the command does not have or that is refused")
{
    const InputProject fixture;
    fixture.project.write("schema.sql", "create table a ();\nrollback;\n");
    CHECK_THAT(fixture.expect({"schema-load"}, 1).err, Contains("--no-transaction"));
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{"setup"}, {"setup", "--in-place"}, {"ensure"}}) {
        CHECK_FALSE(contains(fixture.run(arguments).result().err, "--no-transaction"));
    }
    fixture.project.write("schema.sql", "create database some_other_one;\n");
    const CliResult other = fixture.expect({"setup"}, 1);
    CHECK_THAT(other.err, Contains("another database, \"some_other_one\""));
    CHECK_FALSE(contains(other.err, "--via psql"));
    const std::string for_psql = "select 1 \\gexec\n";
    fixture.project.write("schema.sql", for_psql);
    CHECK_THAT(fixture.expect({"setup"}, 1).err, Contains("run the file: --via psql"));
    CHECK_THAT(fixture.run({"seed", "-f", "-"}).with_input(for_psql).result().err,
               Contains("save it as a file, then --via psql"));
    fixture.project.write("packed.sql.gz", gzipped(for_psql));
    CHECK_THAT(fixture.expect({"seed", "-f", "packed.sql.gz"}, 1).err,
               Contains("gunzip it, then --via psql"));
}
