#include "cli/database_project.hpp"
#include "support/system/file.hpp"

#include <filesystem>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace crudctl;
using namespace crudctl::tests;
namespace fs = std::filesystem;

namespace {

/// The sample project before it has a crudctl.toml.
struct NewProject : DatabaseProject {
    NewProject() { fs::remove(project.root() / "crudctl.toml"); }

    std::string text(const std::string& file) const
    {
        return read_file(project.root() / file, 1 << 20).text;
    }
    bool has(const std::string& file) const { return is_there(project.root() / file); }
};

} // namespace

TEST_CASE("after init, config, status and setup work")
{
    const NewProject fixture;
    const CliResult made = fixture.expect({"init"}, 0);
    CHECK(contains(made.err, "wrote crudctl.toml"));
    CHECK(made.out.empty());
    const std::string text = fixture.text("crudctl.toml");
    CHECK(contains(text, "\nschema = [\"sql/schema.sql\"]\n"));
    CHECK(contains(text, "\nseeds = [\"sql/seed.sql\"]\n"));
    CHECK(contains(text, "\nurl = \"${CONNECTION_URL:-}\"\n"));
    CHECK_FALSE(contains(text, "postgresql://"));
    CHECK(contains(fixture.expect({"config"}, 0).out, "profiles.local.own_server"));
    fixture.expect({"setup"}, 0);
    CHECK(fixture.ask("select count(*) > 0 from users") == "t");
    fixture.expect({"status"}, 0);
    CHECK(contains(fixture.expect({"init"}, 0).err, "crudctl.toml is as it should be"));
}

TEST_CASE("init shows how a file that is there differs, and leaves it")
{
    const NewProject fixture;
    fixture.project.write("crudctl.toml", "project.name = \"mine\"\n");
    const CliResult shown = fixture.expect({"init"}, 7);
    CHECK(contains(shown.out, "--- crudctl.toml\n"));
    CHECK(contains(shown.out, "\n-project.name = \"mine\"\n"));
    CHECK(contains(shown.out, "\n+[project]\n"));
    CHECK(contains(shown.err, "--overwrite"));
    CHECK(fixture.text("crudctl.toml") == "project.name = \"mine\"\n");
    fixture.expect({"init", "--dry-run", "--overwrite"}, 0);
    CHECK(fixture.text("crudctl.toml") == "project.name = \"mine\"\n");
}

TEST_CASE("init looks for the file in config/, too")
{
    const NewProject fixture;
    fixture.project.write("config/crudctl.toml", "project.name = \"mine\"\n");
    CHECK(contains(fixture.expect({"init"}, 7).out, "--- config/crudctl.toml\n"));
    CHECK_FALSE(fixture.has("crudctl.toml"));
}

TEST_CASE("init --overwrite shows the difference and keeps the old file")
{
    const NewProject fixture;
    fixture.project.write("crudctl.toml", "project.name = \"mine\"\n");
    const auto report =
        nlohmann::json::parse(fixture.expect({"init", "--overwrite", "--json"}, 0).out);
    const auto& file = report["files"][0];
    CHECK(file["path"] == "crudctl.toml");
    CHECK(file["state"] == "replaced");
    CHECK(contains(file["diff"], "-project.name = \"mine\"\n"));
    CHECK(fixture.text(file["kept_as"]) == "project.name = \"mine\"\n");
    CHECK(fixture.text("crudctl.toml") == file["text"]);
}

TEST_CASE("init --print and --dry-run write nothing")
{
    const NewProject fixture;
    CHECK(contains(fixture.expect({"init", "--print"}, 0).out, "\n[profiles.local]\n"));
    CHECK(contains(fixture.expect({"init", "--dry-run"}, 0).err, "would write crudctl.toml"));
    CHECK(contains(fixture.expect({"init", "--hook", "gitpod", "--print"}, 0).out, "tasks:\n"));
    CHECK_FALSE(fixture.has("crudctl.toml"));
    CHECK_FALSE(fixture.has(".gitpod.yml"));
    CHECK_FALSE(fixture.has(".crudctl"));
}

TEST_CASE("where there is neither file nor URL, init is named")
{
    NewProject fixture;
    fixture.project.set_variable("CONNECTION_URL", "");
    CHECK(contains(fixture.expect({"setup"}, 3).err, "`crudctl init`"));
}
