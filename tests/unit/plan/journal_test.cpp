#include "plan/journal.hpp"

#include "plan/plan_id.hpp"
#include "support/system/file.hpp"
#include "support/temp_folder.hpp"
#include "support/text/time_text.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace crudctl;
using namespace crudctl::plan;
using tests::TempFolder;

namespace fs = std::filesystem;

namespace {

bool everything(const JournalEntry& /*entry*/)
{
    return true;
}

JournalEntry entry_of(const std::string& command)
{
    JournalEntry entry;
    entry.time = "2026-07-29T12:34:56.789Z";
    entry.command = command;
    return entry;
}

std::string commands_of(const std::vector<JournalEntry>& entries)
{
    std::string text;
    for (const JournalEntry& entry : entries) {
        text += entry.command + " ";
    }
    return text;
}

} // namespace

TEST_CASE("an entry comes back from the journal as it was put in")
{
    const TempFolder folder;
    const Journal journal(folder / "journal.jsonl");
    Plan plan;
    plan.command = "setup";
    plan.profile = "local";
    plan.database = "crud\"d'ur \u202e\n";
    plan.target_text = "local · cruddur";
    plan.effect = Effect::destroys;
    JournalEntry entry = entry_for(plan, folder.path());
    entry.result = result_name(ExitCode::failed);
    entry.exit_code = 1;
    entry.seconds = 0.25;
    entry.undo = "cruddur__prev";
    entry.message = "no";
    journal.append(entry);
    const auto entries = journal.last(5, everything);
    REQUIRE(entries.size() == 1);
    CHECK(plan::to_json(entries) == plan::to_json({entry}));
    const auto json = nlohmann::json::parse(plan::to_json(entries))[0];
    CHECK(json["command"] == "setup");
    CHECK(json["project"] == fs::canonical(folder.path()).string());
    CHECK(json["database"] == plan.database);
    CHECK(json["effect"] == "destroys");
    CHECK(json["plan"] == digest_of(plan));
    CHECK(json["result"] == "failed");
    CHECK(json["seconds"] == 0.25);
    CHECK_FALSE(json["user"].get<std::string>().empty());
    CHECK_THAT(json["time"].get<std::string>(),
               Catch::Matches(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)"));
}

TEST_CASE("the newest entries that are wanted come, the newest last")
{
    const TempFolder folder;
    const Journal journal(folder / "journal.jsonl");
    for (const char* command : {"setup", "drop", "seed", "drop", "create"}) {
        journal.append(entry_of(command));
    }
    CHECK(commands_of(journal.last(3, everything)) == "seed drop create ");
    CHECK(journal.last(0, everything).empty());
    const auto is_drop = [](const JournalEntry& entry) { return entry.command == "drop"; };
    CHECK(commands_of(journal.last(9, is_drop)) == "drop drop ");
}

TEST_CASE("lines that are no entry are passed over, and the next entry is not lost to them")
{
    const TempFolder folder;
    const std::string broken =
        GENERATE(as<std::string>(), R"({"time":"2026-07-29T12:34:56.789Z","comm)", "\n\n", "null",
                 "[]", "{}", "7", R"({"time":1,"command":"x"})", "\xff\xfe",
                 R"({"time":"x","command":"x","exit_code":"one"})", std::string("\0\0\0", 3));
    CAPTURE(broken);
    const Journal journal(folder.write("journal.jsonl", broken));
    journal.append(entry_of("drop"));
    journal.append(entry_of("setup"));
    CHECK(commands_of(journal.last(9, everything)) == "drop setup ");
}

TEST_CASE("an entry of another version, with more or fewer fields, is still one")
{
    const TempFolder folder;
    const Journal journal(folder.write(
        "journal.jsonl", R"({"time":"2026-07-29T12:34:56.789Z","command":"undo","new":[1,2]})"
                         "\n"));
    CHECK(commands_of(journal.last(9, everything)) == "undo ");
}

TEST_CASE("bytes that are no text cannot keep an entry out of the journal")
{
    const TempFolder folder;
    const Journal journal(folder / "journal.jsonl");
    JournalEntry entry = entry_of("drop");
    entry.database = "\xff\xfe";
    journal.append(entry);
    CHECK(journal.last(9, everything).size() == 1);
}

TEST_CASE("each exit code has a word in the journal")
{
    CHECK(result_name(ExitCode::done) == "done");
    CHECK(result_name(ExitCode::failed) == "failed");
    CHECK(result_name(ExitCode::connection) == "failed");
    CHECK(result_name(ExitCode::busy) == "failed");
    CHECK(result_name(ExitCode::refused) == "refused");
    CHECK(result_name(ExitCode::unknown) == "unknown");
    CHECK(result_name(ExitCode::interrupted) == "interrupted");
    CHECK(result_name(ExitCode::terminated) == "interrupted");
}

TEST_CASE("the journal is in the user's state folder, wherever that is")
{
    const TempFolder folder;
    Environment environment;
    environment.set("HOME", folder.path());
    Journal::of_user(environment).append(entry_of("drop"));
    CHECK(is_there(folder / ".local/state/crudctl/journal.jsonl"));
    environment.set("XDG_STATE_HOME", folder / "state");
    Journal::of_user(environment).append(entry_of("drop"));
    CHECK(is_there(folder / "state/crudctl/journal.jsonl"));
    environment.set("XDG_STATE_HOME", "relative"); // to be ignored, says its specification
    CHECK(Journal::of_user(environment).last(9, everything).size() == 1);
}

TEST_CASE("a time is written in UTC with milliseconds, before 1970 too")
{
    using namespace std::chrono;
    CHECK(utc_text(system_clock::time_point(milliseconds(1785328496789))) ==
          "2026-07-29T12:34:56.789Z");
    CHECK(utc_text(system_clock::time_point(milliseconds(5))) == "1970-01-01T00:00:00.005Z");
    CHECK(utc_text(system_clock::time_point(milliseconds(-1))) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("what is no time is shown as it is")
{
    for (const char* text : {"", "yesterday", "2026-07-29", "2026-07-29T12:34:56+02"}) {
        CHECK(local_time_text(text) == text);
    }
}
