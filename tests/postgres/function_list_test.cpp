#include "pg/connection.hpp"
#include "script/effect/known_names.hpp"
#include "support/paths.hpp"
#include "support/system/file.hpp"
#include "support/temp_cluster.hpp"

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::tests;

TEST_CASE("the list of functions fits the server")
{
    pg::Connection connection(TestCluster::running().info());
    const pg::Result functions =
        connection.exec(read_file(source_folder() / "scripts/lib/functions.sql", 1U << 16U).text);
    std::size_t listed = 0;
    std::string unlisted; // volatile in another version
    for (std::size_t i = 0; i < functions.size(); ++i) {
        const std::string name = functions[i].text("proname");
        const bool is_safe = functions[i].text("effect") == "safe";
        CAPTURE(name);
        CHECK((is_safe || !script::is_safe_function(name)));
        listed += script::is_safe_function(name) ? 1 : 0;
        unlisted += is_safe && !script::is_safe_function(name) ? name + " " : "";
    }
    CAPTURE(unlisted, "scripts/function_list.sh writes the list anew");
    CHECK(listed > 1900);
    CHECK(unlisted.size() < 300);
    CHECK_FALSE(script::is_safe_function("setval"));
    CHECK_FALSE(script::is_safe_function("lo_unlink"));
    CHECK_FALSE(script::is_safe_function("query_to_xml"));
    CHECK(script::is_safe_function("nextval"));
}

TEST_CASE("the lists of keywords fit the server")
{
    pg::Connection connection(TestCluster::running().info());
    const pg::Result keywords =
        connection.exec("select word, catcode::text from pg_catalog.pg_get_keywords()");
    for (std::size_t i = 0; i < keywords.size(); ++i) {
        const std::string word = keywords[i].text("word");
        const std::string kind = keywords[i].text("catcode");
        CAPTURE(word, kind);
        CHECK(script::is_keyword(word));
        CHECK((kind == "R" || kind == "C" || !script::is_never_function(word)));
        CHECK((kind == "R" || !script::is_never_table(word)));
        CHECK((kind == "T" || !script::is_infix(word)));
    }
}

TEST_CASE("functions that READ ONLY does not stop are none of the list")
{
    pg::Connection connection(TestCluster::running().info());
    const pg::Result names = connection.exec("select distinct proname from pg_catalog.pg_proc");
    std::size_t known = 0;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string name = names[i].text("proname");
        CAPTURE(name);
        CHECK_FALSE((script::acts_outside(name) && script::is_safe_function(name)));
        known += script::acts_outside(name) ? 1 : 0;
    }
    CHECK(known > 45);
}
