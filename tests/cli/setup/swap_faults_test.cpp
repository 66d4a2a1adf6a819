#include "cli/setup/swap_project.hpp"
#include "support/own_server.hpp"
#include "support/temp_role.hpp"

#include <chrono>
#include <future>
#include <string>
#include <thread>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

void run_as_admin(const std::string& sql)
{
    pg::Connection(TestCluster::running().info()).exec_script(sql);
}

/// As an interrupted DROP DATABASE leaves it.
void make_invalid(const std::string& name)
{
    run_as_admin(
        fmt::format("update pg_database set datconnlimit = -2 where datname = '{}'", name));
}

/// Something worth keeping stands there.
struct OldProject : SwapProject {
    OldProject()
    {
        expect_done({"setup"});
        make_old();
    }
    std::string confirmation() const { return database.name() + "@local"; }
    std::string everything() const { return databases() + ' ' + copies() + ' ' + state(); }
};

} // namespace

TEST_CASE("what an interrupted DROP left is refused by what would set it aside, and drop drops it")
{
    OldProject fixture;
    fixture.expect_done({"save", "demo"});
    make_invalid(fixture.database.name());
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{"setup"}, {"undo"}, {"undo", "demo"}}) {
        const CliResult refused = fixture.run_directly(arguments);
        CHECK(refused.exit_code == 5);
        CHECK(contains(refused.err, "what an interrupted DROP DATABASE left"));
        CHECK(contains(refused.err, "hint: crudctl drop"));
    }
    CHECK(fixture.databases() == fixture.database.name());
    fixture.expect_done({"drop", "--confirm", fixture.confirmation()});
    CHECK(fixture.databases().empty());
    fixture.expect_done({"undo", "demo"});
    CHECK(fixture.state() == SwapProject::whole_old);
}

TEST_CASE("a copy that an interrupted DROP left is not brought back, and can be deleted")
{
    OldProject fixture;
    make_invalid(fixture.copies());
    const CliResult refused = fixture.run_directly({"undo"});
    CHECK(refused.exit_code == 5);
    CHECK(contains(refused.err, "what an interrupted DROP DATABASE left"));
    CHECK(contains(refused.err, "crudctl copies --delete"));
    CHECK(fixture.state() == SwapProject::whole_old);
    fixture.expect_done(
        {"copies", "--delete", fixture.copies(), "--confirm", fixture.confirmation()});
    CHECK(fixture.copies().empty());
}

TEST_CASE("a copy's name that somebody else's database has is refused, and nothing is left")
{
    OldProject fixture;
    run_as_admin(fmt::format("create database {}__saved_demo", fixture.database.name()));
    const std::string before = fixture.everything();
    const CliResult refused = fixture.run_directly({"save", "demo"});
    CHECK(refused.exit_code == 5);
    CHECK(contains(refused.err, fixture.database.name() + "__saved_demo"));
    CHECK(fixture.everything() == before);
}

TEST_CASE("a session that the role may not end is named, and everything stays as it was")
{
    const TempRole role("login createdb");
    OldProject fixture;
    const std::string& name = fixture.database.name();
    run_as_admin(fmt::format("alter database {0} owner to {1}", name, role.name()));
    fixture.project.set_variable(
        "CONNECTION_URL",
        fixture.database.info().with("user", role.name()).url(pg::ConnInfo::ShowPassword::no));
    pg::Connection admin(fixture.database.info().with("application_name", "backup"));
    const std::string before = fixture.everything();
    const auto command = GENERATE(as<std::string>(), "setup", "drop", "save demo");
    const CliResult busy = command == "save demo"
                               ? fixture.DatabaseProject::run({"save", "demo"}).result()
                               : fixture.DatabaseProject::run({command}).result();
    INFO(busy.err);
    CHECK(busy.exit_code == 9);
    CHECK(contains(busy.err, "backup as postgres (pid "));
    CHECK(contains(busy.err, "nothing was changed"));
    CHECK(fixture.everything() == before);
    CHECK(admin.exec("select 1").scalar() == "1");
}

