#include "server/account.hpp"
#include "server/probe.hpp"
#include "support/error.hpp"
#include "support/loopback.hpp"
#include "support/own_server.hpp"
#include "support/root_only.hpp"

#include <csignal>
#include <fstream>

#include <catch2/catch.hpp>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace crudctl;
using crudctl::server::ServerState;
using crudctl::tests::OwnServer;

namespace fs = std::filesystem;

namespace {

/// Another program that listens on this port of the loopback address; 0 takes a free one.
class Listener {
public:
    explicit Listener(int port) : m_bound(tests::bound_socket(port))
    {
        REQUIRE(::listen(m_bound.socket.number(), 1) == 0);
    }
    int port() const { return m_bound.port; }

private:
    tests::BoundSocket m_bound;
};

Error error_of_ports(OwnServer& project)
{
    try {
        project.start();
    } catch (const Error& error) {
        return error;
    }
    FAIL("the server started");
    std::abort();
}

} // namespace

TEST_CASE("a new server moves to the next port when its first choice is taken, and keeps that one")
{
    OwnServer project;
    project.make();
    const int wanted = project.status().port;
    {
        const Listener other(wanted);
        project.start();
        CHECK(project.status().port != wanted);
    }
    const int port = project.status().port;
    project.instance().stop();
    project.start();
    CHECK(project.status().port == port);
}

TEST_CASE("a recorded or configured port that is taken is an error, since applications know it")
{
    OwnServer project;
    project.make();
    SECTION("recorded")
    {
        project.start();
        project.instance().stop();
    }
    SECTION("configured")
    {
        project.options.port = 0;
    }
    const Listener other(project.options.port ? 0 : project.status().port);
    if (project.options.port) {
        project.options.port = other.port();
    }
    const Error error = error_of_ports(project);
    CHECK(error.code() == ExitCode::failed);
    CHECK_THAT(error.what(), Catch::Contains(std::to_string(other.port())));
}

TEST_CASE("a configured port is used, and a changed one from the next start on")
{
    OwnServer project;
    project.make();
    project.options.port = tests::free_port();
    CHECK(project.start().port() == std::to_string(*project.options.port));
    const int former = *project.options.port;
    project.options.port = tests::free_port();
    CHECK(project.start().port() == std::to_string(former));
    project.instance().stop();
    CHECK(project.start().port() == std::to_string(*project.options.port));
}

TEST_CASE("deleting the own server takes its whole folder, and twice is fine")
{
    OwnServer project;
    project.make();
    project.start();
    const auto process = project.status().pid;
    project.instance().remove();
    CHECK_FALSE(fs::exists(project.base()));
    // One that has ended is there until its parent has taken notice.
    CHECK(tests::eventually([&] { return ::kill(static_cast<pid_t>(process), 0) != 0; }));
    project.instance().remove();
    CHECK(project.status().state == ServerState::absent);
}

TEST_CASE("a deletion and starts at the same time leave a whole server or none")
{
    OwnServer project;
    project.make();
    std::vector<pid_t> children;
    for (int i = 0; i < 2; ++i) {
        children.push_back(tests::in_child([&] { project.start(); }));
        children.push_back(tests::in_child([&] { project.instance().remove(); }));
    }
    for (const pid_t child : children) {
        CHECK(tests::exit_code_of_child(child) == 0);
    }
    const auto state = project.status().state;
    CHECK((state == ServerState::running || state == ServerState::absent));
    CHECK(fs::exists(project.base()) == (state == ServerState::running));
}

TEST_CASE("a folder that crudctl did not make is neither used nor deleted")
{
    OwnServer project;
    fs::create_directories(project.base());
    std::ofstream(project.base() / "PG_VERSION") << "15\n";
    CHECK(error_of_ports(project).code() == ExitCode::refused);
    try {
        project.instance().remove();
        FAIL("it was deleted");
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::refused);
    }
    CHECK(fs::exists(project.base() / "PG_VERSION"));
    CHECK_FALSE(fs::exists(project.base() / "lock"));
}

