#include "cli/database_project.hpp"
#include "support/proxy.hpp"
#include "support/system/file.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

/// A database that is filled, and that `prod` leads to; `local` leads nowhere.
struct SameDatabaseProject : DatabaseProject {
    SameDatabaseProject()
    {
        REQUIRE(run({"setup"}).result().exit_code == 0);
        project.set_variable("CONNECTION_URL", "");
        project.set_variable("PROD_CONNECTION_URL", database.url());
    }
    void refuses_local() const
    {
        project.write("sql/adds.sql", "insert into users select gen_random_uuid(), 'A', 'a_new', "
                                      "'a@b', 'a-new', now();\n");
        for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
                 {"drop"},
                 {"setup"},
                 {"undo"},
                 {"save", "a"},
                 {"seed", "-f", "sql/adds.sql"},
                 {"schema-load", "-f", "sql/adds.sql", "--via", "psql"},
                 {"schema-load", "-f", "sql/adds.sql"}}) {
            const auto result = run(command).result();
            INFO(result.err);
            CHECK(result.exit_code == 5);
            CHECK(contains(result.err, "\"local\" (local · "));
            CHECK(contains(result.err, "of \"prod\" ("));
            CHECK(contains(result.err, "nothing was changed"));
        }
        CHECK(ask("select count(*) from users") == "3");
    }
    std::string seen() const { return project.home() / ".local/state/crudctl/protected.jsonl"; }
};

} // namespace

TEST_CASE("a profile with the same database as a protected one may not destroy it")
{
    SameDatabaseProject fixture;
    REQUIRE(fixture.run({"drop", "prod", "--confirm", fixture.database.name() + "@prod"})
                .with_terminal()
                .result()
                .exit_code == 0);
    REQUIRE(fixture.run({"undo", "-p", "prod"}).result().exit_code == 0);
    fixture.project.set_variable(
        "CONNECTION_URL",
        fixture.database.tcp_info().with("host", "localhost").url(pg::ConnInfo::ShowPassword::yes));
    fixture.refuses_local();
    CHECK(fixture.run({"create"}).result().exit_code == 0);
    const std::vector<std::string> write = {"query",       "users/create",      "cognito_user_id=1",
                                            "handle=dora", "display_name=Dora", "email=dora@x.y"};
    CHECK_FALSE(contains(fixture.expect(write, 5).err, "--write"));
    CHECK(fixture.ask("select count(*) from users") == "3");

    pg::Connection(fixture.database.info())
        .exec_script("drop table activities, users; drop function author, expiry");
    CHECK(fixture.run({"ensure"}).result().exit_code == 7);
    CHECK(fixture.ask("select to_regclass('users') is null") == "t");
}

TEST_CASE("a profile with the same database as a protected one may not make it either")
{
    SameDatabaseProject fixture;
    fixture.project.set_variable("CONNECTION_URL", fixture.database.url());
    pg::Connection(TestCluster::running().info())
        .exec(fmt::format("drop database {} with (force)", fixture.database.name()));
    CHECK(contains(fixture.expect({"setup"}, 5).err, "of \"prod\" ("));
    CHECK(fixture.databases().empty());
}

TEST_CASE("what was seen as prod stays prod through a tunnel, marked or not")
{
    SameDatabaseProject fixture;
    const Proxy tunnel(std::stoi(TestCluster::running().port()));
    REQUIRE(fixture.run({"status", "prod"}).result().exit_code == 0);
    fixture.project.set_variable("PROD_CONNECTION_URL", "");
    fixture.project.set_variable("CONNECTION_URL", fixture.database.tcp_info()
                                                       .with("port", tunnel.port())
                                                       .url(pg::ConnInfo::ShowPassword::yes));
    fixture.refuses_local();
    SECTION("nor is it another one because it lost its marker")
    {
        pg::Connection(fixture.database.info())
            .exec(fmt::format("comment on database {} is null", fixture.database.name()));
        fixture.refuses_local();
    }
    SECTION("nor where the project's .env names another state folder")
    {
        fixture.project.write(".env", "XDG_STATE_HOME=" + fixture.project.root().string() + "\n");
        fixture.refuses_local();
    }
    SECTION("until its marker says that it is something else")
    {
        const auto unasked = fixture.run({"mark", "local", "--as", "staging"}).result();
        CHECK(unasked.exit_code == 5);
        fixture.refuses_local();
        const std::string phrase = fixture.database.name() + "@local";
        REQUIRE(fixture.run({"mark", "--as", "staging"})
                    .with_terminal(200)
                    .expect("of \"prod\" (")
                    .expect("Type " + phrase)
                    .type(phrase + "\n")
                    .result()
                    .exit_code == 0);
        CHECK(fixture.run({"drop"}).result().exit_code == 0);
    }
}

TEST_CASE("a protected profile that was never seen is looked at before anything is destroyed")
{
    SameDatabaseProject fixture;
    const Proxy tunnel(std::stoi(TestCluster::running().port()));
    fixture.project.set_variable("CONNECTION_URL", fixture.database.tcp_info()
                                                       .with("port", tunnel.port())
                                                       .url(pg::ConnInfo::ShowPassword::yes));
    const auto refused = fixture.run({"setup"}).result();
    CHECK(refused.exit_code == 5);
    CHECK(contains(refused.err, "of \"prod\" ("));
    CHECK_FALSE(contains(refused.err, "mark"));
    CHECK(fixture.run({"mark", "--as", "dev"}).result().exit_code == 5);
    CHECK(fixture.run({"drop", "--purge", "--confirm", fixture.database.name() + "@local"})
              .result()
              .exit_code == 5);
    CHECK(fixture.ask("select count(*) from users") == "3");
}

