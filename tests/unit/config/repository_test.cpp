#include "unit/config/fixture.hpp"

#include "config/project/repository.hpp"

using namespace crudctl;
using namespace crudctl::config;
using namespace crudctl::config::test;

namespace {

Repository look_at(const ProjectFolder& project, test::Variables variables = {})
{
    return look_at_repository(project.root(), Environment(std::move(variables)));
}

const char* compose_file = R"(version: "3.8"
services:
  app:
    image: registry.example.com/team/postgres-client:1
    environment:
      POSTGRES_DB: wrong
  db:   # the server
    image: "docker.io/library/postgres:15-alpine"
    environment:
      POSTGRES_USER: cruddurroot
      POSTGRES_PASSWORD: S3cr3t-c4n4ry
      POSTGRES_DB: ${POSTGRES_DB:-cruddur}
    ports:
      - "127.0.0.1:5433:5432/tcp"
volumes:
  db:
    image: postgres
)";

} // namespace

TEST_CASE("a repository tells its database's name, files, scripts and variables", "[config]")
{
    const ProjectFolder project;
    project.write("docker-compose.yml", compose_file);
    project.write("backend/db/schema.sql", "");
    project.write("backend/db/seed.sql", "");
    project.write("backend/db/queries/all.sql", "");
    project.write("backend/bin/db-setup", "psql $PROD_CONNECTION_URL # not MY_DATABASE_URL");
    project.write("bin/rds/update-sg-rule", "aws ec2 --group-id $DB_SG_ID");
    project.write("bin/flask", "DB_SG_RULE_ID");
    const Repository found = look_at(project, {{"CONNECTION_URL", "postgresql://u@h/d"}});
    CHECK(found.name == "cruddur");
    CHECK(found.name_origin == "docker-compose.yml");
    CHECK(found.sql.schema == std::vector<fs::path>{"backend/db/schema.sql"});
    CHECK(found.sql.seeds == std::vector<fs::path>{"backend/db/seed.sql"});
    CHECK(found.queries == fs::path("backend/db/queries"));
    CHECK(found.scripts == std::vector<fs::path>{"backend/bin/db-setup", "bin/rds/update-sg-rule"});
    REQUIRE(found.local_url);
    CHECK(found.local_url->name == "CONNECTION_URL");
    CHECK(found.local_url->where == "the environment or .env");
    REQUIRE(found.prod_url);
    CHECK(found.prod_url->where == "backend/bin/db-setup");
    REQUIRE(found.aws.size() == 1);
    CHECK(found.aws.front().name == "DB_SG_ID");
}

TEST_CASE("a repository that tells nothing has its folder's name, and no variable", "[config]")
{
    const ProjectFolder project;
    const Repository found = look_at(project);
    CHECK(found.name == "project");
    CHECK(found.sql.schema.empty());
    CHECK_FALSE(found.local_url);
    CHECK_FALSE(found.prod_url);
    CHECK(found.aws.empty());
    CHECK(found.compose.empty());
}

TEST_CASE("a URL is known by its value where its variable has a name of its own", "[config]")
{
    const ProjectFolder project;
    const Repository found = look_at(project, {{"APP_DB", "postgres://u@h/d"},
                                               {"PROD_DB", "postgresql://u@h/d"},
                                               {"ANYTHING", "https://postgres.example.com"}});
    REQUIRE(found.local_url);
    CHECK(found.local_url->name == "APP_DB");
    REQUIRE(found.prod_url);
    CHECK(found.prod_url->name == "PROD_DB");
}
