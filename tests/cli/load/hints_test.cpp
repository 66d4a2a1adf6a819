#include "cli/database_project.hpp"
#include "support/hint_check.hpp"

#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::tests;
using Catch::Contains;

namespace {

using Arguments = std::vector<std::string>;

const std::string take_out = "take it out";

std::string shown_hint(const CliResult& result)
{
    const std::size_t at = result.err.find("hint: ");
    return at == std::string::npos ? "" : result.err.substr(at + 6, result.err.find('\n', at) - at);
}

/// The options that a hint names, each with its value, as one would add them to the command.
std::vector<Arguments> options_in(const std::string& hint)
{
    std::vector<Arguments> options;
    const std::regex option("--[a-z-]+");
    for (auto found = std::sregex_iterator(hint.begin(), hint.end(), option);
         found != std::sregex_iterator(); ++found) {
        options.push_back({found->str()});
        if (found->str() == "--via") {
            options.back().emplace_back("psql");
        }
    }
    return options;
}

struct Scene {
    std::string text;    // of the schema
    Arguments arguments; // that refuse it
    std::string hint;
    std::string corrected; // as "take it out" says it
};

std::string followed(const DatabaseProject& fixture, const Arguments& arguments)
{
    auto call = fixture.run(arguments);
    call.with_programs_from(TestCluster::running().clients());
    const CliResult result = call.result();
    // psql's own commands may run programs: a person is asked, once.
    if (result.exit_code == 5 && contains(result.err, "typed at a terminal, the same command")) {
        const TerminalResult asked = fixture.run(arguments)
                                         .with_programs_from(TestCluster::running().clients())
                                         .with_terminal(200)
                                         .expect("Type yes to trust it")
                                         .type("yes\n")
                                         .result();
        return asked.exit_code == 0 ? "" : asked.screen;
    }
    return result.exit_code == 0 ? "" : result.err;
}

} // namespace

TEST_CASE("the way out that a refused file is shown leads out")
{
    const DatabaseProject fixture;
    const std::string name = fixture.database.name();
    const std::string by_psql = "psql itself can run the file: --via psql";
    const std::string makes_it = "take it out: the files are for one database, which crudctl makes";
    for (const Scene& scene : std::vector<Scene>{
             {"\\if true\ncreate table a ();\n\\endif\n", {"schema-load"}, by_psql, ""},
             {"\\if true\ncreate table a ();\n\\endif\n", {"setup", "--no-seed"}, by_psql, ""},
             {"\\if true\n\\endif\n", {"setup", "--no-seed", "--in-place"}, take_out, ""},
             {"select 'create table a ()' \\gexec\n", {"setup", "--no-seed"}, by_psql, ""},
             {"select 1 as x \\gset\nselect :x;\n", {"schema-load"}, by_psql, ""},
             {"select 'CREATE DATABASE x' where false \\gexec\n",
              {"setup", "--no-seed"},
              makes_it,
              "select 1;"},
             {"set row_security = on;\\n\n", {"setup", "--no-seed"}, take_out, "select 1;"},
             {"create table a ();\nbegin;\nrollback;\n", {"schema-load"}, "--no-transaction", ""},
             {"create table a ();\nbegin;\nrollback;\n",
              {"setup", "--no-seed"},
              take_out,
              "create table a ();\n"},
             {"create table a ();\ncreate index concurrently on a ((1));\n",
              {"schema-load"},
              "--no-transaction",
              ""},
             {"set setting_of_19 = 1;\n", {"schema-load"}, "--ignore-unknown-settings", ""},
             {"set setting_of_19 = 1;\n", {"setup", "--no-seed"}, "--ignore-unknown-settings", ""},
             {"create database another_one;\n", {"setup", "--no-seed"}, makes_it, "select 1;"},
             {"\\connect - nobody\n", {"setup", "--no-seed"}, take_out, "select 1;"},
             {"create table a (id uuid default uuid_generate_v4());\n",
              {"setup", "--no-seed"},
              "create extension if not exists \"uuid-ossp\"",
              "create extension if not exists \"uuid-ossp\";\n"
              "create table a (id uuid default uuid_generate_v4());\n"}}) {
        pg::Connection(fixture.database.info()).exec("drop table if exists a");
        fixture.project.write("sql/schema.sql", scene.text);
        const CliResult refused = fixture.run(scene.arguments).result();
        INFO(scene.text << refused.err);
        CHECK(refused.exit_code == 1);
        CHECK_THAT(shown_hint(refused), Contains(scene.hint));
        for (const Arguments& option : options_in(shown_hint(refused))) {
            Arguments again = scene.arguments;
            again.insert(again.end(), option.begin(), option.end());
            CHECK(followed(fixture, again) == "");
        }
        if (!scene.corrected.empty()) {
            fixture.project.write("sql/schema.sql", scene.corrected);
            CHECK(followed(fixture, scene.arguments) == "");
        }
    }
}

TEST_CASE("MySQL's way to make the database is left out like Postgres' own")
{
    const DatabaseProject fixture;
    fixture.project.write("sql/schema.sql", "CREATE DATABASE IF NOT EXISTS " +
                                                fixture.database.name() +
                                                ";\ncreate table a ();\n");
    CHECK(contains(fixture.expect({"setup", "--no-seed"}, 0).err, "CREATE DATABASE left out"));
}

TEST_CASE("a hint that names what crudctl does not have is found")
{
    const auto find = [](const Arguments& run, const std::string& hint) {
        require_possible_hints(run, "error: no\n  hint: " + hint + "\n");
    };
    find({"-q", "setup"}, "crudctl mark prod --as prod, or --no-seed; pg_dump --no-owner | crudctl "
                          "schema-load -f - --no-transaction");
    CHECK_THROWS_WITH(find({"setup"}, "each by itself: --no-transaction"),
                      Contains("the option --no-transaction"));
    CHECK_THROWS_WITH(find({"setup"}, "(crudctl repair makes it)"), Contains("the command repair"));
    CHECK_THROWS_WITH(find({"drop"}, "\"crudctl undo --purge\""), Contains("the option --purge"));
}
