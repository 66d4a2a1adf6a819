#include "cli/database_project.hpp"
#include "commands/registry.hpp"
#include "support/fake_bin.hpp"

#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

using Arguments = std::vector<std::string>;

/// What each command needs besides its name to get past the parser, in its most harmful form.
Arguments fenced_arguments(const std::string& command)
{
    static const std::map<std::string, Arguments> more = {
        {"connect", {"--write"}},
        {"copies", {"--prune"}},
        {"lambda", {"invoke", "event.json"}},
        {"mark", {"--as", "dev"}},
        {"query", {"users/show", "--write"}},
        {"rds", {"create"}},
        {"save", {"kept"}},
        {"server", {"start"}},
        {"sql", {"delete from users", "--write"}},
    };
    Arguments arguments = {command};
    const auto found = more.find(command);
    if (found != more.end()) {
        arguments.insert(arguments.end(), found->second.begin(), found->second.end());
    }
    return arguments;
}

} // namespace

TEST_CASE("CRUDCTL_ONLY keeps every command from every other profile")
{
    SampleProject project;
    project.set_variable("CONNECTION_URL", "postgresql://ann@127.0.0.1:1/cruddur");
    project.set_variable("PROD_CONNECTION_URL", "postgresql://ann@127.0.0.1:1/cruddur");
    project.write(".env", "CRUDCTL_ONLY=local,prod\n"); // lifts nothing
    for (const auto& entry : commands::registry()) {
        INFO(entry.name);
        Arguments arguments = fenced_arguments(entry.name);
        arguments.insert(arguments.begin(), {"-p", "prod"});
        const auto result =
            project.run_crudctl(arguments).with_variable("CRUDCTL_ONLY", "local").result();
        INFO(result.err);
        CHECK(result.exit_code == 5);
        CHECK(result.out.empty());
        CHECK(contains(result.err, "profile \"prod\" is not used: CRUDCTL_ONLY=local in the "
                                   "environment allows only the profile \"local\". Nothing was "
                                   "contacted"));
    }
}

TEST_CASE("CRUDCTL_ONLY lets the profiles that it names through")
{
    const DatabaseProject fixture;
    const auto exit_code = [&](const Arguments& arguments, const std::string& only) {
        return fixture.run(arguments).with_variable("CRUDCTL_ONLY", only).result().exit_code;
    };
    CHECK(exit_code({"sessions"}, "local") == 0);
    CHECK(exit_code({"sessions"}, " test , local ") == 0);
    CHECK(exit_code({"sessions"}, "") == 0); // unset
    CHECK(exit_code({"sessions"}, ",") == 5);
    CHECK(exit_code({"sessions"}, "Local") == 5);
    CHECK(exit_code({}, "prod") == 5);
    CHECK(exit_code({"url"}, "prod") == 5);
    // The profile that a variable names is held back as well.
    CHECK(fixture.run({"sessions"})
              .with_variable("CRUDCTL_ONLY", "local")
              .with_variable("CRUDCTL_PROFILE", "prod")
              .result()
              .exit_code == 5);
}

TEST_CASE("the profile that only AWS's settings lead to is held back, too")
{
    SampleProject project;
    project.write("crudctl.toml", "[profiles.local]\nown_server = true\n[profiles.prod]\n"
                                  "url = '${PROD_CONNECTION_URL}'\n"
                                  "[profiles.prod.aws]\nregion = 'eu-west-1'\n"
                                  "instance = 'db-1'\n");
    for (const Arguments& arguments : {Arguments{"rds", "status"}, Arguments{"update-sg-rule"}}) {
        const auto result =
            project.run_crudctl(arguments).with_variable("CRUDCTL_ONLY", "local").result();
        INFO(result.err);
        CHECK(result.exit_code == 5);
        CHECK(contains(result.err, "profile \"prod\" is not used"));
    }
}

