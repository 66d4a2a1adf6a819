#include "config/profile/foreign_url.hpp"

#include "support/error.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::config;

TEST_CASE("URLs of other tools are read as libpq's", "[config]")
{
    struct Example {
        std::string url;
        std::string text;
    };
    const std::vector<Example> examples = {
        {"postgresql://u:p@h/d?schema=app&connection_limit=5", "postgresql://u:p@h/d"},
        {"postgresql://u:p@h/d?sslmode=require&pgbouncer=true&connect_timeout=3",
         "postgresql://u:p@h/d?sslmode=require&connect_timeout=3"},
        {"postgresql+psycopg2://u:p@h/d", "postgresql://u:p@h/d"},
        {"postgresql+asyncpg://u@h/d?ssl=disable", "postgresql://u@h/d?sslmode=disable"},
        {"postgres+asyncpg://u@h/d", "postgresql://u@h/d"},
        {"jdbc:postgresql://h:5433/d?user=u&password=p&ssl=true&ApplicationName=web",
         "postgresql://h:5433/d?user=u&password=p&sslmode=require&application_name=web"},
        {"postgres://u:p@h/d?ssl=true&sslmode=no-verify",
         "postgres://u:p@h/d?sslmode=require&sslmode=require"},
        {"postgresql://u:a?b@h/d", "postgresql://u:a?b@h/d"},
        {"host=h dbname=d", "host=h dbname=d"},
        {"mysql://u@h/d?charset=utf8", "mysql://u@h/d?charset=utf8"},
    };
    for (const Example& example : examples) {
        CAPTURE(example.url);
        CHECK(read_foreign_url(example.url).text == example.text);
    }
    CHECK(read_foreign_url("postgresql://u@h/d?schema=app").search_path == "app");
    CHECK(read_foreign_url("jdbc:postgresql://h/d?currentSchema=app").search_path == "app");
    CHECK(read_foreign_url("postgresql://u@h/d?pgbouncer=true").is_pooled);
    CHECK(read_foreign_url("postgresql://u@h/d?pool_timeout=2&pool=5").left_out ==
          std::vector<std::string>{"pool_timeout", "pool"});
}

TEST_CASE("a schema in a URL is one exact name, and nothing else", "[config]")
{
    const auto path_of = [](const std::string& query) {
        return read_foreign_url("postgresql://u@h/d?" + query).search_path;
    };
    CHECK(path_of("schema=My%20App") == "\"My App\"");
    CHECK(path_of("schema=a,b") == "\"a,b\"");
    CHECK(path_of("schema=%24user") == "\"$user\"");
    CHECK(path_of("schema=a%22b") == "\"a\"\"b\"");
    CHECK(path_of("currentSchema=a, \"B\"") == "a,\"B\"");
    CHECK(search_path_option(path_of("schema=app -c role=postgres")) ==
          "-c search_path=\"app\\ -c\\ role=postgres\"");
    CHECK(search_path_option(path_of("schema=a\\ b")) == "-c search_path=\"a\\\\\\ b\"");
    CHECK_THROWS_AS(path_of("schema=a%00b"), Error);
}

TEST_CASE("a parameter that no tool has is named, with the one that is meant", "[config]")
{
    try {
        read_foreign_url("postgresql://u:S3cr3t@h/d?sslmod=require");
        FAIL("taken");
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::configuration);
        CHECK(std::string(error.what()) == "unknown parameter \"sslmod\" in the connection URL");
        CHECK(error.hint() == "did you mean \"sslmode\"?");
    }
}
