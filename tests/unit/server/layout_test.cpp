#include "server/initdb.hpp"
#include "server/layout.hpp"
#include "server/process_table.hpp"
#include "server/state.hpp"
#include "support/error.hpp"
#include "support/temp_folder.hpp"
#include "support/text/random.hpp"

#include <map>
#include <set>

#include <catch2/catch.hpp>
#include <unistd.h>

using namespace crudctl;
using namespace crudctl::server;
using crudctl::tests::TempFolder;

namespace fs = std::filesystem;

namespace {

const Project project{"cruddur", "/home/dev/cruddur"};

Environment with(std::map<std::string, std::string, std::less<>> variables)
{
    return Environment(std::move(variables));
}

std::string error_of(const fs::path& configured, const Environment& environment)
{
    try {
        layout_for(project, configured, environment);
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::configuration);
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("a project has its own folder and port, always the same")
{
    Environment environment;
    environment.set("XDG_STATE_HOME", "/tmp/state");
    const auto base = layout_for(project, "", environment).base;
    CHECK(base == layout_for(project, "", environment).base);
    CHECK(base != layout_for({"cruddur", "/home/dev/other"}, "", environment).base);
    CHECK_THAT(base.filename().string(), Catch::Matches("cruddur-[0-9a-f]{8}"));
    CHECK(base.parent_path() == (::geteuid() == 0 ? "/var/lib/crudctl" : "/tmp/state/crudctl"));
    CHECK(preferred_port(project) == preferred_port(project));
    CHECK(preferred_port(project) >= 20000);
    CHECK(preferred_port(project) <= 26999);
    CHECK(next_port(26999) == 20000);
    CHECK(next_port(20000) == 20001);
}

TEST_CASE("a project's name cannot lead out of the folder")
{
    const auto base = layout_for({"../../etc/x y", "/p"}, "", with({{"HOME", "/h"}})).base;
    CHECK_THAT(base.filename().string(), Catch::Matches("\\.\\._\\.\\._etc_x_y-[0-9a-f]{8}"));
    const auto unnamed = layout_for({"", "/p"}, "", with({{"HOME", "/h"}})).base;
    CHECK_THAT(unnamed.filename().string(), Catch::Matches("project-[0-9a-f]{8}"));
}

TEST_CASE("in a cloud workspace the data lie in the folder that persists")
{
    const TempFolder machine;
    Environment environment = with({{"HOME", "/h"}, {"GITPOD_WORKSPACE_ID", "w1"}});
    const auto base = [&] { return layout_for(project, "", environment, machine.path()).base; };
    CHECK_FALSE(base().string().starts_with((machine / "workspace/.crudctl").string()));
    fs::create_directories(machine / "workspace");
    CHECK(base().parent_path() == machine / "workspace/.crudctl");
    environment = with({{"HOME", "/h"}, {"CODESPACES", "true"}});
    fs::create_directories(machine / "workspaces");
    CHECK(base().parent_path() == machine / "workspaces/.crudctl");
    CHECK(layout_for(project, "/tmp/mine", environment, machine.path()).base == "/tmp/mine");
}

TEST_CASE("a folder with a line break is refused, and a relative one made absolute")
{
    CHECK_THAT(error_of("/tmp/a\nb", {}), Catch::Contains("line break"));
    CHECK(layout_for(project, "here/", {}).base == fs::current_path() / "here");
    CHECK(layout_for(project, "/tmp/a/../b/", {}).base == "/tmp/b");
}

TEST_CASE("a socket path of more than 107 bytes, or with a comma, gets a short folder")
{
    const auto folder = [](const std::string& base, const Environment& environment) {
        return socket_folder_for({base}, environment);
    };
    // "/run" and "/.s.PGSQL.65535" take 19 bytes.
    const std::string longest = "/" + std::string(107 - 19 - 1, 'a');
    CHECK(folder(longest, {}) == longest + "/run");
    CHECK_THAT(folder(longest + "a", {}).string(),
               Catch::Matches("/tmp/crudctl-[0-9]+-[0-9a-f]{8}"));
    CHECK_THAT(folder("/tmp/a,b", {}).string(), Catch::Matches("/tmp/crudctl-[0-9]+-[0-9a-f]{8}"));
    const Environment with_runtime = with({{"XDG_RUNTIME_DIR", "/run/user/1000"}});
    CHECK(folder(longest + "a", with_runtime).parent_path() ==
          (::geteuid() == 0 ? "/tmp" : "/run/user/1000"));
}

TEST_CASE("postmaster.pid is read as far as it can be")
{
    const TempFolder data;
    CHECK_FALSE(read_pid_file(data.path()));
    data.write("postmaster.pid", "");
    CHECK(read_pid_file(data.path())->process == 0);
    data.write("postmaster.pid", "garbage\nmore\n\n\n\n");
    CHECK(read_pid_file(data.path())->process == 0);
    data.write("postmaster.pid", "4242\n/d\n17\n54321\n/run/x y\n127.0.0.1\n1 2\nstarting\n");
    const auto starting = read_pid_file(data.path());
    CHECK(starting->process == 4242);
    CHECK(starting->port == 54321);
    CHECK(starting->socket_folder == "/run/x y");
    CHECK_FALSE(starting->is_ready);
    data.write("postmaster.pid", "4242\n/d\n17\n54321\n/run/x\n127.0.0.1\n1 2\nready   \n");
    CHECK(read_pid_file(data.path())->is_ready);
}

TEST_CASE("a process holds the data if it works in their folder")
{
    const TempFolder base;
    const Layout layout{base.path()};
    fs::create_directories(layout.data());
    CHECK(is_alive(::getpid()));
    CHECK(holds_data(::getpid(), layout) == Holds::no);
    CHECK(holds_data(0, layout) == Holds::no);
    CHECK(processes_holding(layout).empty());
    const fs::path former = fs::current_path();
    fs::current_path(layout.data());
    CHECK(holds_data(::getpid(), layout) == Holds::yes);
    CHECK(processes_holding(layout) == std::vector<pid_t>{::getpid()});
    fs::current_path(former);
}

TEST_CASE("what a server keeps from start to start is read back, and nonsense is nothing")
{
    const TempFolder base;
    const Layout layout{base.path()};
    CHECK_FALSE(read_state(layout));
    write_state(layout, {54321, "/tmp/a folder"});
    CHECK(read_state(layout)->port == 54321);
    CHECK(read_state(layout)->socket_folder == "/tmp/a folder");
    base.write("state", "port=\nsocket_folder=here\n");
    CHECK_FALSE(read_state(layout));
}

TEST_CASE("a lock whose folder was deleted meanwhile is known to be void")
{
    const TempFolder base;
    const Layout layout{base.path()};
    const ServerLock lock(layout, std::chrono::milliseconds(0));
    CHECK(lock.is_current());
    CHECK_THROWS_AS(ServerLock(layout, std::chrono::milliseconds(0)), Error);
    fs::remove(layout.lock());
    CHECK_FALSE(lock.is_current());
    const ServerLock second(layout, std::chrono::milliseconds(0));
    CHECK(second.is_current());
}

TEST_CASE("the server's programs see a C locale and none of our secrets")
{
    const Environment ours = with({{"PATH", "/bin"},
                                   {"LC_ALL", "tr_TR"},
                                   {"TZ", "x"},
                                   {"PGPASSWORD", "secret"},
                                   {"AWS_SECRET_ACCESS_KEY", "secret"}});
    const Environment theirs = program_environment(ours);
    CHECK(theirs.variables().size() == 2);
    CHECK(theirs.value("LC_ALL") == "C");
    CHECK(theirs.value("PATH") == "/bin");
}

TEST_CASE("from version 17 on the locale is the built-in one")
{
    const auto has = [](int major, const char* argument) {
        const auto call = initdb_call({"/b", "", major, ""}, "/d", "/p");
        return std::find(call.begin(), call.end(), argument) != call.end();
    };
    CHECK_FALSE(has(16, "--locale-provider=builtin"));
    CHECK(has(17, "--locale-provider=builtin"));
    CHECK(has(16, "--locale=C"));
}

TEST_CASE("the last lines of a log are made printable")
{
    CHECK(last_lines("", 3) == "");
    CHECK(last_lines("one\ntwo\r\n\nthree\n\n", 2) == "\n  two\n  three");
    CHECK(last_lines("a\x1b[31mb\n", 2) == "\n  a\\x1b[31mb");
}

TEST_CASE("random tokens have their length, no odd characters, and do not repeat")
{
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const std::string token = random_token(40);
        CHECK_THAT(token, Catch::Matches("[A-Za-z0-9]{40}"));
        CHECK(seen.insert(token).second);
    }
}
