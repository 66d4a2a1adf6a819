#include "lambda_service.hpp"

#include "aws/strict_endpoint.hpp"
#include "pg/connection.hpp"
#include "support/system/file.hpp"
#include "support/temp_cluster.hpp"

#include <csignal>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::tests;
using nlohmann::json;

namespace {

/// As an old project's schema is: nothing is unique.
constexpr const char* old_schema =
    "create table users (uuid uuid default gen_random_uuid() primary key, display_name text not "
    "null,"
    " handle text not null, email text not null, cognito_user_id text not null,"
    " created_at timestamp default current_timestamp not null)";

/// A database with the table `users`, and a project whose function is connected to it.
struct Scene {
    explicit Scene(const std::string& schema = {}) : project(database.url())
    {
        pg::Connection(database.info())
            .exec_script(schema.empty()
                             ? read_file(project.root() / "sql/schema.sql", 1U << 20U).text
                             : schema);
    }

    /// "handle display_name", one a line.
    std::string users() const
    {
        return pg::Connection(database.info())
            .exec("select string_agg(handle || ' ' || display_name, e'\n' order by created_at, "
                  "handle)"
                  " from users")
            .scalar()
            .value_or("");
    }

    TempDatabase database;
    FunctionProject project;
};

bool is_done(const json& tries)
{
    return tries.size() == 1 && tries[0]["outcome"] == "done" && tries[0]["is_whole"] == true;
}

} // namespace

TEST_CASE("a user who signs up gets a row, and Cognito its event back byte for byte")
{
    const Scene scene;
    const LambdaService service(scene.project);
    const json tries = service.call(sign_up());
    CAPTURE(tries.dump(), service.log());
    CHECK(is_done(tries));
    CHECK(scene.users() == "dora Dora Example");
    SECTION("once, however often it comes")
    {
        CHECK(is_done(service.call(sign_up())));
        CHECK(scene.users() == "dora Dora Example");
    }
    SECTION("in one session")
    {
        CHECK(is_done(service.call(sign_up({{"sub", "second"}}))));
        CHECK(service.sandboxes().size() == 1);
        CHECK(pg::Connection(scene.database.info())
                  .exec("select count(*) from pg_stat_activity where application_name = 'crudctl "
                        "lambda' and datname = $1",
                        scene.database.name())
                  .scalar() == "1");
    }
    SECTION("and nothing of it in the log")
    {
        for (const char* value : {"dora", "Dora", "d00d", "example"}) {
            CHECK_FALSE(contains(service.log(), value));
        }
        REQUIRE(service.log_lines().size() == 1);
        CHECK(service.log_lines()[0]["query"] == "users/create");
        CHECK(service.log_lines()[0]["rows"] == 1);
    }
}

TEST_CASE("every other trigger goes back untouched, and needs no database")
{
    FunctionProject project("postgresql://nobody@127.0.0.1:1/nothing");
    const LambdaService service(project);
    json event = json::parse(sign_up());
    for (const char* source :
         {"PostConfirmation_ConfirmForgotPassword", "TokenGeneration_RefreshTokens", "", "x"}) {
        event["triggerSource"] = source;
        CHECK(is_done(service.call(event.dump())));
    }
    CHECK(is_done(service.call("{ }")));
    CHECK(service.log_lines().size() == 5);
}

TEST_CASE("three at once make one row, on an old schema too")
{
    const Scene scene(GENERATE(std::string(), std::string(old_schema)));
    const LambdaService service(scene.project);
    const json all = service.call_all({sign_up(), sign_up(), sign_up()});
    CAPTURE(all.dump(), service.log());
    for (const json& tries : all) {
        CHECK(is_done(tries));
    }
    CHECK(service.sandboxes().size() == 3);
    CHECK(scene.users() == "dora Dora Example");
}

TEST_CASE("who wants a handle that is taken gets it with an addition, also both at once")
{
    const Scene scene(GENERATE(std::string(), std::string(old_schema)));
    const LambdaService service(scene.project);
    const json all = service.call_all({sign_up({{"sub", "1"}}), sign_up({{"sub", "2"}})});
    CAPTURE(all.dump(), service.log());
    CHECK(is_done(all[0]));
    CHECK(is_done(all[1]));
    const std::string users = scene.users();
    CAPTURE(users);
    CHECK(contains(users, "dora Dora Example"));
    CHECK(contains(users, "dora_c"));
}

