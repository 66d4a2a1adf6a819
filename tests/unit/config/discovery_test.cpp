#include "unit/config/fixture.hpp"

#include "config/project/discovery.hpp"
#include "support/root_only.hpp"

#include <unistd.h>

using namespace crudctl;
using namespace crudctl::config;
using namespace crudctl::config::test;

namespace {

constexpr const char* minimal = "[project]\nname = 'cruddur'\n";

fs::path found_file(const ProjectFolder& project, const fs::path& from,
                    test::Variables variables = {})
{
    variables.emplace("HOME", project.home().string());
    return locate_project(std::nullopt, from, Environment(std::move(variables)))
        .file.value_or("none");
}

} // namespace

TEST_CASE("the file is found from any folder below the root", "[config]")
{
    const ProjectFolder project;
    const std::string name = GENERATE("crudctl.toml", "config/crudctl.toml");
    const fs::path file = project.write(name, minimal);
    fs::create_directories(project.root() / "a/b");
    fs::create_directories(project.root() / "config");
    const std::string from = GENERATE(".", "a", "a/b", "config", "a/");
    CHECK(found_file(project, project.root() / from) == file);

    Sources sources = project.sources();
    sources.working_directory = project.root() / from;
    CHECK(load_settings(sources).project().root == project.root());
}

TEST_CASE("crudctl.toml beside config/ wins", "[config]")
{
    const ProjectFolder project;
    project.write("config/crudctl.toml", minimal);
    CHECK(found_file(project, project.root()) == project.write("crudctl.toml", minimal));
}

TEST_CASE("the search ends at the repository's root", "[config]")
{
    const ProjectFolder project;
    project.write(project.base() / "crudctl.toml", minimal);
    CHECK(found_file(project, project.root()) == "none");
}

TEST_CASE("the search ends at the home folder", "[config]")
{
    const ProjectFolder project;
    fs::create_directories(project.home() / "work");
    project.write(project.base() / "crudctl.toml", minimal);
    CHECK(found_file(project, project.home() / "work") == "none");

    const fs::path file = project.write(project.home() / "crudctl.toml", minimal);
    CHECK(found_file(project, project.home() / "work") == file);
}

TEST_CASE("the option --config wins over CRUDCTL_CONFIG, which wins over the search", "[config]")
{
    const ProjectFolder project;
    project.write("crudctl.toml", "[project]\nname = 'found'\n");
    project.write("other/config/by_variable.toml", "[project]\nname = 'by_variable'\n");
    project.write("other/by_flag.toml", "[project]\nname = 'by_flag'\n");
    Sources sources = project.sources({{"CRUDCTL_CONFIG", "other/config/by_variable.toml"}});

    CHECK(load_settings(project.sources()).project().name == "found");
    CHECK(load_settings(sources).project().name == "by_variable");
    CHECK(load_settings(sources).project().root == project.root() / "other");
    sources.config_file = "other/by_flag.toml";
    CHECK(load_settings(sources).project().name == "by_flag");
    CHECK(load_settings(sources).project().root == project.root() / "other");
    CHECK(load_settings(sources).lines().at(0).origin == "--config");
}

TEST_CASE("only the own user, root and sudo's user are trusted", "[config]")
{
    const Environment sudo(test::Variables{{"SUDO_UID", "1000"}});
    CHECK(is_trusted_owner(1000, 1000, {}));
    CHECK(is_trusted_owner(0, 1000, {}));
    CHECK_FALSE(is_trusted_owner(1001, 1000, {}));
    CHECK_FALSE(is_trusted_owner(1000, 0, {}));
    CHECK(is_trusted_owner(1000, 0, sudo));
    CHECK_FALSE(is_trusted_owner(1001, 0, sudo));
    CHECK_FALSE(is_trusted_owner(1000, 1002, sudo));
}

TEST_CASE("a file in a foreign folder is refused unless it is named", "[config]")
{
    if (!tests::may_try_as_root("give a folder away")) {
        return;
    }
    const ProjectFolder project;
    const fs::path file = project.write("crudctl.toml", minimal);
    SECTION("a foreign folder")
    {
        REQUIRE(::chown(project.root().c_str(), 54321, 54321) == 0);
    }
    SECTION("a foreign file")
    {
        REQUIRE(::chown(file.c_str(), 54321, 54321) == 0);
    }
    const Failure failure = failure_of([&] { project.load(); });
    CHECK(failure.code == ExitCode::configuration);
    CHECK_THAT(failure.message, Catch::Contains("belongs to another user (user id 54321)"));
    CHECK(failure.hint == "--config \"" + file.string() + "\" uses it all the same");

    Sources sources = project.sources();
    sources.config_file = file;
    CHECK(load_settings(sources).project().name == "cruddur");
}

TEST_CASE("paths are relative to the project's root", "[config]")
{
    const ProjectFolder project;
    project.write("config/crudctl.toml",
                  "[project]\nschema = ['sql/a.sql', '/abs/b.sql', '../c.sql']\n"
                  "seeds = ['~/${SEED}.sql']\nqueries = 'q'\n"
                  "[server]\ndata_directory = '~/data'\nbinaries = 'bin'\nport = '${P:-5433}'\n");
    const Settings settings = project.load({{"SEED", "seed"}});
    CHECK(settings.project().schema == std::vector<fs::path>{project.root() / "sql/a.sql",
                                                             "/abs/b.sql",
                                                             project.base() / "c.sql"});
    CHECK(settings.project().seeds == std::vector<fs::path>{project.home() / "seed.sql"});
    CHECK(settings.project().queries == project.root() / "q");
    CHECK(settings.server().data_directory == project.home() / "data");
    CHECK(settings.server().binaries == project.root() / "bin");
    CHECK(settings.server().port == 5433);
}

TEST_CASE("without a file the SQL files are found where repositories keep them", "[config]")
{
    const ProjectFolder project;
    const std::string folder = GENERATE("sql", "db", "backend-flask/db", "backend/sql");
    const fs::path schema = project.write(folder + "/schema.sql", "");
    const fs::path seed = project.write(folder + "/seed.sql", "");
    fs::create_directories(project.root() / "frontend/db");
    Sources sources = project.sources();
    sources.working_directory = project.root() / "frontend/db";
    const Project found = load_settings(sources).project();
    CHECK(found.root == project.root());
    CHECK(found.schema == std::vector<fs::path>{schema});
    CHECK(found.seeds == std::vector<fs::path>{seed});
    CHECK(found.name.empty());
}

TEST_CASE("of several SQL folders the nearer one is taken, and none of equals", "[config]")
{
    const ProjectFolder project;
    const fs::path b = project.write("b/db/schema.sql", "").parent_path();
    const fs::path a = project.write("a/db/schema.sql", "").parent_path();
    CHECK(project.load().project().schema.empty());
    CHECK(project.load().project().schema_candidates == std::vector<fs::path>{a, b});

    project.write("db/schema.sql", "");
    CHECK(project.load().project().schema ==
          std::vector<fs::path>{project.root() / "db/schema.sql"});
    project.write("sql/schema.sql", "");
    CHECK(project.load().project().schema ==
          std::vector<fs::path>{project.root() / "sql/schema.sql"});
    CHECK(project.load().project().seeds.empty());
}

TEST_CASE("a file that names no schema gets the same", "[config]")
{
    const ProjectFolder project;
    const fs::path schema = project.write("db/schema.sql", "");
    CHECK(project.load_text(minimal).project().schema == std::vector<fs::path>{schema});
    CHECK(project.load_text("[project]\nschema = []\n").project().schema.empty());
}
