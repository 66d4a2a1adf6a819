#include "support/error.hpp"
#include "support/process/user.hpp"
#include "support/root_only.hpp"
#include "support/system/file.hpp"
#include "support/system/line_log.hpp"
#include "support/temp_folder.hpp"

#include <filesystem>
#include <string>

#include <catch2/catch.hpp>
#include <unistd.h>

using namespace crudctl;
using namespace crudctl::tests;
namespace fs = std::filesystem;

namespace {

constexpr uid_t stranger = 54321;

/// "" where the state folder is used, else why it isn't.
std::string refusal_of_folder(const fs::path& state_home)
{
    try {
        const Environment environment({{"XDG_STATE_HOME", state_home.string()}});
        const auto folder = own_state_folder(environment);
        return folder == state_home / "crudctl" ? "" : "it is elsewhere";
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::configuration);
        return error.what();
    }
}

std::string why(const fs::path& folder, const std::string& reason)
{
    return "the state folder \"" + folder.string() + "\" is not used: " + reason;
}

} // namespace

TEST_CASE("the state folder is used where it is missing or ours")
{
    const TempFolder home;
    const fs::path folder = home / "crudctl";
    CHECK(refusal_of_folder(home.path()).empty());
    fs::create_directories(folder);
    CHECK(refusal_of_folder(home.path()).empty());
    fs::permissions(folder, static_cast<fs::perms>(0755));
    CHECK(refusal_of_folder(home.path()).empty());
    fs::remove(folder);
    fs::create_directory(home / "elsewhere");
    fs::create_directory_symlink(home / "elsewhere", folder);
    CHECK(refusal_of_folder(home.path()).empty());
}

TEST_CASE("a state folder that others may write to, or that is none, is not used")
{
    const TempFolder home;
    const fs::path folder = home / "crudctl";
    home.write("crudctl", "a file");
    CHECK(refusal_of_folder(home.path()) == why(folder, "it is not a folder"));
    fs::remove(folder);
    fs::create_directory_symlink(home / "nowhere", folder);
    CHECK(refusal_of_folder(home.path()) == why(folder, "No such file or directory"));
    fs::remove(folder);
    fs::create_directory(folder);
    for (const unsigned mode : {0777U, 0770U, 0707U}) {
        fs::permissions(folder, static_cast<fs::perms>(mode));
        CHECK(refusal_of_folder(home.path()) == why(folder, "others may write to it"));
    }
}

TEST_CASE("another user's folder or link in a shared place is not used as the state folder")
{
    if (!may_try_as_root("give a folder away")) {
        return;
    }
    const TempFolder shared;
    fs::permissions(shared.path(), static_cast<fs::perms>(01777));
    const fs::path folder = shared / "crudctl";
    fs::create_directory(folder);
    REQUIRE(::chown(folder.c_str(), stranger, stranger) == 0);
    CHECK(refusal_of_folder(shared.path()) == why(folder, "it belongs to another user"));
    fs::remove(folder);

    fs::create_directory(shared / "ours");
    fs::create_directory_symlink(shared / "ours", folder);
    REQUIRE(::lchown(folder.c_str(), stranger, stranger) == 0);
    CHECK(refusal_of_folder(shared.path()) == why(folder, "it belongs to another user"));
    fs::remove(folder);

    // Root in a user's own home, as under sudo.
    fs::create_directory(folder);
    REQUIRE(::chown(folder.c_str(), stranger, stranger) == 0);
    REQUIRE(::chown(shared.path().c_str(), stranger, stranger) == 0);
    CHECK(refusal_of_folder(shared.path()).empty());
}

TEST_CASE("a log that cannot be read is no empty one")
{
    const TempFolder home;
    CHECK(LineLog(home / "missing/log.jsonl").lines().empty());
    home.write("file", "");
    CHECK_THROWS_AS(LineLog(home / "file/log.jsonl").lines(), Error);
    fs::create_directory(home / "log.jsonl");
    CHECK_THROWS_AS(LineLog(home / "log.jsonl").lines(), Error);
}
