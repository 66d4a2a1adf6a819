#include "cli/database_project.hpp"
#include "support/system/file.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

/// A project with a home that stays, so that the runs' journal does.
struct JournalProject : DatabaseProject {
    JournalProject() { project.set_variable("HOME", project.home()); }

    std::filesystem::path file() const
    {
        return project.home() / ".local/state/crudctl/journal.jsonl";
    }
    std::string text() const { return is_there(file()) ? read_file(file(), 1U << 24U).text : ""; }
    nlohmann::json history(std::vector<std::string> arguments = {}) const
    {
        arguments.insert(arguments.begin(), {"history", "--json"});
        return nlohmann::json::parse(run(std::move(arguments)).result().out);
    }
    /// Of one entry, "setup done 0".
    static std::string outcome_of(const nlohmann::json& entry)
    {
        return fmt::format("{} {} {}", entry["command"].get<std::string>(),
                           entry["result"].get<std::string>(), entry["exit_code"].get<int>());
    }
    std::string last_outcome() const { return outcome_of(history().back()); }
};

} // namespace

TEST_CASE("what was done is in the journal with who, where and how long, the newest last")
{
    const JournalProject fixture;
    fixture.project.write(".git/HEAD", "0123456789abcdef0123456789abcdef01234567\n");
    REQUIRE(fixture.run({"setup"}).result().exit_code == 0);
    REQUIRE(fixture.run({"drop"}).result().exit_code == 0);
    REQUIRE(fixture.run({"create"}).result().exit_code == 0);
    REQUIRE(fixture.run({"schema-load"}).result().exit_code == 0);
    REQUIRE(fixture.run({"seed"}).result().exit_code == 0);
    const nlohmann::json history = fixture.history();
    std::string outcomes;
    for (const auto& entry : history) {
        outcomes += JournalProject::outcome_of(entry) + "; ";
        CHECK(entry["database"] == fixture.database.name());
        CHECK(entry["profile"] == "local");
        CHECK(contains(entry["target"], fixture.database.name()));
        CHECK(entry["project"] == std::filesystem::canonical(fixture.project.root()).string());
        CHECK(entry["git"] == "0123456789");
        CHECK_FALSE(entry["user"].get<std::string>().empty());
        CHECK_FALSE(entry["host"].get<std::string>().empty());
        CHECK(entry["seconds"].get<double>() > 0);
        CHECK(entry["message"] == "");
    }
    CHECK(outcomes ==
          "setup done 0; drop done 0; create done 0; schema-load done 0; seed done 0; ");
    CHECK(history[1]["effect"] == "destroys");
    CHECK(history[2]["effect"] == "adds");
    struct stat facts {};
    REQUIRE(::stat(fixture.file().c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777U) == 0600);
}

TEST_CASE("a setup that failed is in the journal with its reason")
{
    const JournalProject fixture;
    fixture.project.write("sql/schema.sql", "select 1;\ncreate tabel x ();\n");
    REQUIRE(fixture.run({"setup"}).result().exit_code == 1);
    CHECK(fixture.last_outcome() == "setup failed 1");
    CHECK(fixture.history().back()["message"] ==
          "sql/schema.sql:2:8: error: syntax error at or near \"tabel\" (SQLSTATE 42601)");
}

TEST_CASE("a setup that Ctrl-C ended is in the journal as interrupted")
{
    const JournalProject fixture;
    fixture.project.write("sql/schema.sql", "do $$ begin raise notice 'here'; "
                                            "perform pg_sleep(60); end $$;\n");
    REQUIRE(fixture.run({"setup"}).with_signal(SIGINT, "here").result().exit_code == 130);
    CHECK(fixture.last_outcome() == "setup interrupted 130");
}

TEST_CASE("what the guard refused is in the journal where it would have destroyed")
{
    JournalProject fixture;
    fixture.project.set_variable("PROD_CONNECTION_URL", fixture.database.url());
    REQUIRE(fixture.run({"drop", "prod"}).result().exit_code == 5);
    CHECK(fixture.last_outcome() == "drop refused 5");
    CHECK(contains(fixture.history().back()["message"], "somebody at a terminal"));
    REQUIRE(fixture.run({"drop", "prod"})
                .with_terminal()
                .expect("Type")
                .type("no\n")
                .result()
                .exit_code == 5);
    CHECK(fixture.history().size() == 2);
}

TEST_CASE("what only looks, or has nothing to do, writes nothing at all")
{
    const JournalProject fixture;
    const std::vector<std::vector<std::string>> calls = {{"setup", "--dry-run"},
                                                         {"drop", "--dry-run"},
                                                         {"create", "--dry-run"},
                                                         {"schema-load", "--dry-run"},
                                                         {"seed", "--dry-run"},
                                                         {"status"},
                                                         {"sessions"},
                                                         {"config"},
                                                         {"history"},
                                                         {"history", "--json"},
                                                         {"create"}};
    for (const auto& arguments : calls) {
        CAPTURE(arguments.front());
        CHECK(fixture.run(arguments).result().exit_code == 0);
    }
    CHECK_FALSE(is_there(fixture.project.home() / ".local"));
}

