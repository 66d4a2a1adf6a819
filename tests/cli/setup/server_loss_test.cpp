#include "cli/database_project.hpp"
#include "server/account.hpp"
#include "support/own_server.hpp"
#include "support/root_only.hpp"
#include "support/standby.hpp"
#include "support/temp_folder.hpp"
#include "support/throw_away_server.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <future>
#include <stdexcept>

#include <sys/mount.h>
#include <unistd.h>

// What a server runs out of, or what takes its place, while it works for us.

using namespace crudctl;
using namespace crudctl::tests;

namespace {

/// A file system of so many megabytes, with a folder that the servers own.
class SmallDisk {
public:
    explicit SmallDisk(int megabytes)
    {
        if (::mount("tmpfs", m_folder.path().c_str(), "tmpfs", 0, size(megabytes).c_str()) != 0) {
            throw std::runtime_error("cannot mount a small disk");
        }
        std::filesystem::create_directory(data());
        const auto account = server::account_of_data(TestCluster::running().pristine_data());
        if (account && ::chown(data().c_str(), account->user, account->group) != 0) {
            throw std::runtime_error("cannot give a folder away");
        }
    }
    ~SmallDisk() { ::umount2(m_folder.path().c_str(), MNT_DETACH); }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    std::filesystem::path data() const { return m_folder / "data"; }
    void grow_to(int megabytes) const
    {
        if (::mount("tmpfs", m_folder.path().c_str(), "tmpfs", MS_REMOUNT,
                    size(megabytes).c_str()) != 0) {
            throw std::runtime_error("cannot enlarge a small disk");
        }
    }

private:
    static std::string size(int megabytes) { return fmt::format("size={}m", megabytes); }

    TempFolder m_folder{0755};
};

/// A tablespace of the test cluster on a small disk. Has to outlive the databases that use it.
class SmallTablespace {
public:
    SmallTablespace()
    {
        server().exec("create tablespace " + name() + " location '" + m_disk.data().string() + "'");
    }
    ~SmallTablespace() { server().exec("drop tablespace " + name()); }
    SmallTablespace(const SmallTablespace&) = delete;
    SmallTablespace& operator=(const SmallTablespace&) = delete;

    static std::string name() { return fmt::format("small_disk_{}", ::getpid()); }

private:
    static pg::Connection server() { return pg::Connection(TestCluster::running().info()); }

    SmallDisk m_disk{8};
};

/// The sample, set up on a server of its own.
struct LostServer {
    explicit LostServer(const std::filesystem::path& wal = {})
        : server({"min_wal_size = 32MB\nmax_wal_size = 32MB\nwal_recycle = off", "", nullptr, wal})
    {
        project.set_variable("CONNECTION_URL", app().url(pg::ConnInfo::ShowPassword::no));
        REQUIRE(project.run_crudctl({"setup"}).result().exit_code == 0);
    }

    pg::ConnInfo app() const { return server.info().with_database("app"); }
    std::string ask(const std::string& sql) const
    {
        return pg::Connection(app()).exec(sql).scalar().value_or("null");
    }
    std::string unfinished() const
    {
        return ask("select count(*) from pg_database where datname ~ '__next_'");
    }
    /// The next run finds what this one left, and leaves nothing.
    void expect_recovery()
    {
        CHECK(ask("select count(*) from users") == "3");
        CHECK(ask("select to_regclass('big') is null") == "t");
        project.write("sql/schema.sql", "create table users (n int);\n");
        project.write("sql/seed.sql", "insert into users values (1);\n");
        const CliResult again = project.run_crudctl({"setup"}).result();
        INFO(again.err);
        CHECK(again.exit_code == 0);
        CHECK(ask("select count(*) from users") == "1");
        CHECK(unfinished() == "0");
    }

    ThrowAwayServer server;
    SampleProject project;
};

} // namespace

TEST_CASE("a disk that gets full while loading leaves the database as it was")
{
    if (!may_try_as_root("mount a small disk")) {
        return;
    }
    const SmallTablespace disk;
    const DatabaseProject fixture;
    REQUIRE(fixture.run({"setup"}).result().exit_code == 0);
    fixture.project.write("sql/schema.sql", "create table big (t text) tablespace " +
                                                SmallTablespace::name() +
                                                ";\nselect 1;\ninsert into big select "
                                                "repeat(md5(i::text), 30) from "
                                                "generate_series(1, 20000) i;\n");
    const auto command = GENERATE(values<std::vector<std::string>>({{"schema-load"}, {"setup"}}));
    const CliResult result = fixture.run(command).result();
    INFO(result.err);
    CHECK(result.exit_code == 1);
    CHECK(contains(result.err, "sql/schema.sql:3:1: error: could not extend file"));
    CHECK(contains(result.err, "(SQLSTATE 53100)"));
    CHECK(contains(result.err, fixture.database.name() + " is exactly as it was"));
    CHECK(fixture.ask("select count(*) from users") == "3");
    CHECK(fixture.ask("select to_regclass('big') is null") == "t");
    CHECK(fixture.databases() == fixture.database.name());
}

TEST_CASE("a disk that has no room for the write-ahead log leaves the database as it was")
{
    if (!may_try_as_root("mount a small disk")) {
        return;
    }
    const SmallDisk disk(40);
    LostServer lost(disk.data());
    lost.project.write("sql/schema.sql", "create table big (t text);\ninsert into big select "
                                         "repeat(md5(i::text), 30) from "
                                         "generate_series(1, 200000) i;\n");
    const auto command = GENERATE(values<std::vector<std::string>>({{"schema-load"}, {"setup"}}));
    const CliResult result = lost.project.run_crudctl(command).result();
    INFO(result.err);
    CHECK(result.exit_code == 1); // the server itself goes down then
    CHECK(contains(result.err, "lost the connection to the server"));
    // By the session's own server process, or by another one that takes all of them along.
    CHECK((contains(result.err, "(SQLSTATE 53100) (while sql/schema.sql:2 was running)") ||
           contains(result.err, "(while \"sql/schema.sql\" was being loaded)")));
    CHECK(contains(result.err, "app is exactly as it was"));
    lost.server.stop();
    disk.grow_to(400);
    lost.server.start();
    lost.expect_recovery();
}

TEST_CASE("a server whose standby takes over while setup builds has the old database")
{
    LostServer lost;
    Standby standby(lost.server);
    REQUIRE(standby.has_replayed("^app$"));
    lost.project.write("sql/schema.sql", "create table big ();\nselect pg_sleep(60);\n");
    auto run = std::async(std::launch::async,
                          [&] { return lost.project.run_crudctl({"setup"}).result(); });
    REQUIRE(standby.has_replayed("^app__next_"));
    lost.server.stop();
    standby.take_place_of(lost.server);
    const CliResult result = run.get();
    INFO(result.err);
    CHECK(result.exit_code == 1);
    CHECK(contains(result.err, "app is exactly as it was"));
    lost.expect_recovery();
}
