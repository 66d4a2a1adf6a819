#include "cli/database_project.hpp"
#include "support/temp_role.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

/// A filled database of which a test can tell one state from another by a single word.
struct UndoProject : DatabaseProject {
    UndoProject() { expect({"setup"}, 0); }

    void write_word(const std::string& word) const
    {
        pg::Connection(database.info())
            .exec_script(fmt::format("create table if not exists note (word text);"
                                     "truncate note; insert into note values ('{}')",
                                     word));
    }
    std::string word() const
    {
        return ask("select case when to_regclass('note') is null then 'fresh' else"
                   " (xpath('/row/word/text()', query_to_xml('select word from note', true, true,"
                   " '')))[1]::text end");
    }
    std::string oid() const
    {
        return ask("select oid from pg_database where datname = current_database()");
    }
    nlohmann::json copies_listed() const
    {
        return nlohmann::json::parse(expect({"copies", "--json"}, 0).out);
    }
    std::string confirmation() const { return database.name() + "@local"; }
};

} // namespace

TEST_CASE("undo brings back what setup replaced, itself, and undoing twice is where one was")
{
    const UndoProject fixture;
    fixture.write_word("precious");
    const std::string oid = fixture.oid();
    fixture.expect({"setup"}, 0);
    CHECK(fixture.word() == "fresh");
    const std::string newer = fixture.oid();

    const auto undone = fixture.expect({"undo"}, 0);
    CHECK(contains(undone.err, "set aside"));
    CHECK(contains(undone.err, "the old one: crudctl undo"));
    CHECK(fixture.word() == "precious");
    CHECK(fixture.oid() == oid);
    fixture.expect({"undo"}, 0);
    CHECK(fixture.oid() == newer);
    CHECK(fixture.databases() == fixture.database.name());
}

TEST_CASE("a narrow terminal shows the names whole that undo takes")
{
    const UndoProject fixture;
    const auto shown = fixture.run({"copies"}).with_terminal(80).result();
    CHECK(contains(shown.screen, fixture.copies()));
}

TEST_CASE("undo says which commands it takes back, as far as the journal knows them")
{
    UndoProject fixture;
    fixture.project.set_variable("HOME", fixture.project.home());
    fixture.expect({"setup"}, 0);
    fixture.expect({"seed", "--again", "-f", "sql/extra.sql"}, 3);
    fixture.project.write("sql/extra.sql", "create table extra ();\n");
    fixture.expect({"schema-load", "-f", "sql/extra.sql"}, 0);
    const auto undone = fixture.expect({"undo"}, 0);
    CHECK(contains(undone.err, "undoing  setup at 20"));
    CHECK(contains(undone.err, ", schema-load at 20"));
    CHECK_FALSE(contains(undone.err, "seed at"));
}

TEST_CASE("a command that is proposed means the same database and configuration as this one")
{
    const UndoProject fixture;
    const TempDatabase other;
    const auto dropped = fixture.expect({"drop", "-d", other.name()}, 0);
    CHECK(contains(dropped.err, "the old one: crudctl undo -d " + other.name() + "\n"));
    const auto status = fixture.expect({"status", "-p", "local", "-d", other.name()}, 0);
    CHECK(contains(status.out, "crudctl setup local -d " + other.name() + " makes and fills it"));
    const auto undone = fixture.expect({"undo", "-d", other.name(), "--config", "crudctl.toml"}, 0);
    CHECK(contains(undone.err, other.name()));
    const auto copies =
        fixture.expect({"undo", "before", "-d", other.name(), "--config", "crudctl.toml"}, 2);
    CHECK(contains(copies.err, "crudctl copies -d " + other.name() + " --config crudctl.toml"));
}

TEST_CASE("what drop set aside comes back, with everything that hung on it")
{
    const UndoProject fixture;
    fixture.write_word("precious");
    const std::string oid = fixture.oid();
    const auto dropped = fixture.expect({"drop"}, 0);
    CHECK(contains(dropped.err, "the old one: crudctl undo"));
    CHECK(fixture.databases().empty());
    CHECK(fixture.copies_listed().size() == 2);
    fixture.expect({"undo"}, 0);
    CHECK(fixture.word() == "precious");
    CHECK(fixture.oid() == oid);
    CHECK(fixture.copies_listed().size() == 1); // what setup replaced in the beginning
}