TEST_CASE("no password gets into the journal, whatever the server says")
{
    const JournalProject fixture;
    const std::string password = TestCluster::running().password();
    fixture.project.write("sql/schema.sql",
                          "do $$ begin raise exception 'it is " + password + "'; end $$;\n");
    REQUIRE(fixture.run({"setup"}).result().exit_code == 1);
    CHECK(contains(fixture.history().back()["message"], "it is ***"));
    fixture.project.write("sql/schema.sql",
                          "do $$ begin raise exception '\x1b[2Jtwo\nlines'; end $$;\n");
    REQUIRE(fixture.run({"setup"}).result().exit_code == 1);
    const std::string message = fixture.history().back()["message"];
    CHECK(contains(message, "two"));
    CHECK_FALSE(contains(message, "lines"));
    CHECK_FALSE(contains(message, "\x1b"));
    CHECK_FALSE(contains(fixture.text(), password));
}

TEST_CASE("a journal that cannot be written is a warning, and the command goes on")
{
    const JournalProject fixture;
    const std::filesystem::path state = fixture.project.root() / "state";
    std::filesystem::create_directories(state / "crudctl" / "journal.jsonl");
    std::filesystem::permissions(state / "crudctl", std::filesystem::perms::owner_all);
    const auto run = [&](const std::string& command) {
        return fixture.run({command}).with_variable("XDG_STATE_HOME", state).result();
    };
    const auto done = run("setup");
    CHECK(done.exit_code == 0);
    CHECK(contains(done.err, "crudctl: warning: this is not in the journal: cannot"));
    CHECK(fixture.ask("select count(*) from users") == "3");
    fixture.project.write("sql/schema.sql", "create tabel x ();\n");
    const auto failed = run("setup");
    CHECK(failed.exit_code == 1);
    CHECK(contains(failed.err, "warning: this is not in the journal"));
    CHECK(contains(failed.err, "syntax error"));
    CHECK(run("history").exit_code == 3);
}

TEST_CASE("history needs no server, and reads what a killed run left half written")
{
    JournalProject fixture;
    REQUIRE(fixture.run({"drop"}).result().exit_code == 0);
    std::ofstream(fixture.file(), std::ios::app) << R"({"time":"2026-07-29T12:)";
    fixture.project.set_variable("CONNECTION_URL", "postgres://u@127.0.0.1:1/x");
    const auto table = fixture.run({"history"}).result();
    CHECK(table.exit_code == 0);
    CHECK(contains(table.out, "drop"));
    CHECK(contains(table.out, fixture.database.name() + "@local"));
    CHECK(contains(table.out, "done"));
    CHECK(fixture.history().size() == 1);
}

TEST_CASE("history shows this project's newest entries, of one profile or database if asked")
{
    const JournalProject fixture;
    const std::string here = std::filesystem::canonical(fixture.project.root());
    std::filesystem::create_directories(fixture.file().parent_path());
    std::ofstream lines(fixture.file());
    const auto add = [&](const char* command, const std::string& project, const char* profile) {
        lines << nlohmann::json{{"time", "2026-07-29T23:30:00.000Z"},
                                {"command", command},
                                {"project", project},
                                {"profile", profile},
                                {"database", "cruddur"},
                                {"result", "done"}}
                     .dump()
              << '\n';
    };
    add("setup", here, "local");
    add("drop", here, "prod");
    add("seed", "/elsewhere", "local");
    lines.close();
    const auto commands = [&](const std::vector<std::string>& arguments) {
        std::string text;
        for (const auto& entry : fixture.history(arguments)) {
            text += entry["command"].get<std::string>() + " ";
        }
        return text;
    };
    CHECK(commands({}) == "setup drop ");
    CHECK(commands({"--all"}) == "setup drop seed ");
    CHECK(commands({"prod"}) == "drop ");
    CHECK(commands({"-d", "other"}).empty());
    CHECK(commands({"-n", "1"}) == "drop ");
    CHECK(commands({"--all", "--limit", "1"}) == "seed ");
    const auto table = fixture.run({"history", "--all"}).with_variable("TZ", "EET-2").result();
    CHECK(contains(table.out, "2026-07-30 01:30:00"));
    CHECK(contains(table.out, "/elsewhere"));
    const auto outside = fixture.run({"history"}).in_folder("/").result();
    CHECK(contains(outside.out, "/elsewhere"));
    CHECK(contains(outside.out, "drop"));
    const auto none = fixture.run({"history", "nobody"}).result();
    CHECK(none.exit_code == 0);
    CHECK(none.out.empty());
    CHECK(contains(none.err, "the journal has nothing of this"));
}

TEST_CASE("control characters in the journal never reach the terminal from history")
{
    const JournalProject fixture;
    std::filesystem::create_directories(fixture.file().parent_path());
    std::ofstream(fixture.file()) << R"({"time":"\u001b[2J","command":"\u001b]52;c;eA==\u0007"})"
                                  << '\n';
    const auto result = fixture.run({"history", "--all"}).with_terminal(200).result();
    CHECK(result.exit_code == 0);
    CHECK(contains(result.screen, "TIME"));
    CHECK(result.screen.find("\x1b]52") == std::string::npos);
    CHECK(result.screen.find("\x1b[2J") == std::string::npos);
}