TEST_CASE("what is missing is made up or said")
{
    const Scene scene;
    const LambdaService service(scene.project);
    SECTION("without a name it is the handle")
    {
        CHECK(is_done(service.call(sign_up({{"name", nullptr}}))));
        CHECK(scene.users() == "dora dora");
    }
    SECTION("without both there is a handle of a hash")
    {
        CHECK(is_done(
            service.call(sign_up({{"name", " "}, {"preferred_username", ""}, {"sub", "1"}}))));
        CHECK(scene.users() == "user_c4ca4238 user_c4ca4238");
    }
    SECTION("a handle that no handle can be is made one")
    {
        CHECK(is_done(service.call(sign_up({{"preferred_username", "Do Ra-É_1"}}))));
        CHECK(scene.users() == "dora_1 Dora Example");
    }
    SECTION("without an address there is no user, and Cognito's user reads nothing about columns")
    {
        const json tries = service.call(sign_up({{"email", nullptr}}));
        REQUIRE(tries.size() == 3);
        CHECK(tries[2]["outcome"] == "failed");
        CHECK(tries[2]["type"] == "Crudctl.QueryFailed");
        const json error = json::parse(tries[2]["body"].get<std::string>());
        CHECK(error["errorType"] == "Crudctl.QueryFailed");
        CHECK(error["errorMessage"] ==
              "sign-up could not be completed, one of the fields cannot be stored");
        const json line = service.log_lines().back();
        CHECK(line["sqlstate"] == "23502");
        CHECK(contains(line["message"], "\"email\""));
        CHECK(scene.users().empty());
    }
}

TEST_CASE("hostile values are stored as they are, or refused, and never run")
{
    const Scene scene(old_schema);
    const LambdaService service(scene.project);
    const std::string value =
        GENERATE(std::string("'; drop table users; --"), std::string("$1 $2 :handle %(handle)s"),
                 std::string("\\'; select pg_sleep(9); \\"), std::string("{\"a\": [1]}"),
                 std::string("\n\t\x01\x7f"), std::string(1U << 20U, 'x'));
    for (const char* attribute : {"sub", "email", "name", "preferred_username"}) {
        json attributes = {{"sub", attribute}};
        attributes[attribute] = value;
        const json tries = service.call(sign_up(attributes));
        CAPTURE(attribute, tries.dump().substr(0, 500), service.log());
        CHECK(is_done(tries));
    }
    const auto count = [&](const char* column) {
        return pg::Connection(scene.database.info())
            .exec(std::string("select count(*) from users where ") + column + " = $1", value)
            .scalar();
    };
    CHECK(count("cognito_user_id") == "1");
    CHECK(count("email") == "1");
    CHECK(count("display_name") == "1");
    CHECK_FALSE(contains(service.log(), value.substr(0, 5)));
}

TEST_CASE("what Postgres cannot hold is refused")
{
    const Scene scene(old_schema);
    const LambdaService service(scene.project);
    const std::string escape = GENERATE(std::string("S3cr3t\\u0000"), std::string("S3cr3t\\ud800"),
                                        std::string("\\udc00S3cr3t"));
    for (const char* attribute : {"sub", "email", "name", "preferred_username"}) {
        std::string event = sign_up({{attribute, "PLACE"}});
        event.replace(event.find("PLACE"), 5, escape);
        const json tries = service.call(event);
        CAPTURE(attribute, tries.dump());
        CHECK(tries[0]["type"] == "Crudctl.BadEvent");
    }
    std::string elsewhere = sign_up();
    elsewhere.replace(elsewhere.find("\"response\": {}"), 14, "\"response\": \"" + escape + "\"");
    CHECK(is_done(service.call(elsewhere)));
    CHECK(service.call("[]")[0]["type"] == "Crudctl.BadEvent");
    CHECK(scene.users() == "dora Dora Example");
    CHECK_FALSE(contains(service.log(), "S3cr3t"));
}

TEST_CASE("a value that a type does not take is not logged")
{
    const Scene scene("create table users (age int)");
    scene.project.write("sql/queries/users/create.sql",
                        "insert into users values (cast(:handle as integer));\n");
    const LambdaService service(scene.project);
    const json tries = service.call(sign_up({{"preferred_username", "S3cr3t \" age"}}));
    CHECK(tries[0]["type"] == "Crudctl.QueryFailed");
    CHECK(service.log_lines().back()["sqlstate"] == "22P02");
    CHECK(contains(service.log_lines().back()["message"], "invalid input syntax"));
    CHECK_FALSE(contains(service.log(), "S3cr3t"));
}