TEST_CASE("an owner who may not rename the database is told so before anything is dropped")
{
    const TempRole role;
    UndoProject fixture;
    pg::Connection(TestCluster::running().info())
        .exec_script("alter database " + fixture.database.name() + " owner to " + role.name());
    fixture.project.set_variable(
        "CONNECTION_URL",
        fixture.database.info().with("user", role.name()).url(pg::ConnInfo::ShowPassword::no));
    const auto refused = fixture.expect({"drop"}, 5);
    CHECK(contains(refused.err, "role \"" + role.name() + "\" may not rename databases"));
    CHECK(contains(refused.err, "ALTER ROLE \"" + role.name() + "\" CREATEDB"));
    CHECK(fixture.databases() == fixture.database.name());
    pg::Connection(TestCluster::running().info())
        .exec_script("alter database " + fixture.database.name() + " owner to postgres");
}

TEST_CASE("undo says that it takes no profile's name as a word")
{
    const UndoProject fixture;
    const auto refused = fixture.expect({"undo", "local"}, 2);
    CHECK(contains(refused.err, "\"local\" is a profile"));
    CHECK(contains(refused.err, "crudctl undo -p local"));
}

TEST_CASE("undo without anything set aside is refused, and so is a name that nobody gave")
{
    const UndoProject fixture; // its first setup replaced an empty database
    fixture.expect({"undo"}, 0);
    fixture.expect({"copies", "--delete",
                    fixture.copies_listed().front()["name"].get<std::string>(), "--confirm",
                    fixture.confirmation()},
                   0);
    const auto nothing = fixture.expect({"undo"}, 5);
    CHECK(contains(nothing.err, "there is nothing to undo"));
    const auto unknown = fixture.expect({"undo", "demo"}, 2);
    CHECK(contains(unknown.err, "there is no copy \"demo\""));
}

TEST_CASE("purge drops for good, and only after the phrase")
{
    const UndoProject fixture;
    const auto refused = fixture.expect({"drop", "--purge"}, 5);
    CHECK(contains(refused.err, fixture.confirmation() + " has to be confirmed by somebody"));
    CHECK_FALSE(contains(refused.err, "--confirm"));
    CHECK(fixture.databases() == fixture.database.name());
    const std::string before = fixture.copies();
    fixture.expect({"drop", "--purge", "--confirm", fixture.confirmation()}, 0);
    CHECK(fixture.databases().empty());
    CHECK(fixture.copies() == before);
}

TEST_CASE("a saved copy comes back by its name as often as one likes")
{
    const UndoProject fixture;
    fixture.write_word("saved");
    const auto saved = fixture.expect({"save", "demo"}, 0);
    CHECK(contains(saved.err, "crudctl undo demo"));
    for (const char* word : {"first", "second"}) {
        fixture.write_word(word);
        fixture.expect({"undo", "demo"}, 0);
        CHECK(fixture.word() == "saved");
    }
    fixture.expect({"undo"}, 0); // what stood there before the last one
    CHECK(fixture.word() == "second");
    const auto twice = fixture.expect({"save", "demo"}, 5);
    CHECK(contains(twice.err, "there is a copy \"demo\""));
    fixture.expect({"save", "de mo"}, 2);
    fixture.expect({"copies", "--delete", "demo", "--confirm", fixture.confirmation()}, 0);
    fixture.expect({"undo", "demo"}, 2);
    CHECK(fixture.databases() == fixture.database.name());
}

TEST_CASE("save says whose sessions it ends, and copies while clients reconnect")
{
    const UndoProject fixture;
    pg::Connection app(fixture.database.info().with("application_name", "flask"));
    const auto saved = fixture.expect({"save", "demo"}, 0);
    CHECK(contains(saved.err, "ending   the sessions of flask (1)"));
    CHECK(contains(saved.err, "ended 1 session"));
    CHECK_THROWS_AS(app.exec("select 1"), Error);
}