TEST_CASE("CRUDCTL_READ_ONLY keeps every command from doing more than read")
{
    SampleProject project;
    project.set_variable("CONNECTION_URL", "postgresql://ann@127.0.0.1:1/cruddur");
    project.write(".env", "CRUDCTL_READ_ONLY=0\n"); // lifts nothing
    for (const auto& entry : commands::registry()) {
        const Arguments arguments = fenced_arguments(entry.name);
        const bool reads = entry.command_class == commands::CommandClass::reads &&
                           entry.name != "connect"; // with --write
        INFO(entry.name);
        for (const bool is_dry_run : {false, true}) {
            Arguments words = arguments;
            if (is_dry_run) {
                words.emplace_back("--dry-run");
            }
            const auto result =
                project.run_crudctl(words).with_variable("CRUDCTL_READ_ONLY", "1").result();
            INFO(result.err);
            CHECK((result.exit_code == 5) == !reads);
            CHECK(contains(result.err, "CRUDCTL_READ_ONLY=1 in the environment allows reading "
                                       "only") == !reads);
        }
    }
}

TEST_CASE("with CRUDCTL_READ_ONLY the actions that read still do")
{
    const DatabaseProject fixture;
    const auto run = [&](const Arguments& arguments) {
        return fixture.run(arguments).with_variable("CRUDCTL_READ_ONLY", "1").result();
    };
    fixture.expect({"setup"}, 0);
    for (const Arguments& arguments :
         {Arguments{"status"}, Arguments{"copies"}, Arguments{"mark"}, Arguments{"history"},
          Arguments{"query", "--list"}, Arguments{"query", "users/short", "handle=ada"},
          Arguments{"init", "--print"}, Arguments{"server", "status"}, Arguments{"config"}}) {
        const auto result = run(arguments);
        INFO(arguments.front() << "\n" << result.err);
        CHECK(result.exit_code == 0);
    }
    fixture.project.write("sql/queries/clear.sql", "delete from users");
    const auto writing = run({"query", "clear"});
    CHECK(writing.exit_code == 5);
    CHECK(contains(writing.err, "sql/queries/clear.sql is not run: CRUDCTL_READ_ONLY=1"));
    CHECK(fixture.ask("select count(*) > 0 from users") == "t");
}

TEST_CASE("with a fence psql is a person's alone, and only reads where that is asked for")
{
    const DatabaseProject fixture;
    const auto session = fixture.run({"connect"})
                             .with_variable("CRUDCTL_READ_ONLY", "1")
                             .with_terminal()
                             .expect("allows reading only")
                             .type("create table t ();\n")
                             .expect("read-only transaction")
                             .type("\\q\n")
                             .result();
    INFO(session.screen);
    CHECK(session.exit_code == 0);
    for (const char* fence : {"CRUDCTL_READ_ONLY", "CRUDCTL_ONLY"}) {
        const auto run = [&](const Arguments& arguments) {
            return fixture.run(arguments)
                .with_variable(fence, std::string(fence) == "CRUDCTL_ONLY" ? "local" : "1")
                .with_input("begin read write; create table t ();")
                .result();
        };
        for (const Arguments& arguments :
             {Arguments{"connect"}, Arguments{"connect", "--write"},
              Arguments{"connect", "--", "-X", "-c", "begin read write; create table t ()"},
              Arguments{"connect", "--", "-d", "x"}}) {
            const auto result = run(arguments);
            INFO(fence << ": " << arguments.back() << "\n" << result.err);
            CHECK(result.exit_code == 5);
        }
    }
    CHECK(fixture.ask("select to_regclass('t') is null") == "t");
}

TEST_CASE("doctor shows the fences, and none of .env")
{
    DatabaseProject fixture;
    const auto fenced = fixture.run({"doctor"})
                            .with_variable("CRUDCTL_ONLY", "local,test")
                            .with_variable("CRUDCTL_READ_ONLY", "yes")
                            .result();
    INFO(fenced.err);
    CHECK(fenced.exit_code == 0);
    CHECK(contains(fenced.out, "Fence"));
    CHECK(contains(fenced.out, "CRUDCTL_ONLY=local,test in the environment allows only"));
    CHECK(contains(fenced.out, "CRUDCTL_READ_ONLY=yes in the environment allows reading only"));
    fixture.project.write(".env", "CRUDCTL_ONLY=prod\nCRUDCTL_READ_ONLY=1\n");
    const auto free = fixture.run({"doctor"}).result();
    CHECK(free.exit_code == 0);
    CHECK_FALSE(contains(free.out, "CRUDCTL_"));
}
