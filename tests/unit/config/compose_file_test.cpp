#include "config/project/compose_file.hpp"

#include <map>
#include <optional>
#include <string>

#include <catch2/catch.hpp>

using crudctl::config::ComposeDatabase;
using crudctl::config::ComposeSurroundings;
using crudctl::config::find_compose_databases;

namespace {

using NamedTexts = std::map<std::string, std::string, std::less<>>;

/// The only database of a file, or the first one.
std::optional<ComposeDatabase> find_compose_database(const std::string& text,
                                                     const NamedTexts& variables = {},
                                                     const NamedTexts& in_file = {})
{
    const ComposeSurroundings surroundings = {
        [&](const std::string& name) {
            const auto found = variables.find(name);
            return found == variables.end() ? std::nullopt : std::optional(found->second);
        },
        [&](const std::string& path) { return path == "db.env" ? in_file : NamedTexts(); }};
    const auto found = find_compose_databases(text, surroundings);
    return found.empty() ? std::nullopt : std::optional(found.front());
}

/// "service user@port/database"; "none" where no database is found.
std::string found_in(const std::string& text)
{
    const auto found = find_compose_database(text);
    return found ? found->service + " " + found->user + "@" + found->port + "/" + found->database
                 : "none";
}

/// A service "db" with these lines, indented by four.
std::string database_with(const std::string& lines)
{
    return "services:\n  db:\n    image: postgres\n" + lines;
}

std::string repeated(const std::string& text, std::size_t count)
{
    std::string all;
    while (count-- > 0) {
        all += text;
    }
    return all;
}

/// Anchors each of which names the one before ten times.
std::string alias_bomb(const std::string& first, const std::string& open, const std::string& close)
{
    std::string text = "x0: &x0 " + first + "\n";
    for (int i = 1; i < 30; ++i) {
        const std::string alias = "*x" + std::to_string(i - 1);
        text += "x" + std::to_string(i) + ": &x" + std::to_string(i) + " " + open +
                repeated(alias + ", ", 9) + alias + close + "\n";
    }
    return text;
}

constexpr std::size_t megabyte = std::size_t{1} << 20U;

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

TEST_CASE("a compose file may be in flow style", "[config]")
{
    CHECK(found_in("services: {db: {image: 'postgres:16', environment: {POSTGRES_DB: shop}}}") ==
          "db postgres@/shop");
    CHECK(found_in(database_with("    environment: {POSTGRES_DB: shop, POSTGRES_USER: \"ann\"}\n"
                                 "    ports: [\"5433:5432\"]\n")) == "db ann@5433/shop");
    CHECK(found_in(database_with(
              "    environment: [POSTGRES_DB=shop, 'POSTGRES_USER=ann', TZ]\n")) == "db ann@/shop");
    CHECK(found_in("{\"services\": {\"db\": {\"image\": \"postgres\"}}}") == "db postgres@/");
}

TEST_CASE("quotes, comments and empty values in a compose file are YAML's", "[config]")
{
    CHECK(found_in(database_with("    environment:\n      POSTGRES_DB: 'it''s #1'\n")) ==
          "db postgres@/it's #1");
    CHECK(found_in(database_with("    environment:\n      POSTGRES_DB: \"a\\tb\" # name\n")) ==
          "db postgres@/a\tb");
    CHECK(
        found_in(database_with("    environment:\n      POSTGRES_DB:\n      POSTGRES_USER: ~\n")) ==
        "db postgres@/");
    CHECK(found_in(database_with("    environment: {POSTGRES_DB: \"${DB:-shop}\"}\n")) ==
          "db postgres@/shop");
}

TEST_CASE("a compose file's port may be a mapping", "[config]")
{
    CHECK(found_in(database_with("    ports:\n      - target: 9187\n        published: 9187\n"
                                 "      - {target: 5432, published: \"5434\"}\n")) ==
          "db postgres@5434/");
    CHECK(found_in(database_with("    ports: [{target: 5432}]\n")) == "db postgres@/");
}

TEST_CASE("anchors and merges in a compose file are followed", "[config]")
{
    const std::string shared = "x-env: &env {POSTGRES_DB: shop, POSTGRES_USER: ann}\n"
                               "x-more: &more {POSTGRES_DB: other, POSTGRES_USER: bob}\n"
                               "x-db: &db\n  image: postgres\n  environment: *env\n";
    CHECK(found_in(shared + "services: {db: *db}\n") == "db ann@/shop");
    CHECK(found_in(shared + "services:\n  db:\n    <<: *db\n    ports: ['5433:5432']\n") ==
          "db ann@5433/shop");
    // What a mapping says itself counts, wherever the merge stands. Merges are not deep.
    CHECK(found_in(shared +
                   "services:\n  db:\n    environment: {POSTGRES_DB: mine}\n    <<: *db\n") ==
          "db postgres@/mine");
    CHECK(found_in(shared +
                   "services: {db: {<<: *db, environment: {<<: *env, POSTGRES_DB: mine}}}\n") ==
          "db ann@/mine");
    // Of several merged mappings the first counts.
    CHECK(found_in(shared + "services: {db: {<<: *db, environment: {<<: [*env, *more]}}}\n") ==
          "db ann@/shop");
    CHECK(found_in(shared + "services: {db: {<<: *db, environment: {<<: [*more, *env]}}}\n") ==
          "db bob@/other");
}

TEST_CASE("the first Postgres of a compose file counts, in any of its documents", "[config]")
{
    CHECK(found_in("services: {a: {image: redis}, c: {image: postgres}, b: {image: postgis}}\n") ==
          "c postgres@/");
    CHECK(found_in("name: shop\n---\nservices: {db: {image: postgres}}\n") == "db postgres@/");
}

TEST_CASE("a compose file that is broken or means something else has no database", "[config]")
{
    const auto* text = GENERATE(
        "services: {db: {image: postgres}}\n- : :\n  -\n", "services: {db: {image: postgres}",
        "services:\n\tdb:\n", "services: {db: *nowhere}", "services: [{image: postgres}]",
        "services: postgres", "services: {db: postgres}", "services: {db: {image: [postgres]}}",
        "[services]", "services: {? {a: b} : {image: mysql}}", "services: &s {<<: *s}", ",",
        "a: b\n---\n,", "services: {db: {<<: 7}}", "\xff\xfe\0",
        "services: {db: {image: \"postgres}}");
    CAPTURE(text);
    CHECK(found_in(text) == "none");
}

TEST_CASE("a compose file can't cost more time, memory or stack than a large one", "[config]")
{
    const std::string open =
        GENERATE("[", "{a: ", "- ", "? ", "[a, ", "services: {a: {<<: [[", "---\n");
    CAPTURE(open);
    CHECK(found_in(repeated(open, megabyte / open.size())) == "none");
}

TEST_CASE("aliases in a compose file are followed only so far", "[config]")
{
    const std::string merges = alias_bomb("{image: mysql}", "{<<: [", "]}");
    CHECK(found_in(merges + "services: {db: *x29}\n") == "none");
    CHECK(found_in(merges + "services: {db: {environment: *x29}}\n") == "none");
    CHECK(found_in(alias_bomb("postgres", "[", "]") + "services: {db: {image: *x29}}\n") == "none");
    const std::string half = "x: &x " + std::string(megabyte / 2, 'x') + "\n";
    CHECK(found_in(half + "services: {db: {image: postgres, ports: [" +
                   repeated("*x,", megabyte / 8) + "]}}\n") == "none");
    // Nodes that aren't looked at cost nothing.
    CHECK(found_in(merges + "services: {db: {image: postgres}}\n") == "db postgres@/");
    std::string chain = "x0: &x0 {image: postgres}\n";
    for (int i = 1; i < 5000; ++i) {
        chain += "x" + std::to_string(i) + ": &x" + std::to_string(i) + " {<<: *x" +
                 std::to_string(i - 1) + "}\n";
    }
    CHECK(found_in(chain + "services: {db: *x4}\n") == "db postgres@/");
    CHECK(found_in(chain + "services: {db: *x4999}\n") == "none");
}

TEST_CASE("variables in a compose file are the surroundings'", "[config]")
{
    const auto name_of = [](const std::string& value, const NamedTexts& variables) {
        return find_compose_database(
                   database_with("    environment:\n      POSTGRES_DB: \"" + value + "\"\n"),
                   variables)
            ->database;
    };
    CHECK(name_of("${DB}", {{"DB", "shop"}}) == "shop");
    CHECK(name_of("$DB", {{"DB", "shop"}}) == "shop");
    CHECK(name_of("${DB:-other}", {{"DB", ""}}) == "other");
    CHECK(name_of("${DB-other}", {}) == "other");
    CHECK(name_of("${DB:?is not set}", {{"DB", "shop"}}) == "shop");
    CHECK(name_of("my_${DB:-shop}_dev", {}) == "my_shop_dev");
    CHECK(name_of("${DB:+with}", {{"DB", "shop"}}) == "with");
    CHECK(name_of("a$$b", {}) == "a$b");
    CHECK(name_of("${", {}) == "{");
}

TEST_CASE("a compose file's env_file counts for less than its environment", "[config]")
{
    const NamedTexts in_file = {{"POSTGRES_DB", "shop"}, {"POSTGRES_USER", "ann"}};
    for (const char* form :
         {"db.env", "[missing.env, db.env]", "[{path: db.env, required: false}]"}) {
        CAPTURE(form);
        const std::string text = database_with("    env_file: " + std::string(form) + "\n");
        CHECK(find_compose_database(text, {}, in_file)->database == "shop");
        CHECK(find_compose_database(text + "    environment: [POSTGRES_DB=mine]\n", {}, in_file)
                  ->database == "mine");
    }
}

TEST_CASE("of several Postgres services one for tests comes last", "[config]")
{
    const auto found = find_compose_database(
        "services:\n  db_test: {image: postgres, environment: {POSTGRES_DB: one}}\n"
        "  db: {image: postgres, environment: {POSTGRES_DB: two}}\n"
        "  store: {image: postgis/postgis, environment: {POSTGRES_DB: three}}\n");
    REQUIRE(found);
    CHECK(found->database == "two");
}
