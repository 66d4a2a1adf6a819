#include "cli/proxy_project.hpp"
#include "support/temp_role.hpp"

#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace crudctl;
using namespace crudctl::tests;
using namespace std::chrono_literals;

namespace {

/// To outlive the databases that it has rights in.
struct WithRole {
    const TempRole role;
};

/// The sample, built, and a role that may be given something in it.
struct RightsProject : WithRole, ProxyProject {
    RightsProject() { expect({"setup"}, 0); }

    void give(const std::string& sql) const { pg::Connection(database.info()).exec_script(sql); }
    void as_prod()
    {
        project.set_variable("CONNECTION_URL", "");
        project.set_variable("PROD_CONNECTION_URL", database.url());
    }
    TerminalResult at_terminal(const std::vector<std::string>& arguments) const
    {
        return DatabaseProject::run(arguments).with_terminal(200).result();
    }
    nlohmann::json report_of(const std::vector<std::string>& arguments) const
    {
        return nlohmann::json::parse(expect(arguments, 0).out);
    }
    /// On a busy machine the sessions that were closed may be slow to go: the swap then calls
    /// another one to end them, which is not what is counted.
    void check_log_ins(int expected)
    {
        constexpr int attempts = 5;
        int log_ins = 0;
        for (int attempt = 0; attempt < attempts && log_ins != expected; ++attempt) {
            const auto [result, traffic] = run({"setup"}, {10ms, {}});
            REQUIRE(result.exit_code == 0);
            log_ins = traffic.log_ins;
        }
        CHECK(log_ins == expected);
    }
};

} // namespace

TEST_CASE("a grant that a protected database would lose stops setup, unless that is accepted")
{
    RightsProject fixture;
    fixture.give(fmt::format("grant select on users to {0};"
                             "grant update (handle) on users to {0};"
                             "create extension citext;"
                             "create table gone (); grant select on gone to {0};",
                             fixture.role.name()));
    fixture.as_prod();
    const std::string phrase = fixture.database.name() + "@prod";
    const auto refused = fixture.at_terminal({"setup", "prod", "--seed", "--confirm", phrase});
    INFO(refused.screen);
    CHECK(refused.exit_code == 5);
    CHECK(contains(refused.screen, "may SELECT on table public.users"));
    CHECK(contains(refused.screen, "2 grants would be lost"));
    CHECK(contains(refused.screen, "extension citext"));
    CHECK_FALSE(contains(refused.screen, "public.gone"));
    CHECK(fixture.ask("select to_regclass('gone') is not null") == "t");
    CHECK(fixture.databases() == fixture.database.name());
    const auto accepted = fixture.at_terminal(
        {"setup", "prod", "--seed", "--accept-lost-grants", "--confirm", phrase});
    CHECK(accepted.exit_code == 0);
    CHECK(fixture.ask("select to_regclass('gone') is null") == "t");
}

TEST_CASE("what a protected database grants counts as lost where nobody can log in to compare")
{
    RightsProject fixture;
    const std::string& name = fixture.database.name();
    fixture.as_prod();
    const auto allow = [&](const char* yes_or_no) {
        pg::Connection(TestCluster::running().info())
            .exec(fmt::format("alter database {} allow_connections {}", name, yes_or_no));
    };
    allow("false");
    const std::string phrase = name + "@prod";
    const auto refused = fixture.at_terminal({"setup", "prod", "--seed", "--confirm", phrase});
    INFO(refused.screen);
    CHECK(refused.exit_code == 5);
    CHECK(contains(refused.screen, "cannot be compared, and counts as lost"));
    CHECK(contains(refused.screen, "--accept-lost-grants"));
    CHECK(fixture.databases() == name);
    const auto accepted = fixture.at_terminal(
        {"setup", "prod", "--seed", "--accept-lost-grants", "--confirm", phrase});
    INFO(accepted.screen);
    CHECK(accepted.exit_code == 0);
    allow("true");
}

