#include "cli/database_project.hpp"
#include "support/system/file.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace crudctl;
using namespace crudctl::tests;

// The sample's own queries, and files as applications have them that pass parameters the way of
// Python's database drivers.

namespace {

using Words = std::vector<std::string>;

class SampleQueries : public DatabaseProject {
public:
    SampleQueries()
    {
        pg::Connection connection(database.info());
        for (const char* file : {"sql/schema.sql", "sql/seed.sql"}) {
            connection.exec_script(read_file(project.root() / file, 1U << 20U).text);
        }
    }

    CliResult query(Words words, int exit_code) const
    {
        words.insert(words.begin(), "query");
        return expect(words, exit_code);
    }
    nlohmann::json json(Words words) const
    {
        words.emplace_back("--json");
        return nlohmann::json::parse(query(std::move(words), 0).out);
    }
};

constexpr auto in_a_week = "expires_at=infinity";
constexpr auto first_activity = "uuid=5eed0000-0000-4000-8000-000000000001";

} // namespace

TEST_CASE("an activity is posted by whom the Cognito id or the handle belongs to")
{
    const SampleQueries sample;
    const auto by_id = sample.json({"activities/create", "cognito_user_id=seed-ada", "handle=bruno",
                                    "message=from a browser", in_a_week, "--one"});
    CHECK(by_id["uuid"].is_string());
    CHECK(sample.ask("select handle from users join activities on users.uuid = user_uuid"
                     " where message = 'from a browser'") == "ada");
    sample.query({"activities/create", "--null", "cognito_user_id", "handle=chen",
                  "message=from a terminal", "--null", "expires_at"},
                 0);
    CHECK(sample.ask("select handle from users join activities on users.uuid = user_uuid"
                     " where message = 'from a terminal'") == "chen");
}

TEST_CASE("an author nobody is posts nothing")
{
    const SampleQueries sample;
    const auto check = [&](Words words, const std::string& message) {
        for (const char* query : {"activities/create", "activities/reply"}) {
            Words all = words;
            all.insert(all.begin(), query);
            all.insert(all.end(), {"message=x", in_a_week});
            if (std::string(query) == "activities/reply") {
                all.emplace_back(first_activity);
            }
            const auto result = sample.query(all, 1);
            CHECK(contains(result.err, message));
            CHECK(contains(result.err, "nothing was changed"));
            CHECK(result.out.empty());
        }
    };
    check({"--null", "cognito_user_id", "handle=no\"body"}, "no user has the handle \"no\"body\"");
    check({"cognito_user_id=nobody", "handle=ada"}, "no user has the Cognito id \"nobody\"");
    check({"--null", "cognito_user_id", "--null", "handle"}, "neither a Cognito id nor a handle");
    CHECK(sample.ask("select count(*) || ' ' || sum(replies_count) from activities") == "5 1");
}

TEST_CASE("an activity that would be over at once is refused")
{
    const SampleQueries sample;
    const auto result = sample.query({"activities/create", "cognito_user_id=seed-ada", "--null",
                                      "handle", "message=x", "expires_at=2020-01-01 00:00:00+00"},
                                     1);
    CHECK(contains(result.err, "it would expire at 2020-01-01"));
    CHECK(contains(result.err, "which is over"));
    CHECK(contains(sample
                       .query({"activities/create", "cognito_user_id=seed-ada", "--null", "handle",
                               "message=x", "expires_at=soon"},
                              1)
                       .err,
                   "the value of \"expires_at\" is no timestamp with time zone"));
    CHECK(sample.ask("select count(*) from activities") == "5");
}

TEST_CASE("an answer is counted where it belongs")
{
    const SampleQueries sample;
    const auto answer =
        sample.json({"activities/reply", "cognito_user_id=seed-chen", "--null", "handle",
                     "message=so it is", "--null", "expires_at", first_activity, "--one"});
    CHECK("uuid=" + std::string(answer["reply_to_activity_uuid"]) == first_activity);
    const auto object = sample.json({"activities/object", first_activity, "--one"});
    CHECK(object["replies_count"] == 2);
    REQUIRE(object["replies"].size() == 2);
    CHECK(object["replies"][1]["message"] == "so it is");
    CHECK(object["replies"][1]["handle"] == "chen");
    const auto nowhere = sample.query({"activities/reply", "cognito_user_id=seed-chen", "--null",
                                       "handle", "message=x", "--null", "expires_at",
                                       "uuid=00000000-0000-4000-8000-000000000000"},
                                      1);
    CHECK(contains(nowhere.err, "violates foreign key constraint"));
}