TEST_CASE("an empty folder that was made beforehand is used, and files put there stay")
{
    OwnServer project;
    fs::create_directories(project.base());
    project.start();
    std::ofstream(project.base() / "notes.txt") << "mine";
    project.instance().remove();
    CHECK(fs::exists(project.base() / "notes.txt"));
    CHECK_FALSE(fs::exists(project.data()));
    fs::remove(project.base() / "notes.txt");
}

TEST_CASE("a folder that cannot be made is named")
{
    OwnServer project;
    project.options.data_directory = "/proc/crudctl/server";
    const Error error = error_of_ports(project);
    CHECK(error.code() == ExitCode::failed);
    CHECK_THAT(error.what(), Catch::Contains("/proc/crudctl"));
    CHECK_THAT(error.hint(), Catch::Contains("data_directory"));
}

TEST_CASE("root's server says which folder its account cannot enter, and loosens no mode")
{
    OwnServer project("closed/server");
    REQUIRE(fs::create_directory(project.folder() / "closed"));
    REQUIRE(::chmod((project.folder() / "closed").c_str(), 0700) == 0);
    if (::geteuid() == 0) {
        const Error error = error_of_ports(project);
        CHECK(error.code() == ExitCode::failed);
        CHECK_THAT(error.what(), Catch::Contains((project.folder() / "closed\"").string()));
        CHECK_THAT(error.hint(), Catch::Contains("data_directory"));
    } else {
        project.start();
        CHECK(project.status().state == ServerState::running);
    }
    CHECK(fs::status(project.folder() / "closed").permissions() == fs::perms(0700));
}

TEST_CASE("data that belong to somebody who cannot serve them are refused with the owner's name")
{
    OwnServer project;
    project.make();
    project.start();
    project.instance().stop();
    if (::geteuid() == 0) {
        REQUIRE(::chown(project.data().c_str(), 0, 0) == 0);
        CHECK_THAT(error_of_ports(project).what(), Catch::Contains("belong to root"));
    } else {
        CHECK(server::account_of_data(project.data()) == std::nullopt);
        CHECK_THROWS_AS(server::account_of_data("/"), Error);
    }
}

TEST_CASE("a user id without a passwd entry is told what initdb lacks")
{
    if (!tests::may_try_as_root("become a user id without a passwd entry")) {
        return;
    }
    OwnServer project;
    REQUIRE(::chmod(project.folder().c_str(), 0777) == 0);
    project.options.environment.erase("HOME");
    const pid_t child = tests::in_child([&] {
        const uid_t stranger = 54321;
        REQUIRE(::setgid(stranger) == 0);
        REQUIRE(::setuid(stranger) == 0);
        const Error error = error_of_ports(project);
        const std::string message = error.what();
        ::_exit(error.code() == ExitCode::external && message.find("54321") != std::string::npos
                    ? 0
                    : 1);
    });
    CHECK(tests::exit_code_of_child(child) == 0);
}

TEST_CASE("where neither HOME nor a passwd entry says where data may lie, the setting is named")
{
    if (!tests::may_try_as_root("become a user id without a passwd entry")) {
        return;
    }
    OwnServer project;
    project.options.data_directory.clear();
    project.options.environment = Environment();
    const pid_t child = tests::in_child([&] {
        const uid_t stranger = 54321;
        const bool is_stranger = ::setuid(stranger) == 0;
        const Error error = error_of_ports(project);
        const std::string message = error.what();
        const bool is_named = message.find("HOME is not set") != std::string::npos &&
                              error.hint().find("server.data_directory") != std::string::npos;
        ::_exit(is_stranger && is_named && error.code() == ExitCode::configuration ? 0 : 1);
    });
    CHECK(tests::exit_code_of_child(child) == 0);
}