TEST_CASE("a grant that an unprotected database loses is told, in words and as JSON")
{
    RightsProject fixture;
    const std::string& role = fixture.role.name();
    const std::string told = fmt::format("role {} may SELECT on table public.users", role);
    fixture.give(fmt::format("grant select on users to {}", role));
    const CliResult result = fixture.expect({"setup"}, 0);
    CHECK(contains(result.err, told + " in the old one, but not in the new one"));
    CHECK(fixture.ask("select has_table_privilege('" + role + "', 'users', 'select')") == "f");

    fixture.expect({"undo"}, 0);
    const nlohmann::json lost = fixture.report_of({"setup", "--json"});
    CHECK(lost["lost_grants"] == nlohmann::json::array({told}));
    CHECK_FALSE(lost.contains("lost_parts"));
    const nlohmann::json second = fixture.report_of({"setup", "--json"});
    CHECK_FALSE(second.contains("lost_grants"));
}

TEST_CASE("a grant that the files give anew is not told as lost")
{
    RightsProject fixture;
    fixture.project.write(
        "sql/schema.sql",
        fmt::format("create table users (id int);\ngrant select on users to {};\n",
                    fixture.role.name()));
    fixture.expect({"setup", "--no-seed"}, 0);
    CHECK_FALSE(contains(fixture.expect({"setup", "--no-seed"}, 0).err, "old one, but"));
}

TEST_CASE("what else an unprotected database loses is told, too")
{
    RightsProject fixture;
    const std::string& role = fixture.role.name();
    const std::vector<std::pair<std::string, std::string>> losses = {
        {fmt::format("alter table users enable row level security;"
                     "create policy own on users to {} using (true)",
                     role),
         "row security on table public.users"},
        {fmt::format("create publication news; alter publication news owner to {}", role),
         "publication news"},
        {fmt::format("alter default privileges grant select on tables to {}", role),
         "default privileges of role postgres"},
    };
    const auto& [sql, told] = losses.at(GENERATE(0U, 1U, 2U));
    fixture.give(sql);
    const nlohmann::json report = fixture.report_of({"setup", "--json"});
    REQUIRE(report["lost_parts"].size() == 1);
    CHECK(contains(report["lost_parts"][0], told));
}

TEST_CASE("an old database that nobody can log in to is replaced, and said not to be compared")
{
    RightsProject fixture;
    fixture.give(fmt::format("grant select on users to {}", fixture.role.name()));
    pg::Connection(TestCluster::running().info())
        .exec(fmt::format("alter database {} allow_connections false", fixture.database.name()));
    const CliResult result = fixture.expect({"setup"}, 0);
    CHECK(contains(result.err, "lacks what the old one grants is not known"));
    pg::Connection(TestCluster::running().info())
        .exec(fmt::format("alter database {} allow_connections true", fixture.database.name()));
    CHECK(fixture.ask("select count(*) from users") == "3");
}

TEST_CASE("only where there is something to be lost does a comparison cost a log-in")
{
    RightsProject fixture;
    fixture.check_log_ins(2);
    fixture.project.write("sql/schema.sql",
                          "create table users (id int);\ngrant select on users to " +
                              fixture.role.name() + ";\n");
    fixture.project.write("sql/seed.sql", "insert into users values (1);\n");
    fixture.check_log_ins(3); // from the second on
}

TEST_CASE("the plan says that it compares, and what follows from it")
{
    RightsProject fixture;
    const std::string step = "compare grants, extensions and publications with the old one";
    CHECK_FALSE(contains(fixture.expect({"setup", "--dry-run"}, 0).out, step));
    fixture.give(fmt::format("grant select on users to {}", fixture.role.name()));
    CHECK(contains(fixture.expect({"setup", "--dry-run"}, 0).out, step + ", to tell what is lost"));
    fixture.as_prod();
    CHECK(contains(fixture.expect({"setup", "prod", "--dry-run"}, 0).out, step + "\n"));
}
