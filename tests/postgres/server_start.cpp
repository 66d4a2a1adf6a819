#include "pg/connection.hpp"
#include "support/error.hpp"
#include "support/own_server.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace crudctl;
using crudctl::server::ServerState;
using crudctl::tests::eventually;
using crudctl::tests::OwnServer;

namespace {

std::string asked(const pg::ConnInfo& info, const std::string& sql)
{
    pg::Connection connection(info);
    return connection.exec(sql).scalar().value_or("");
}

mode_t mode_of(const std::filesystem::path& path)
{
    struct stat facts {};
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    return facts.st_mode & 07777U;
}

} // namespace

TEST_CASE("the own server is made, started, found again, stopped and started on the same port")
{
    OwnServer project;
    CHECK(project.status().state == ServerState::absent);
    std::vector<std::string> steps;
    const auto info =
        project.instance().ensure_running([&](std::string_view step) { steps.emplace_back(step); });
    CHECK(steps.size() == 2);
    CHECK(info.is_unix_socket());
    CHECK(asked(info, "select current_setting('data_directory')") == project.data());
    const auto status = project.status();
    CHECK(status.state == ServerState::running);
    CHECK(status.problem == "");
    CHECK(status.pid > 0);

    project.instance().ensure_running([](std::string_view) { FAIL("it already runs"); });
    CHECK(project.status().pid == status.pid);

    CHECK(project.instance().stop());
    CHECK_FALSE(project.instance().stop());
    CHECK(project.status().state == ServerState::stopped);
    CHECK_FALSE(project.instance().connect_if_running("postgres"));
    CHECK(project.start().port() == std::to_string(status.port));
    CHECK(project.instance().connect_if_running("postgres"));
}

TEST_CASE("a session on the running own server says when its database is missing")
{
    OwnServer project;
    project.make();
    project.start();
    CHECK_THROWS_AS(project.instance().connect_if_running("nowhere"), pg::ConnectError);
}

TEST_CASE("applications reach the own server over loopback with a password nobody else can read")
{
    OwnServer project;
    CHECK_THROWS_AS(project.instance().application_info("postgres"), Error);
    project.make();
    project.start();
    const auto info = project.instance().application_info("postgres");
    CHECK(info.host() == "127.0.0.1");
    CHECK(info.password().reveal().size() >= 32);
    CHECK(asked(info, "select current_user") == "postgres");
    CHECK_THROWS_AS(pg::Connection(info.with_password(Secret("wrong"))), pg::ConnectError);
    CHECK(mode_of(project.base() / "password") == 0600);
    CHECK(mode_of(project.base() / "run") == 0700);
    CHECK(mode_of(project.data()) == 0700);
    CHECK(asked(info, "select current_setting('listen_addresses')") == "127.0.0.1");
    CHECK(asked(info, "select current_setting('fsync')") == "on");
}

TEST_CASE("a password file that was deleted is replaced, and the old password is void")
{
    OwnServer project;
    project.make();
    project.start();
    const auto former = project.instance().application_info("postgres");
    std::filesystem::remove(project.base() / "password");
    project.start();
    const auto renewed = project.instance().application_info("postgres");
    CHECK(asked(renewed, "select 1") == "1");
    CHECK_THROWS_AS(pg::Connection(former), pg::ConnectError);
}

TEST_CASE("the own server knows its own URLs and no others")
{
    OwnServer project;
    const auto url = [&](const std::string& host, int port) {
        return pg::ConnInfo::parse(fmt::format("postgresql://postgres:x@{}:{}/a", host, port));
    };
    const int planned = project.status().port;
    CHECK_FALSE(project.instance().owns(url("127.0.0.1", planned)));
    project.make();
    project.start();
    const int port = project.status().port;
    CHECK(project.instance().owns(project.instance().application_info("cruddur")));
    CHECK(project.instance().owns(project.instance().connection_info()));
    CHECK(project.instance().owns(url("localhost", port)));
    CHECK_FALSE(project.instance().owns(url("127.0.0.1", port + 1)));
    CHECK_FALSE(project.instance().owns(url("db", port)));
    CHECK_FALSE(project.instance().owns(
        pg::ConnInfo::parse(fmt::format("host=/run/postgresql port={}", port))));
    project.instance().stop();
    CHECK(project.instance().owns(url("127.0.0.1", port)));
}