TEST_CASE("the newest three that were set aside stay, and what goes stands in the plan before")
{
    const UndoProject fixture;
    for (int i = 0; i < 3; ++i) {
        fixture.expect({"setup"}, 0);
    }
    // The first one was not built by crudctl: it never goes unasked.
    const auto copies = fixture.copies_listed();
    REQUIRE(copies.size() == 4);
    CHECK(copies[0]["built_by_crudctl"] == false);
    const auto oldest_built = copies[1]["database"].get<std::string>();
    const auto plan =
        nlohmann::json::parse(fixture.expect({"setup", "--dry-run", "--json"}, 0).out);
    REQUIRE(plan["deletes_for_good"].size() == 1);
    CHECK(contains(plan["deletes_for_good"][0].get<std::string>(), oldest_built));
    CHECK(fixture.copies_listed().size() == copies.size());

    const auto result = fixture.expect({"setup"}, 0);
    CHECK(contains(result.err, "dropped  \"" + oldest_built + "\""));
    const auto later = fixture.copies_listed();
    CHECK(later.size() == 4);
    CHECK(later[0]["database"] == copies[0]["database"]);
    CHECK(later[1]["database"] == copies[2]["database"]);
}

TEST_CASE("pruning asks, keeps the newest three, and spares what crudctl did not build")
{
    const UndoProject fixture;
    fixture.expect({"setup"}, 0);
    fixture.expect({"setup"}, 0);
    CHECK(contains(fixture.expect({"copies", "--prune"}, 0).err, "nothing to do"));
    CHECK(contains(fixture.expect({"copies", "--prune", "--older-than", "1d"}, 0).err,
                   "nothing to do"));
    fixture.expect({"copies", "--prune", "--older-than", "0s"}, 5);
    fixture.expect({"copies", "--older-than", "0s"}, 2);
    fixture.expect({"copies", "--prune", "--older-than", "soon"}, 2);
    CHECK(fixture.copies_listed().size() == 3);
    fixture.expect({"copies", "--prune", "--older-than", "0s", "--confirm", fixture.confirmation()},
                   0);
    const auto left = fixture.copies_listed();
    REQUIRE(left.size() == 1);
    CHECK(left[0]["built_by_crudctl"] == false);
}

TEST_CASE("dry runs of undo, save, drop and copies say what they would do and do nothing")
{
    const UndoProject fixture;
    fixture.expect({"setup"}, 0);
    const std::string before = fixture.copies() + fixture.oid();
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{"undo"},
                                               {"save", "demo"},
                                               {"drop"},
                                               {"drop", "--purge"},
                                               {"copies", "--prune", "--older-than", "0s"}}) {
        std::vector<std::string> dry = arguments;
        dry.emplace_back("--dry-run");
        CHECK(contains(fixture.expect(dry, 0).out, arguments.front() + " would"));
    }
    CHECK(fixture.copies() + fixture.oid() == before);
}

TEST_CASE("a copy of a protected database stays protected, through whichever profile it comes back")
{
    UndoProject fixture;
    fixture.project.set_variable("HOME", fixture.project.home());
    fixture.project.write("crudctl.toml", "[project]\nschema = ['sql/schema.sql']\n"
                                          "[profiles.guarded]\nurl = '${CONNECTION_URL}'\n"
                                          "protected = true\n");
    const std::string phrase = fixture.database.name() + "@guarded";
    CHECK(
        fixture.run({"drop", "guarded", "--confirm", phrase}).with_terminal().result().exit_code ==
        0);
    fixture.project.write("crudctl.toml", "[project]\nschema = ['sql/schema.sql']\n"
                                          "[profiles.local]\nurl = '${CONNECTION_URL}'\n");
    fixture.project.set_variable("XDG_STATE_HOME", fixture.project.home() / "elsewhere");
    std::string copy;
    for (const auto& listed : fixture.copies_listed()) {
        copy = listed["by"] == "drop" ? listed["database"].get<std::string>() : copy;
    }
    CHECK(fixture.run({"copies", "--delete", copy, "--confirm", fixture.confirmation()})
              .result()
              .exit_code == 5);
    CHECK(contains(fixture.copies(), copy));
    CHECK(fixture.run({"undo", copy}).result().exit_code == 0);
    const auto refused = fixture.run({"setup"}).result();
    CHECK(refused.exit_code == 5);
    CHECK(contains(refused.err, "prod"));
}
