#include "pg/connection.hpp"
#include "server/account.hpp"
#include "server/process_table.hpp"
#include "support/error.hpp"
#include "support/own_server.hpp"

#include <csignal>
#include <fstream>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace crudctl;
using crudctl::server::ServerState;
using crudctl::tests::eventually;
using crudctl::tests::OwnServer;

namespace fs = std::filesystem;

namespace {

/// The error that a start ends with.
Error error_of_start(OwnServer& project)
{
    try {
        project.start();
    } catch (const Error& error) {
        return error;
    }
    FAIL("the server started");
    std::abort();
}

void write_as_server(const OwnServer& project, const fs::path& path, const std::string& text)
{
    std::ofstream(path) << text;
    if (const auto account = server::account_of_data(project.data())) {
        REQUIRE(::chown(path.c_str(), account->user, account->group) == 0);
    }
}

/// In both files that a killed server leaves behind.
void write_pid_file(OwnServer& project, const std::string& text)
{
    const auto status = project.status();
    write_as_server(project, project.data() / "postmaster.pid", text);
    write_as_server(project, status.socket_directory / fmt::format(".s.PGSQL.{}.lock", status.port),
                    text);
}

std::string stale_pid_file(OwnServer& project, pid_t process)
{
    return fmt::format("{}\n{}\n1700000000\n{}\n{}\n127.0.0.1\n12345 67890\nready   \n", process,
                       project.data().string(), project.status().port,
                       (project.base() / "run").string());
}

bool has_leftovers(const OwnServer& project)
{
    for (const auto& entry : fs::directory_iterator(project.base())) {
        if (entry.path().filename().string().starts_with("initdb.")) {
            return true;
        }
    }
    return false;
}

/// True once a file of this name is in the folder that initdb works in.
bool initdb_has_made(const OwnServer& project, const std::string& name)
{
    std::error_code not_yet;
    for (const auto& entry : fs::directory_iterator(project.base(), not_yet)) {
        if (entry.path().filename().string().starts_with("initdb.") &&
            fs::exists(entry.path() / name, not_yet)) {
            return true;
        }
    }
    return false;
}

} // namespace

TEST_CASE("initdb killed at any time leaves nothing that looks like a server")
{
    const auto* reached = GENERATE("", "password", "data/PG_VERSION", "data/global/pg_control");
    CAPTURE(reached);
    OwnServer project;
    const pid_t child = tests::in_child([&] { project.start(); });
    REQUIRE(eventually([&] { return initdb_has_made(project, reached); }));
    ::kill(-child, SIGKILL);
    REQUIRE(tests::exit_code_of_child(child) == 128 + SIGKILL);
    CHECK(project.status().state == ServerState::absent);
    pg::Connection connection(project.start());
    CHECK(connection.exec("select count(*) from pg_database").scalar() == "3");
    CHECK_FALSE(has_leftovers(project));
}

TEST_CASE("an initdb that outlives its killed crudctl is in nobody's way")
{
    OwnServer project;
    const pid_t child = tests::in_child([&] { project.start(); });
    REQUIRE(eventually([&] { return initdb_has_made(project, "data/PG_VERSION"); }));
    ::kill(child, SIGKILL);
    REQUIRE(tests::exit_code_of_child(child) == 128 + SIGKILL);
    project.start();
    CHECK(project.status().state == ServerState::running);
}

TEST_CASE("a full disk in initdb is told in initdb's own words, and leaves nothing behind")
{
    OwnServer project;
    const pid_t child = tests::in_child([&] {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{65536, 65536};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        const Error error = error_of_start(project);
        const std::string message = error.what();
        ::_exit(error.code() == ExitCode::external &&
                        message.find("File too large") != std::string::npos
                    ? 0
                    : 1);
    });
    CHECK(tests::exit_code_of_child(child) == 0);
    CHECK(project.status().state == ServerState::absent);
    CHECK_FALSE(has_leftovers(project));
    project.start();
    CHECK(project.status().state == ServerState::running);
}

TEST_CASE("a server that was killed with a session open comes back with its data")
{
    OwnServer project;
    project.make();
    pg::Connection session(project.start());
    session.exec("create table kept (id int)");
    session.exec("insert into kept values (1)");
    session.exec("checkpoint");
    ::kill(static_cast<pid_t>(project.status().pid), SIGKILL);
    pg::Connection connection(project.start());
    CHECK(connection.exec("select count(*) from kept").scalar() == "1");
    CHECK(project.status().state == ServerState::running);
}

TEST_CASE("a server whose killed process left a busy session waits for that one to end")
{
    OwnServer project;
    project.make();
    pg::Connection session(project.start());
    // A backend that is busy computing doesn't notice that its server died.
    session.start_script("select count(*) from generate_series(1, 4000000)");
    REQUIRE_FALSE(session.script_is_done(std::chrono::milliseconds(50)));
    ::kill(static_cast<pid_t>(project.status().pid), SIGKILL);
    pg::Connection connection(project.start());
    CHECK(connection.exec("select 1").scalar() == "1");
}