TEST_CASE("of two runs at once both win, one after the other, or one says that it was too late")
{
    OldProject fixture;
    fixture.expect_done({"setup"}); // so that an undo, too, leads to one of the two
    fixture.make_old();
    fixture.project.set_variable("CONNECTION_URL", fixture.database.url());
    const auto command = GENERATE(as<std::string>(), "setup", "drop", "undo");
    for (int round = 0; round < 5; ++round) {
        const auto run = [&](const std::string& which) {
            return std::async(std::launch::async, [&fixture, which] {
                return fixture.DatabaseProject::run({which}).result();
            });
        };
        auto first = run("setup");
        auto second = run(command);
        const CliResult one = first.get();
        const CliResult other = second.get();
        INFO(one.err << other.err);
        CHECK((one.exit_code == 0 || one.exit_code == 9));
        CHECK((other.exit_code == 0 || other.exit_code == 9));
        CHECK((one.exit_code == 0 || other.exit_code == 0));
        CHECK_FALSE(contains(fixture.databases(), "__next_"));
        if (fixture.state() == SwapProject::nothing) {
            fixture.expect_done({"undo"});
        }
        CHECK((fixture.state() == SwapProject::whole_new ||
               fixture.state() == SwapProject::whole_old));
    }
}

TEST_CASE("a setup and a copy that somebody makes of the database do not disturb each other")
{
    OldProject fixture;
    fixture.project.set_variable("CONNECTION_URL", fixture.database.url());
    const std::string copy = fixture.database.name() + "__mine";
    for (int round = 0; round < 5; ++round) {
        auto setup = std::async(std::launch::async, [&fixture] {
            return fixture.DatabaseProject::run({"setup"}).result();
        });
        std::string refusal; // where the database had no name in that very moment, or was in use
        try {
            std::this_thread::sleep_for(std::chrono::milliseconds(20 * round));
            run_as_admin(
                fmt::format("create database {} template {}", copy, fixture.database.name()));
        } catch (const pg::ServerError& error) {
            refusal = error.what();
        }
        const CliResult result = setup.get();
        INFO(result.err << refusal);
        CHECK((result.exit_code == 0 || result.exit_code == 9));
        const std::string state = fixture.state();
        CHECK(state == (result.exit_code == 0 ? SwapProject::whole_new : SwapProject::whole_old));
        CHECK_FALSE(contains(fixture.databases(), "__next_"));
        run_as_admin("drop database if exists " + copy);
        fixture.make_old();
    }
}

TEST_CASE("a replication client in the database is named, and ended by the swap")
{
    OldProject fixture;
    fixture.project.set_variable("CONNECTION_URL", fixture.database.url());
    const pg::Connection walsender(
        fixture.database.info().with("replication", "database").with("application_name", "cdc"));
    const CliResult result = fixture.expect({"setup"}, 0);
    CHECK(contains(result.err, "the sessions of cdc (1)"));
    CHECK(contains(result.err, "ended 1 session"));
    CHECK(fixture.state() == SwapProject::whole_new);
}

TEST_CASE("undo brings back what was set aside last, though the server's clock jumped back since")
{
    OldProject fixture;
    fixture.expect_done({"setup"});
    const std::string first = fixture.copies();
    run_as_admin(fmt::format(
        R"(do $do$
declare
    name text := (select datname from pg_database where datname like '{}\_\_prev%'
                   order by oid desc limit 1);
    line text := shobj_description((select oid from pg_database where datname = name),
                                   'pg_database');
begin
    execute format('comment on database %I is %L', name,
                   replace(line, to_char(now() at time zone 'UTC', 'YYYY'), '2199'));
end $do$)",
        fixture.database.name()));
    fixture.make_old();
    fixture.expect_done({"setup"});
    fixture.expect_done({"undo"});
    CHECK(fixture.state() == SwapProject::whole_old);
    CHECK(contains(fixture.copies(), first.substr(first.rfind(' ') + 1)));
}

TEST_CASE("who renames the database while a new one is built keeps it, and the run says so")
{
    OldProject fixture;
    const std::string name = fixture.database.name();
    fixture.project.set_variable("CONNECTION_URL", fixture.database.url());
    fixture.project.write("schema.sql", "create table people (id int primary key, word text);\n"
                                        "create table visits (id int);\nselect pg_sleep(2);\n");
    auto running = std::async(std::launch::async, [&fixture] {
        return fixture.DatabaseProject::run({"setup"}).result();
    });
    REQUIRE(eventually([&] { return contains(fixture.databases(), "__next_"); }));
    run_as_admin(fmt::format("alter database {0} rename to {0}__mine", name));
    pg::Connection(TestCluster::running().info())
        .exec(fmt::format("create database {0} template {0}__mine", name));
    const CliResult result = running.get();
    INFO(result.err);
    CHECK(result.exit_code == 9);
    CHECK(contains(result.err, "another database got the name"));
    CHECK(fixture.state() == SwapProject::whole_old);
    CHECK(fixture.databases() == name + " " + name + "__mine");
}
