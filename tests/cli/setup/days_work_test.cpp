#include "pg/connection.hpp"
#include "support/sample_project.hpp"
#include "support/throw_away_server.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

using namespace crudctl;
using namespace crudctl::tests;

// What people do all day asks them nothing: a rule that is in the way is switched off, and protects
// nobody. Without a terminal each question would be a refusal.

namespace {

constexpr const char* password = "a-word-of-the-day";

/// A server where roles log in over TCP, as in a container or in the cloud.
struct SharedServer {
    SharedServer() : server({"", "host all all 127.0.0.1/32 scram-sha-256", nullptr}) {}

    pg::Connection admin() const { return pg::Connection(server.info()); }
    void create_role(const std::string& name, const std::string& attributes) const
    {
        admin().exec(
            fmt::format("create role {} login password '{}' {}", name, password, attributes));
    }
    std::string url(const std::string& role, const std::string& database) const
    {
        return fmt::format("postgresql://{}:{}@127.0.0.1:{}/{}", role, password, server.port(),
                           database);
    }
    std::string databases() const
    {
        return admin()
            .exec("select string_agg(datname, ' ' order by datname) from pg_database"
                  " where datname !~ '^(postgres|template)' and datname !~ '__'")
            .scalar()
            .value_or("");
    }

    ThrowAwayServer server;
};

/// Somebody with a clone of the project of their own, at home on a machine of their own.
struct Person {
    Person(const std::string& profile_text, const std::string& url)
    {
        project.write("crudctl.toml", "[project]\nname = \"shop\"\nschema = [\"schema.sql\"]\n"
                                      "seeds = [\"seed.sql\"]\n" +
                                          profile_text);
        project.write("schema.sql",
                      "create table goods (id uuid primary key default gen_random_uuid(),\n"
                      "  name text not null, at timestamptz default now());\n"
                      "create function touch() returns trigger language plpgsql\n"
                      "  as 'begin new.at = now(); return new; end';\n"
                      "create trigger touched before update on goods\n"
                      "  for each row execute function touch();\n");
        project.write("seed.sql", "insert into goods (name) values ('tea'), ('salt');\n");
        project.write("more.sql", "insert into goods (name) values ('rice');\n"
                                  "update goods set name = 'green tea' where name = 'tea';\n");
        project.set_variable("DATABASE_URL", url);
    }

    void does(const std::vector<std::string>& arguments) const
    {
        const auto result = project.run_crudctl(arguments).result();
        INFO(fmt::format("{}\n{}", fmt::join(arguments, " "), result.err));
        CHECK(result.exit_code == 0);
        CHECK(result.err.find("warning") == std::string::npos);
    }

    void works_all_day(const std::string& profile, const std::string& label = "demo") const
    {
        does({"setup", profile});
        does({"setup", profile});
        does({"status", profile});
        does({"seed", profile, "-f", "more.sql"});
        does({"connect", profile, "--", "-c", "select count(*) from goods"});
        does({"save", "-p", profile, label});
        does({"undo", "-p", profile});
        does({"undo", "-p", profile, label});
        does({"copies", profile});
        does({"sessions", profile});
        does({"drop", profile});
        does({"undo", "-p", profile});
        for (int i = 0; i < 5; ++i) { // more than the copies that are kept
            does({"setup", profile});
        }
        does({"history"});
    }

    SampleProject project;
};

constexpr const char* local = "[profiles.local]\nurl = \"${DATABASE_URL}\"\n";

} // namespace

TEST_CASE("a superuser of a container works all day without a question")
{
    const SharedServer shared;
    shared.create_role("app", "superuser");
    const Person developer(local, shared.url("app", "shop"));
    developer.works_all_day("local");
    CHECK(shared.databases() == "shop");
}

TEST_CASE("a database that the container made at its start is reset without a question, too")
{
    const SharedServer shared;
    shared.create_role("app", "superuser");
    shared.admin().exec("create database shop owner app");
    const Person developer(local, shared.url("app", "shop"));
    developer.works_all_day("local");
}

TEST_CASE("two developers of one server do their work, and neither touches the other's")
{
    const SharedServer shared;
    for (const char* name : {"ann", "bob"}) {
        shared.create_role(name, "createdb");
    }
    const Person ann(local, shared.url("ann", "shop_ann"));
    const Person bob(local, shared.url("bob", "shop_bob"));
    ann.does({"setup"});
    bob.does({"setup"});
    ann.does({"save", "kept"});
    bob.works_all_day("local");
    ann.does({"undo", "kept"});
    ann.works_all_day("local");
    CHECK(shared.databases() == "shop_ann shop_bob");
}

TEST_CASE("two developers who share one database through a common role reset it in turns")
{
    const SharedServer shared;
    shared.create_role("app", "createdb");
    const Person ann(local, shared.url("app", "shop"));
    const Person bob(local, shared.url("app", "shop"));
    ann.does({"setup"});
    bob.does({"setup"});
    ann.does({"undo"});
    bob.works_all_day("local");
    ann.works_all_day("local", "ann");
    CHECK(shared.databases() == "shop");
}

TEST_CASE("a pipeline resets staging on a managed server, as an owner who is no superuser")
{
    const SharedServer shared;
    shared.admin().exec("create role rds_superuser");
    shared.create_role("owner", "createdb");
    Person pipeline("[profiles.staging]\nurl = \"${DATABASE_URL}\"\nprotected = false\n",
                    shared.url("owner", "shop_staging"));
    pipeline.project.set_variable("CI", "true");
    pipeline.works_all_day("staging");
    CHECK(shared.databases() == "shop_staging");
}
