#include "support/system/file.hpp"
#include "support/system/line_log.hpp"
#include "support/temp_folder.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace crudctl;
using tests::TempFolder;

namespace fs = std::filesystem;

namespace {

using Lines = std::vector<std::string>;

mode_t mode_of(const fs::path& path)
{
    struct stat facts {};
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    return facts.st_mode & 0777U;
}

/// As many processes at once, each adding so many lines of its own.
void append_at_once(const LineLog& log, int processes, int lines)
{
    std::vector<pid_t> writers;
    for (int writer = 0; writer < processes; ++writer) {
        const pid_t id = ::fork();
        if (id == 0) {
            const std::string filler(9000, static_cast<char>('a' + writer));
            for (int i = 0; i < lines; ++i) {
                log.append(fmt::format("{} {} {}", writer, i, filler));
            }
            ::_exit(0);
        }
        writers.push_back(id);
    }
    for (const pid_t id : writers) {
        int status = -1;
        REQUIRE(::waitpid(id, &status, 0) == id);
        REQUIRE(status == 0);
    }
}

/// Of append_at_once(), neither cut nor mixed with another.
bool is_whole(const std::string& line)
{
    const std::size_t begin = line.rfind(' ') + 1;
    return line.size() - begin == 9000 && line[begin] == 'a' + (line.front() - '0') &&
           line.find_first_not_of(line[begin], begin) == std::string::npos;
}

} // namespace

TEST_CASE("lines come back in the order in which they were added, from a file for its owner alone")
{
    const TempFolder folder;
    const LineLog log(folder / "state/crudctl/log");
    CHECK(log.lines().empty());
    log.append("one");
    log.append("two");
    CHECK(log.lines() == Lines{"one", "two"});
    CHECK(mode_of(log.path()) == 0600);
    CHECK(mode_of(folder / "state/crudctl") == 0700);
    CHECK(mode_of(folder / "state") == 0700);
}

TEST_CASE("what was left unfinished stays a line of its own")
{
    const TempFolder folder;
    const LineLog log(folder.write("log", "whole\nhal"));
    log.append("next");
    CHECK(log.lines() == Lines{"whole", "hal", "next"});
}

TEST_CASE("processes that write at once leave every line whole, and all of them")
{
    const TempFolder folder;
    const LineLog log(folder / "log");
    append_at_once(log, 4, 50);
    const Lines lines = log.lines();
    CHECK(lines.size() == 200);
    CHECK(std::all_of(lines.begin(), lines.end(), is_whole));
}

TEST_CASE("a log that grows too large is moved away once, and no line is cut, whoever writes")
{
    const TempFolder folder;
    const LineLog log(folder / "log", {100'000, std::chrono::seconds(30)});
    append_at_once(log, 4, 50);
    const Lines lines = log.lines();
    CHECK(std::all_of(lines.begin(), lines.end(), is_whole));
    CHECK(lines.size() >= 12); // what the older file holds
    CHECK(fs::file_size(log.path()) < 110'000);
    CHECK(fs::file_size(log.path().string() + ".1") < 110'000);
    CHECK(std::distance(fs::directory_iterator(folder.path()), {}) == 2);
    log.append("last");
    CHECK(log.lines().back() == "last");
}

TEST_CASE("a log that another process holds is given up after a while, with nothing added")
{
    const TempFolder folder;
    const LineLog log(folder.write("log", "one\n"), {1000, std::chrono::milliseconds(30)});
    const Descriptor holder(::open(log.path().c_str(), O_RDONLY | O_CLOEXEC));
    REQUIRE(::flock(holder.number(), LOCK_EX) == 0);
    CHECK_THROWS_WITH(log.append("two"), Catch::Contains("another process has it locked"));
    CHECK(log.lines() == Lines{"one"});
    REQUIRE(::flock(holder.number(), LOCK_UN) == 0);
    log.append("two");
    CHECK(log.lines() == Lines{"one", "two"});
}

TEST_CASE("what is no file in a log's place is refused, and nothing hangs on it")
{
    const TempFolder folder;
    const LineLog log(folder / "log");
    SECTION("a FIFO")
    {
        REQUIRE(::mkfifo(log.path().c_str(), 0600) == 0);
        CHECK_THROWS_WITH(log.append("x"), Catch::Contains("not a regular file"));
    }
    SECTION("a folder")
    {
        fs::create_directories(log.path());
        CHECK_THROWS_WITH(log.append("x"), Catch::Contains("cannot write"));
    }
    SECTION("a file where its folder should be")
    {
        const LineLog below(folder.write("file", "") / "log");
        CHECK_THROWS_WITH(below.append("x"), Catch::Contains("cannot make the folder"));
    }
}

TEST_CASE("a line that does not fit on the disk is taken back, so that nothing stays of it")
{
    const TempFolder folder;
    const LineLog log(folder.write("log", "one\n"));
    const pid_t id = ::fork();
    if (id == 0) {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit most{100, 100};
        ::setrlimit(RLIMIT_FSIZE, &most);
        try {
            log.append(std::string(5000, 'x'));
        } catch (const Error& error) {
            ::_exit(std::string(error.what()).find("cannot write") != std::string::npos ? 7 : 8);
        }
        ::_exit(0);
    }
    int status = -1;
    REQUIRE(::waitpid(id, &status, 0) == id);
    CHECK(WEXITSTATUS(status) == 7);
    CHECK(log.lines() == Lines{"one"});
}
