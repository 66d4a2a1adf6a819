#include "operation/named_queries.hpp"
#include "support/error.hpp"
#include "support/temp_folder.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::commands;
using crudctl::tests::TempFolder;

namespace {

constexpr std::size_t columns = 80;

config::Project project_in(const TempFolder& folder)
{
    config::Project project;
    project.root = folder.path();
    project.queries = folder.path() / "sql/queries";
    return project;
}

Error error_of(const config::Project& project, const std::string& name)
{
    try {
        read_query(project, name, columns);
    } catch (const Error& error) {
        return error;
    }
    throw std::logic_error("there is a query " + name);
}

} // namespace

TEST_CASE("queries are found by their path below the folder")
{
    const TempFolder folder;
    folder.write("sql/queries/users/show.sql", "-- Who.\nselect :handle");
    folder.write("sql/queries/users/.hidden.sql", "select 1");
    folder.write("sql/queries/.git/x.sql", "select 1");
    folder.write("sql/queries/users/notes.txt", "no query");
    folder.write("sql/queries/all.sql", "select 1");
    const config::Project project = project_in(folder);
    CHECK(query_names(project) == std::vector<std::string>{"all", "users/show"});
    const ProjectQuery query = read_query(project, "users/show", columns);
    CHECK(query.shown == "sql/queries/users/show.sql");
    CHECK(query.query.parameters == std::vector<std::string>{"handle"});
    CHECK(read_query(project, "users/show.sql", columns).name == "users/show");
}

TEST_CASE("a query that is not there is named with the nearest one")
{
    const TempFolder folder;
    folder.write("sql/queries/users/show.sql", "select 1");
    folder.write("sql/queries/users/create.sql", "select 1");
    const config::Project project = project_in(folder);
    const Error typo = error_of(project, "users/shwo");
    CHECK(typo.code() == ExitCode::configuration);
    CHECK(std::string(typo.what()) ==
          "there is no query \"users/shwo\": no file \"sql/queries/users/shwo.sql\"");
    CHECK(typo.hint() == "did you mean \"users/show\"?");
    CHECK(error_of(project, "create").hint() == "did you mean \"users/create\"?");
    CHECK(error_of(project, "nothing/like/it").hint() == "crudctl query --list shows all");
    config::Project without_folder = project;
    without_folder.queries = folder.path() / "nowhere";
    CHECK(error_of(without_folder, "x").code() == ExitCode::configuration);
    CHECK_THROWS_AS(query_names(without_folder), Error);
}

TEST_CASE("no name leads out of the folder")
{
    const TempFolder folder;
    folder.write("sql/queries/users/show.sql", "select 1");
    folder.write("sql/secret.sql", "select 1");
    const config::Project project = project_in(folder);
    const std::string name =
        GENERATE("", "..", "../secret", "users/../../secret", "/etc/passwd", "./users/show",
                 "users/", "users/.sql", ".hidden", "users/../users/show");
    CAPTURE(name);
    const Error error = error_of(project, name);
    CHECK(error.code() == ExitCode::usage);
}

TEST_CASE("a link leads to a query inside the folder alone")
{
    namespace fs = std::filesystem;
    const TempFolder folder;
    folder.write("sql/queries/users/show.sql", "select 1");
    folder.write("sql/secret.sql", "select 1");
    folder.write("elsewhere/x.sql", "select 1");
    const config::Project project = project_in(folder);
    fs::create_symlink("../secret.sql", project.queries / "secret.sql");
    fs::create_symlink("users/show.sql", project.queries / "also.sql");
    fs::create_symlink(folder.path() / "elsewhere", project.queries / "elsewhere");
    CHECK(query_names(project) == std::vector<std::string>{"also", "users/show"});
    CHECK(read_query(project, "also", columns).query.sql == "select 1");
    for (const char* name : {"secret", "elsewhere/x"}) {
        CAPTURE(name);
        CHECK(error_of(project, name).code() == ExitCode::configuration);
        CHECK(std::string(error_of(project, name).what()).find("leads out of") !=
              std::string::npos);
    }
}

TEST_CASE("a file that is no query is refused at its place")
{
    const TempFolder folder;
    folder.write("sql/queries/two.sql", "select 1;\nselect %s");
    folder.write("sql/queries/latin1.sql", "select 'caf\xE9'");
    const config::Project project = project_in(folder);
    try {
        read_query(project, "two", columns);
        FAIL("it has two statements");
    } catch (const script::ScriptError& error) {
        CHECK(std::string(error.what()) ==
              "sql/queries/two.sql:2:1: error: a second statement, and a query is one");
        CHECK(error.failure().source.size() == 3);
    }
    CHECK(std::string(error_of(project, "latin1").what()) ==
          "sql/queries/latin1.sql:1:12: error: this is no UTF-8");
}