TEST_CASE("a protected profile that leads elsewhere is looked at once, and keeps nobody")
{
    SameDatabaseProject fixture;
    const TempDatabase other;
    fixture.project.set_variable("PROD_CONNECTION_URL", other.url());
    fixture.project.set_variable("CONNECTION_URL", fixture.database.url());
    const auto first = fixture.run({"setup"}).result();
    CHECK(first.exit_code == 0);
    CHECK(contains(read_file(fixture.seen(), 1U << 20U).text, other.name()));
    CHECK(fixture.run({"setup"}).result().exit_code == 0);
    const std::string text = read_file(fixture.seen(), 1U << 20U).text;
    CHECK(std::count(text.begin(), text.end(), '\n') == 1);
}

TEST_CASE("a protected profile that cannot be reached is compared by its address, said once")
{
    SameDatabaseProject fixture;
    fixture.project.set_variable("CONNECTION_URL", fixture.database.url());
    const pg::ConnInfo info = fixture.database.tcp_info();
    SECTION("elsewhere")
    {
        fixture.project.set_variable("PROD_CONNECTION_URL",
                                     info.with("port", "1").url(pg::ConnInfo::ShowPassword::yes));
        const auto first = fixture.run({"setup"}).result();
        CHECK(first.exit_code == 0);
        CHECK(contains(first.err, "could not be looked at"));
        const auto second = fixture.run({"setup"}).result();
        CHECK(second.exit_code == 0);
        CHECK_FALSE(contains(second.err, "could not be looked at"));
    }
    SECTION("the same address, where nobody is let in")
    {
        fixture.project.set_variable("PROD_CONNECTION_URL",
                                     info.with("host", "127.0.0.1")
                                         .with("user", "nobody_here")
                                         .url(pg::ConnInfo::ShowPassword::yes));
        fixture.project.set_variable("CONNECTION_URL", // as getaddrinfo() reads an address
                                     info.with("host", "127.1")
                                         .with("sslmode", "disable")
                                         .url(pg::ConnInfo::ShowPassword::yes));
        CHECK(fixture.run({"setup"}).result().exit_code == 5);
        CHECK(fixture.run({"setup"}).result().exit_code == 5); // by what was kept
    }
}

TEST_CASE("the program that gives a protected profile's password is not run for a look")
{
    SameDatabaseProject fixture;
    fixture.project.set_variable("CONNECTION_URL", fixture.database.url());
    fixture.project.set_variable("PROD_CONNECTION_URL", "postgresql://p@127.0.0.1:1/elsewhere");
    fixture.project.write("crudctl.toml", "[project]\nschema = [\"sql/schema.sql\"]\nseeds = []\n"
                                          "[profiles.local]\nurl = \"${CONNECTION_URL}\"\n"
                                          "[profiles.prod]\nurl = \"${PROD_CONNECTION_URL}\"\n"
                                          "password_command = [\"touch\", \"was_run\"]\n");
    const auto result = fixture.run({"setup"}).result();
    CHECK(result.exit_code == 0);
    CHECK(contains(result.err, "take a program to be run"));
    CHECK_FALSE(std::filesystem::exists(fixture.project.root() / "was_run"));
}

TEST_CASE("what a person marked is not looked for elsewhere")
{
    SameDatabaseProject fixture;
    fixture.project.set_variable("CONNECTION_URL", fixture.database.url());
    fixture.project.set_variable("PROD_CONNECTION_URL", "");
    REQUIRE(fixture.run({"mark", "--as", "dev"}).result().exit_code == 0);
    fixture.project.set_variable("PROD_CONNECTION_URL", "postgresql://p@127.0.0.1:1/elsewhere");
    const auto result = fixture.run({"setup"}).result();
    CHECK(result.exit_code == 0);
    CHECK_FALSE(contains(result.err, "could not be looked at"));
}

TEST_CASE("another database of a server with a protected one is free")
{
    const SameDatabaseProject fixture;
    REQUIRE(fixture.run({"status", "prod"}).result().exit_code == 0);
    const SameDatabaseProject other;
    other.run({"status", "prod"}).result();
    CliCall call = fixture.run({"drop"});
    call.with_variable("CONNECTION_URL", other.database.url());
    CHECK(call.result().exit_code == 0);
}

TEST_CASE("where what was seen cannot be read, the answer is no, and it says that it cannot check")
{
    SameDatabaseProject fixture;
    fixture.project.set_variable("CONNECTION_URL", fixture.database.url());
    fixture.project.set_variable("PROD_CONNECTION_URL", "");
    std::filesystem::create_directories(fixture.seen());
    const auto result = fixture.run({"drop"}).result();
    CHECK(result.exit_code == 5);
    CHECK(contains(result.err, "could not check"));
    CHECK(fixture.ask("select count(*) from users") == "3");
}

TEST_CASE("a protected database is kept in mind once, without its password")
{
    const SameDatabaseProject fixture;
    fixture.run({"status", "prod"}).result();
    fixture.run({"status", "prod"}).result();
    const std::string text = read_file(fixture.seen(), 1U << 20U).text;
    CHECK(std::count(text.begin(), text.end(), '\n') == 1);
    CHECK(contains(text, fixture.database.name()));
    CHECK_FALSE(contains(text, TestCluster::running().password()));
    fixture.run({"mark", "prod", "--as", "prod"}).result();
    fixture.run({"status", "prod"}).result();
    const std::string later = read_file(fixture.seen(), 1U << 20U).text;
    CHECK(std::count(later.begin(), later.end(), '\n') == 2);
}
