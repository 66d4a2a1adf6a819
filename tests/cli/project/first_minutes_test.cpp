#include "cli/database_project.hpp"
#include "support/system/file.hpp"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::tests;
namespace fs = std::filesystem;

namespace {

using Files = std::vector<std::pair<std::string, std::string>>;

/// An empty repository whose local database is there, and that crudctl does not know yet.
struct NewRepository : DatabaseProject {
    explicit NewRepository(const Files& files)
    {
        for (const auto& entry : fs::directory_iterator(project.root())) {
            fs::remove_all(entry.path());
        }
        fs::create_directories(project.root() / ".git");
        for (const auto& [name, text] : files) {
            project.write(name, text);
            if (text.starts_with("#!")) {
                fs::permissions(project.root() / name, fs::perms::owner_all);
            }
        }
    }

    std::string config() const { return read_file(project.root() / "crudctl.toml", 1 << 20).text; }
};

constexpr const char* schema = "create table users (id int);\n";
constexpr const char* seed = "insert into users values (1);\n";

const std::string rails =
    "#!/bin/sh\ncase $1 in\n"
    "db:schema:load) psql -qX \"$DATABASE_URL\" -c 'create table users (id "
    "int)' ;;\n"
    "db:seed) psql -qX \"$DATABASE_URL\" -c 'insert into users values (1)' ;;\n"
    "esac\n";

} // namespace

TEST_CASE("init and setup make the database of an ordinary project", "[init]")
{
    struct Example {
        Files files;
        std::string line; // of crudctl.toml
    };
    const Example example = GENERATE(
        Example{{{"docker-compose.yml", "services:\n  db:\n    image: postgres:13-alpine\n"
                                        "    environment:\n      - POSTGRES_USER=postgres\n"
                                        "      - POSTGRES_PASSWORD=password\n"},
                 {"backend-flask/bin/db/create",
                  "#!/usr/bin/bash\npsql $NO_DB_CONNECTION_URL -c \"CREATE database cruddur;\"\n"},
                 {"backend-flask/db/schema.sql", schema},
                 {"backend-flask/db/seed.sql", seed}},
                "name = \"cruddur\""},
        Example{{{"compose.yaml", "services: {db: {image: postgres, env_file: .env}}\n"},
                 {".env", "POSTGRES_DB=appdb\n"},
                 {"db/sql/schema.sql", schema},
                 {"db/sql/seed.sql", seed}},
                "name = \"appdb\""},
        Example{{{"queries/schema.sql", schema}, {"queries/seed.sql", seed}},
                "schema = [\"queries/schema.sql\"]"},
        Example{{{"bin/db/sql/schema.sql", schema}, {"bin/db/sql/seed.sql", seed}},
                "schema = [\"bin/db/sql/schema.sql\"]"},
        Example{{{"schema.sql", schema}, {"seed.sql", seed}}, "schema = [\"schema.sql\"]"},
        Example{{{"config/application.rb", "module Shop\nend\n"},
                 {"db/structure.sql", schema},
                 {"db/seeds.sql", seed}},
                "schema = [\"db/structure.sql\"]"},
        Example{{{"supabase/config.toml", "project_id = \"shop\"\n"},
                 {"supabase/migrations/20240101000000_init.sql", schema},
                 {"supabase/migrations/20240102000000_more.sql",
                  "alter table users add column name text;\n"},
                 {"supabase/seed.sql", "insert into users values (1, 'ada');\n"}},
                "schema = [\"supabase/migrations/*.sql\"]"},
        Example{{{"config/application.rb", "module Shop\nend\n"},
                 {"db/schema.rb", "ActiveRecord::Schema.define {}\n"},
                 {"db/seeds.rb", "User.create!(id: 1)\n"},
                 {"bin/rails", rails}},
                "schema_command = [\"bin/rails\", \"db:schema:load\"]"});
    CAPTURE(example.line);
    const NewRepository fixture(example.files);
    const auto made = fixture.expect({"init"}, 0);
    CHECK(contains(made.err, "next: crudctl setup"));
    CHECK(contains(fixture.config(), "\n" + example.line + "\n"));
    if (contains(example.line, "schema_command")) {
        const auto agreed =
            fixture.run({"trust"}).with_terminal().expect("trust").type("yes\n").result();
        REQUIRE(agreed.exit_code == 0);
    }
    fixture.expect({"setup", "--seed"}, 0);
    CHECK(fixture.ask("select count(*) from users") == "1");
}

TEST_CASE("init names what is missing where setup would not go through", "[init]")
{
    const auto said = [](const Files& files) {
        const NewRepository fixture(files);
        const std::string err = fixture.expect({"init"}, 0).err;
        CHECK_FALSE(contains(err, "next: crudctl setup"));
        CHECK_FALSE(contains(fixture.expect({"status"}, 0).out, "crudctl setup makes"));
        return err;
    };
    CHECK(contains(said({}), "no schema found"));
    CHECK(contains(said({{"a/db/schema.sql", schema}, {"b/db/schema.sql", schema}}),
                   "more than one folder has a schema: a/db, b/db"));
    CHECK(contains(said({{"manage.py", "import django\n"},
                         {"shop/settings.py", "DATABASES = {'default': {'ENGINE': 'sqlite3'}}\n"}}),
                   "shop/settings.py has to read DATABASE_URL first"));
}

TEST_CASE("init knows the programs that make a schema, and what they read", "[init]")
{
    struct Example {
        Files files;
        std::string lines;
    };
    const Example example = GENERATE(
        Example{{{"prisma/schema.prisma", "datasource db { url = env(\"DATABASE_URL\") }\n"},
                 {"prisma/migrations/migration_lock.toml", ""}},
                "\nschema_command = [\"npx\", \"prisma\", \"migrate\", \"deploy\"]\n"},
        Example{{{"drizzle.config.ts", "dbCredentials: { url: process.env.DATABASE_URL! }\n"}},
                "\nschema_command = [\"npx\", \"drizzle-kit\", \"migrate\"]\n"},
        Example{{{"manage.py", "import django\n"},
                 {"shop/settings.py", "DATABASES = {'default': dj_database_url.config()}\n"}},
                "\nschema_command = [\"python\", \"manage.py\", \"migrate\"]\n"},
        Example{
            {{"alembic.ini", "[alembic]\n"}, {"alembic/env.py", "os.environ['DATABASE_URL']\n"}},
            "\nschema_command = [\"alembic\", \"upgrade\", \"head\"]\n"},
        Example{{{"alembic.ini", "[alembic]\n"}, {"alembic/env.py", "import os\n"}},
                "\n# schema_command = [\"alembic\", \"upgrade\", \"head\"]\n"});
    CAPTURE(example.lines);
    const NewRepository fixture(example.files);
    fixture.expect({"init"}, 0);
    CHECK(contains(fixture.config(), example.lines));
}

TEST_CASE("init in a subfolder says where it wrote, and a wrong folder is told as such", "[init]")
{
    const NewRepository fixture({{"sql/schema.sql", schema}, {"web/index.html", ""}});
    const auto made = fixture.run({"init"}).in_folder(fixture.project.root() / "web").result();
    CHECK(contains(made.err, "wrote ../crudctl.toml"));
    SampleProject elsewhere;
    for (const char* command :
         {"setup", "seed", "schema-load", "status", "ensure", "drop", "undo"}) {
        CAPTURE(command);
        const auto result = elsewhere.run_crudctl({command}).in_folder("/").result();
        CHECK(result.exit_code == 3);
        CHECK(contains(result.err, "there is no crudctl.toml here"));
    }
}