TEST_CASE("the home feed shows what is not over, newest first")
{
    const SampleQueries sample;
    pg::Connection(sample.database.info())
        .exec("insert into activities (user_uuid, message, created_at, expires_at) select uuid,"
              " 'gone', now() - interval '2 days', now() - interval '1 day' from users limit 1");
    const auto home = sample.json({"activities/home"});
    REQUIRE(home.size() == 4);
    CHECK(home[0]["handle"] == "chen");
    CHECK(home[0]["expires_at"].is_null());
    CHECK(home[3]["replies_count"] == 1);
}

TEST_CASE("a user is signed up once, and shown with what they said")
{
    const SampleQueries sample;
    const Words create = {"users/create", "cognito_user_id=1", "handle=dora", "display_name=Dora",
                          "email=dora@x.y"};
    CHECK(contains(sample.query(create, 0).err, "1 row inserted"));
    CHECK(contains(sample.query(create, 0).err, "0 rows inserted"));
    CHECK(contains(sample
                       .query({"users/create", "cognito_user_id=2", "handle=dora", "display_name=D",
                               "email=d@x.y"},
                              0)
                       .out,
                   "dora_c81e728d"));
    const auto bruno = sample.json({"users/show", "handle=bruno", "--one"});
    CHECK(bruno["activities_count"] == 2);
    CHECK(bruno["activities"].size() == 2);
    CHECK(sample.json({"users/show", "handle=dora", "--one"})["activities"].empty());
    CHECK(sample.json({"users/short", "handle=ada", "--one"})["display_name"] == "Ada Quill");
    CHECK(sample.query({"users/show", "handle=nobody", "--one"}, 1).out.empty());
}

TEST_CASE("query files of an application that uses psycopg run unchanged")
{
    const SampleQueries sample;
    sample.project.write("sql/queries/db/insert.sql", R"(
INSERT INTO public.activities (
  user_uuid,
  message,
  expires_at
)
VALUES (
  (SELECT uuid FROM public.users WHERE users.cognito_user_id = %(cognito_user_id)s LIMIT 1),
  %(message)s,
  %(expires_at)s
) RETURNING uuid;
)");
    sample.project.write("sql/queries/db/feed.sql", R"(
SELECT COALESCE(array_to_json(array_agg(row_to_json(array_row))),'[]'::json) FROM (
  SELECT
    activities.uuid, users.display_name, users.handle, activities.message,
    activities.replies_count, activities.expires_at, activities.created_at
  FROM public.activities
  LEFT JOIN public.users ON users.uuid = activities.user_uuid
  WHERE activities.message NOT LIKE '100 %%'
  ORDER BY activities.created_at DESC
) array_row
)");
    sample.project.write("sql/queries/db/one.sql", R"(
SELECT COALESCE(row_to_json(object_row),'{}'::json) FROM (
  SELECT activities.uuid, users.handle, activities.message
  FROM public.activities
  INNER JOIN public.users ON users.uuid = activities.user_uuid
  WHERE activities.uuid = %(uuid)s
) object_row
)");
    const std::string uuid = sample
                                 .query({"db/insert", "cognito_user_id=seed-ada",
                                         "message=it's 100 %", in_a_week, "--value"},
                                        0)
                                 .out;
    CHECK(nlohmann::json::parse(sample.query({"db/feed", "--value"}, 0).out).size() == 6);
    const auto one = nlohmann::json::parse(
        sample.query({"db/one", "uuid=" + uuid.substr(0, uuid.size() - 1), "--value"}, 0).out);
    CHECK(one["message"] == "it's 100 %");
    CHECK(one["handle"] == "ada");
}
