#include "unit/config/fixture.hpp"

#include "commands/init/config_text.hpp"
#include "config/project/repository.hpp"

using namespace crudctl;
using namespace crudctl::config;
using namespace crudctl::config::test;

namespace {

std::string text_for(const ProjectFolder& project, test::Variables variables = {})
{
    return commands::config_text(
        look_at_repository(project.root(), Environment(std::move(variables))));
}

const char* compose_file = R"(version: "3.8"
services:
  db:   # the server
    image: "docker.io/library/postgres:15-alpine"
    environment:
      POSTGRES_USER: cruddurroot
      POSTGRES_PASSWORD: S3cr3t-c4n4ry
      POSTGRES_DB: ${POSTGRES_DB:-cruddur}
    ports:
      - "127.0.0.1:5433:5432/tcp"
)";

} // namespace

TEST_CASE("what init writes loads, whatever the repository is called and has", "[config]")
{
    const bool is_rich = GENERATE(true, false);
    const ProjectFolder project;
    test::Variables variables;
    if (is_rich) {
        project.write("docker-compose.yml", compose_file);
        project.write(R"(a "b" \ c/db/schema.sql)", "");
        project.write("bin/db-setup.sh", "");
        variables = {{"CONNECTION_URL", "postgresql://u:S3cr3t-c4n4ry@h/d"},
                     {"DB_SG_ID", "sg-0123"}};
    }
    const std::string text = text_for(project, variables);
    CAPTURE(text);
    CHECK(text.find(canary) == std::string::npos);
    CHECK(text.find("sg-0123") == std::string::npos);
    project.write("crudctl.toml", text);
    const Settings settings = project.load(variables);
    CHECK(settings.project().name == (is_rich ? "cruddur" : "project"));
    CHECK(settings.profile_names().size() == (is_rich ? 2 : 1));
    CHECK(settings.profile("local").own_server);
    if (is_rich) {
        CHECK(settings.project().schema ==
              std::vector<fs::path>{project.root() / R"(a "b" \ c/db/schema.sql)"});
        CHECK(settings.profile("local").has_target);
        CHECK_THAT(text, Catch::Contains("bin/db-setup.sh") && Catch::Contains("crudctl setup\n") &&
                             Catch::Contains("cruddurroot:PASSWORD@127.0.0.1:5433/cruddur"));
    }
}

TEST_CASE("the prod profile that init leaves as a comment loads once it is taken in", "[config]")
{
    const ProjectFolder project;
    std::string text = text_for(project);
    const auto begin = text.find("# [profiles.prod]\n");
    REQUIRE(begin != std::string::npos);
    std::string taken = text.substr(0, begin);
    for (std::size_t at = begin; at < text.size();) {
        const auto end = text.find('\n', at);
        const std::string line = text.substr(at, end - at);
        taken += (line.starts_with("# ") ? line.substr(2) : line) + "\n";
        at = end + 1;
    }
    CAPTURE(taken);
    project.write("crudctl.toml", taken);
    CHECK(project.load().profile_names() == std::vector<std::string>{"local", "prod"});
}

TEST_CASE("of several folders with a schema init takes none, and names them", "[config]")
{
    const ProjectFolder project;
    project.write("a/db/schema.sql", "");
    project.write("b/sql/schema.sql", "");
    const std::string text = text_for(project);
    CHECK_THAT(text, Catch::Contains("# schema = [\"a/db/schema.sql\"]\n") &&
                         Catch::Contains("# schema = [\"b/sql/schema.sql\"]\n"));
    CHECK(text.find("\nschema =") == std::string::npos);
}