TEST_CASE("a stale postmaster.pid of any kind does not keep the server from starting")
{
    OwnServer project;
    project.make();
    project.start();
    project.instance().stop();
    SECTION("it names a process that is gone")
    {
        write_pid_file(project, stale_pid_file(project, 2147483646));
        project.start();
    }
    SECTION("it names another program of the same account")
    {
        const pid_t sleeper =
            project.processes().start_detached({{"sleep", "600"},
                                                project.options.environment,
                                                "/",
                                                server::account_of_data(project.data()),
                                                "/dev/null"});
        write_pid_file(project, stale_pid_file(project, sleeper));
        CHECK(project.status().state == ServerState::stopped);
        CHECK_FALSE(project.instance().stop());
        project.start();
        CHECK_FALSE(project.processes().ended(sleeper));
        ::kill(sleeper, SIGKILL);
        tests::exit_code_of_child(sleeper);
    }
    SECTION("it names a program of another account")
    {
        write_pid_file(project, stale_pid_file(project, 1));
        project.start();
    }
    SECTION("it names ourselves")
    {
        write_pid_file(project, stale_pid_file(project, ::getpid()));
        project.start();
    }
    SECTION("it is garbage")
    {
        write_pid_file(project, "what\nis\nthis\n");
        project.start();
    }
    SECTION("it is empty")
    {
        write_pid_file(project, "");
        project.start();
    }
    CHECK(project.status().state == ServerState::running);
}

TEST_CASE("a server that hangs is reported with its process, and its data are left alone")
{
    OwnServer project;
    project.make();
    project.start();
    const auto process = static_cast<pid_t>(project.status().pid);
    const auto generous = project.options.timeouts;
    project.options.timeouts.answer = std::chrono::seconds(1);
    project.options.timeouts.vacate = std::chrono::milliseconds(200);
    ::kill(process, SIGSTOP);
    CHECK(project.status().state == ServerState::broken);
    const Error error = error_of_start(project);
    ::kill(process, SIGCONT);
    project.options.timeouts = generous;
    CHECK(error.code() == ExitCode::busy);
    CHECK_THAT(error.what(), Catch::Contains(std::to_string(process)));
    project.start();
    CHECK(project.status().pid == process);
}

TEST_CASE("a server whose socket folder vanished is reached over TCP instead of started twice")
{
    OwnServer project;
    project.make();
    project.start();
    const auto process = project.status().pid;
    fs::remove_all(project.base() / "run");
    pg::Connection connection(project.start());
    CHECK(connection.exec("select 1").scalar() == "1");
    CHECK(project.status().state == ServerState::running);
    CHECK(project.status().pid == process);
    CHECK(project.instance().stop());
    CHECK(project.start().is_unix_socket());
}

TEST_CASE("a server that was started but not yet recorded is found by its own file")
{
    OwnServer project;
    project.make();
    project.start();
    const auto process = project.status().pid;
    fs::remove(project.base() / "state");
    project.start();
    CHECK(project.status().pid == process);
}

TEST_CASE("data of another major version are kept, and both versions are named")
{
    OwnServer project;
    project.make();
    project.start();
    project.instance().stop();
    const auto version = project.status().version;
    std::ofstream(project.data() / "PG_VERSION") << "9\n";
    const Error error = error_of_start(project);
    CHECK(error.code() == ExitCode::failed);
    CHECK_THAT(error.what(), Catch::Contains("Postgres 9,") && Catch::Contains(version));
    CHECK(project.status().state == ServerState::broken);
    CHECK(fs::exists(project.data() / "global/pg_control"));
}

TEST_CASE("a data directory that others may enter is refused, and its mode is left alone")
{
    OwnServer project;
    project.make();
    project.start();
    project.instance().stop();
    REQUIRE(::chmod(project.data().c_str(), 0755) == 0);
    const Error error = error_of_start(project);
    CHECK(error.code() == ExitCode::failed);
    CHECK_THAT(error.what(), Catch::Contains("0755"));
    CHECK(fs::status(project.data()).permissions() == fs::perms(0755));
}

TEST_CASE("a server that cannot start shows the last lines of its log, made printable")
{
    OwnServer project;
    project.make();
    project.start();
    project.instance().stop();
    std::ofstream(project.data() / "postgresql.conf", std::ios::app)
        << "max_connections = '\x1b['\n";
    const Error error = error_of_start(project);
    CHECK(error.code() == ExitCode::external);
    CHECK_THAT(error.what(), Catch::Contains("max_connections"));
    CHECK(std::string(error.what()).find('\x1b') == std::string::npos);
    CHECK_THAT(error.hint(), Catch::Contains((project.base() / "log").string()));
}
