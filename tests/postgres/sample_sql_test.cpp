#include "support/cli_runner.hpp"
#include "support/paths.hpp"
#include "support/temp_cluster.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using crudctl::tests::CliCall;
using crudctl::tests::CliResult;
using crudctl::tests::TempDatabase;
using crudctl::tests::TestCluster;

namespace {

/// With the real psql, which stops at the first error.
CliResult run_psql(const TempDatabase& database, std::vector<std::string> arguments)
{
    const TestCluster& cluster = TestCluster::running();
    arguments.insert(arguments.begin(), {"-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1"});
    return CliCall(std::move(arguments))
        .with_program(cluster.clients() / "psql")
        .with_variable("PGHOST", cluster.socket_folder())
        .with_variable("PGPORT", cluster.port())
        .with_variable("PGUSER", "postgres")
        .with_variable("PGDATABASE", database.name())
        .result();
}

void load(const TempDatabase& database, const std::string& file)
{
    const auto path = crudctl::tests::source_folder() / "sql" / file;
    const CliResult result = run_psql(database, {"-f", path.string()});
    REQUIRE(result.err.empty());
    REQUIRE(result.exit_code == 0);
}

std::string answer(const TempDatabase& database, const std::string& query)
{
    const CliResult result = run_psql(database, {"-c", query});
    REQUIRE(result.err.empty());
    return result.out;
}

const std::string row_counts =
    "select (select count(*) from users), (select count(*) from activities)";

} // namespace

TEST_CASE("psql loads the sample's schema and its seed")
{
    const TempDatabase database;
    load(database, "schema.sql");
    CHECK(answer(database, row_counts) == "0|0\n");
    load(database, "seed.sql");
    CHECK(answer(database, row_counts) == "3|5\n");
}

TEST_CASE("the sample's seed loaded twice doubles nothing and changes nothing")
{
    const std::string content =
        "select md5(string_agg(t::text, ',' order by t::text)) "
        "from (select u::text from users u union all select a::text from activities a) t";
    const TempDatabase database;
    load(database, "schema.sql");
    load(database, "seed.sql");
    const std::string before = answer(database, content);
    load(database, "seed.sql");
    CHECK(answer(database, row_counts) == "3|5\n");
    CHECK(answer(database, content) == before);
}

TEST_CASE("the sample's counts of replies are those of its replies")
{
    const TempDatabase database;
    load(database, "schema.sql");
    load(database, "seed.sql");
    CHECK(answer(database, "select count(*) from activities where expires_at < now()") == "0\n");
    CHECK(answer(database, "select count(*) from activities a where replies_count <> "
                           "(select count(*) from activities r "
                           "where r.reply_to_activity_uuid = a.uuid)") == "0\n");
    CHECK(answer(database, "select sum(replies_count) > 0 from activities") == "t\n");
}

TEST_CASE("the sample's tables refuse what no social network has")
{
    const TempDatabase database;
    load(database, "schema.sql");
    load(database, "seed.sql");
    for (const std::string statement : {
             "insert into users (display_name, handle, email, cognito_user_id) "
             "values ('Ada', 'ada', 'other@cruddur.example', 'other')",
             "update activities set likes_count = -1",
             "update activities set user_uuid = gen_random_uuid()",
             "update activities set reply_to_activity_uuid = uuid",
             "update activities set expires_at = created_at",
         }) {
        CAPTURE(statement);
        CHECK(run_psql(database, {"-c", statement}).exit_code != 0);
    }
}

TEST_CASE("psql runs the sample's queries, with their parameters as its variables")
{
    const TempDatabase database;
    load(database, "schema.sql");
    load(database, "seed.sql");
    const auto run = [&](const std::string& file, std::vector<std::string> arguments) {
        const auto path = crudctl::tests::source_folder() / "sql/queries" / file;
        arguments.insert(arguments.end(), {"-f", path.string()});
        return run_psql(database, arguments);
    };
    const auto short_form = run("users/short.sql", {"-v", "handle='ada'"});
    CHECK(short_form.err.empty());
    CHECK(short_form.out.find("|ada|Ada Quill\n") != std::string::npos);
    const auto nobody =
        run("activities/create.sql", {"-v", "cognito_user_id=null", "-v", "handle='nobody'", "-v",
                                      "message='x'", "-v", "expires_at=null"});
    CHECK(nobody.err.find("ERROR:  no user has the handle \"nobody\"") != std::string::npos);
    CHECK(nobody.exit_code == 3);
    CHECK(answer(database, row_counts) == "3|5\n");
}