TEST_CASE("two starts at once make one server")
{
    OwnServer project;
    std::vector<pid_t> children;
    for (int i = 0; i < 4; ++i) {
        children.push_back(tests::in_child([&] {
            const auto info = project.start();
            pg::Connection connection(info);
            connection.exec("select 1");
        }));
    }
    for (const pid_t child : children) {
        CHECK(tests::exit_code_of_child(child) == 0);
    }
    CHECK(project.status().state == ServerState::running);
    CHECK(std::filesystem::directory_iterator(project.base())->exists());
    for (const auto& entry : std::filesystem::directory_iterator(project.base())) {
        CHECK_FALSE(entry.path().filename().string().starts_with("initdb."));
    }
}

TEST_CASE("a stop while another run starts the server waits for it, then stops it")
{
    OwnServer project;
    project.make();
    project.start();
    project.instance().stop();
    const pid_t starter = tests::in_child([&] { project.start(); });
    const pid_t stopper = tests::in_child([&] {
        while (!project.instance().stop()) {}
    });
    CHECK(tests::exit_code_of_child(stopper) == 0);
    CHECK(tests::exit_code_of_child(starter) == 0);
    CHECK(project.status().state == ServerState::stopped);
}

TEST_CASE("a lock that another run holds too long is a busy server, not a second one")
{
    OwnServer project;
    project.make();
    project.start();
    project.instance().stop();
    const server::ServerLock held({project.base()}, std::chrono::seconds(1));
    project.options.timeouts.lock = std::chrono::milliseconds(100);
    try {
        project.start();
        FAIL("it had the lock");
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::busy);
    }
}

TEST_CASE("broken locale and time zone settings of the caller do not matter")
{
    OwnServer project;
    project.options.environment.set("LC_ALL", "xx_YY.bogus");
    project.options.environment.set("LANG", "tr_TR.UTF-8");
    project.options.environment.set("TZ", "Nowhere/AtAll");
    project.options.environment.set("PGOPTIONS", "-c bogus=1");
    project.options.environment.set("PGDATA", "/nowhere");
    const auto info = project.start();
    CHECK(asked(info, "select datcollate from pg_database where datname = 'postgres'") == "C");
    CHECK(asked(info, "select current_setting('lc_messages')") == "C");
    CHECK(asked(info, "select lower('TITLE')") == "title");
}

TEST_CASE("a path with spaces, quotes, a comma and a backslash holds a server")
{
    OwnServer project("my 'own\"', \\ server$(x)");
    project.make();
    const auto info = project.start();
    CHECK(asked(info, "select current_setting('data_directory')") == project.data());
    CHECK(project.instance().stop());
}

TEST_CASE("a path too long for a socket gets a short private folder for it")
{
    OwnServer project(std::string(60, 'a') + "/" + std::string(60, 'b'));
    project.make();
    const auto info = project.start();
    CHECK(info.host().size() < 90);
    CHECK(mode_of(info.host()) == 0700);
    CHECK(asked(info, "select current_setting('data_directory')") == project.data());
    project.instance().remove();
    CHECK_FALSE(std::filesystem::exists(info.host()));
}

TEST_CASE("a socket folder that somebody else made first is refused")
{
    OwnServer project(std::string(60, 'c') + "/" + std::string(60, 'd'));
    project.make();
    const auto folder = project.status().socket_directory;
    REQUIRE(std::filesystem::create_directory(folder));
    ::chmod(folder.c_str(), 0777);
    try {
        project.start();
        FAIL("it was taken");
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::failed);
        CHECK_THAT(error.what(), Catch::Contains(folder.string()));
    }
    std::filesystem::remove(folder);
}
