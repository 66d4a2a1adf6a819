#include "cli/database_project.hpp"

#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace crudctl;
using namespace crudctl::tests;

TEST_CASE("a file or a statement in the place of a profile is told as such")
{
    const DatabaseProject fixture;
    const auto hint = [&](const std::string& word) {
        return fixture.expect({"seed", word}, 3).err;
    };
    CHECK(contains(hint("csv/users.csv"), "is a file: crudctl seed -f csv/users.csv"));
    CHECK(contains(hint("db/more tables.sql"), "crudctl schema-load -f 'db/more tables.sql'"));
    CHECK(contains(hint("select 1"), "crudctl sql 'select 1'"));
    CHECK(contains(hint("lcoal"), "did you mean \"local\"?"));
}

TEST_CASE("a profile's name is no copy's, unless --name says so")
{
    DatabaseProject fixture;
    fixture.project.set_variable("PROD_CONNECTION_URL", "postgresql://ann@127.0.0.1:1/cruddur");
    fixture.expect({"setup"}, 0);
    const auto prod = fixture.expect({"save", "prod"}, 2);
    CHECK(contains(prod.err, "\"prod\" is a profile"));
    CHECK(contains(prod.err, "crudctl does not copy a protected database"));
    CHECK(contains(fixture.expect({"save", "local"}, 2).err, "crudctl save --name local"));
    CHECK(contains(fixture.expect({"undo", "prod"}, 2).err, "crudctl undo -p prod"));
    CHECK_FALSE(contains(fixture.copies(), "__saved"));

    fixture.expect({"save", "--name", "prod"}, 0);
    CHECK(contains(fixture.copies(), "__saved_prod"));
    fixture.expect({"undo", "--name", "prod"}, 0);
    fixture.expect({"undo", ""}, 2);
    fixture.expect({"undo", "--name", ""}, 2);
    fixture.expect({"save", "one", "--name", "two"}, 2);
}

TEST_CASE("a failure with --json is an object on stdout, and stdout holds one alone")
{
    const DatabaseProject fixture;
    const auto error_of = [&](const std::vector<std::string>& arguments, int exit_code) {
        return nlohmann::json::parse(fixture.expect(arguments, exit_code).out).at("error");
    };
    const auto usage = error_of({"frobnicate", "--json"}, 2);
    CHECK(usage.at("message") == "there is no command \"frobnicate\"");
    CHECK(usage.at("exit_code") == 2);
    CHECK(error_of({"status", "staging", "--json"}, 3).contains("hint"));
    CHECK(error_of({"undo", "--json"}, 5).at("exit_code") == 5);
    CHECK(error_of({"drop", "--purge", "--json"}, 5).at("exit_code") == 5);
    fixture.project.write("sql/schema.sql", "create tabel t ();\n");
    CHECK(error_of({"setup", "--json"}, 1).at("line") == 1);
    CHECK(fixture.expect({"undo"}, 5).out.empty());
}

TEST_CASE("without a project, crudctl alone lists its commands")
{
    const SampleProject project;
    const auto alone = project.run_crudctl({}).in_folder("/").result();
    CHECK(alone.exit_code == 0);
    CHECK(contains(alone.out, "usage: crudctl"));
    CHECK(contains(alone.out, "schema-load"));
    CHECK(project.run_crudctl({"status"}).in_folder("/").result().exit_code == 3);
}
