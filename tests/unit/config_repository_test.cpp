#include "config_fixture.hpp"

#include "config/repository.hpp"

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

TEST_CASE("a compose file's Postgres is found, in a map or in a list", "[config]")
{
    const auto in_list = find_compose_database("services:\n"
                                               "    cache:\n"
                                               "        image: redis\n"
                                               "    store:\n"
                                               "        image: postgis/postgis:16-3.4\n"
                                               "        environment:\n"
                                               "        - POSTGRES_DB=maps\n"
                                               "        ports:\n"
                                               "        - 5432\n"
                                               "        - 55432:5432\n");
    REQUIRE(in_list);
    CHECK(in_list->service == "store");
    CHECK(in_list->database == "maps");
    CHECK(in_list->user == "postgres");
    CHECK(in_list->port == "55432");

    CHECK_FALSE(find_compose_database("services:\n  db:\n    image: mysql:8\n"));
    CHECK_FALSE(find_compose_database("volumes:\n  db:\n    image: postgres\n"));
    CHECK_FALSE(find_compose_database(""));
    CHECK_FALSE(find_compose_database("services: {db: {image: postgres}}\n- : :\n  -\n"));
}

TEST_CASE("a Postgres without a database's name has its user's", "[config]")
{
    const auto found = find_compose_database(
        "services:\n  db:\n    image: postgres\n    environment:\n      POSTGRES_USER: ann\n"
        "      POSTGRES_DB: ${DB}\n");
    REQUIRE(found);
    CHECK(found->database == "ann");
    CHECK(found->port.empty());
}

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
    CHECK_FALSE(found.compose);
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
