#include "script/scanner.hpp"

#include <catch2/catch.hpp>

using crudctl::script::Backslashes;
using crudctl::script::Item;
using crudctl::script::ScanError;
using crudctl::script::Scanner;
using crudctl::script::ScannerOptions;

namespace {

std::vector<std::string> texts(std::string_view sql, const ScannerOptions& options = {})
{
    std::vector<std::string> result;
    for (auto& statement : crudctl::script::split(sql, options)) {
        result.push_back(std::move(statement.text));
    }
    return result;
}

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("a semicolon inside quotes does not end a statement")
{
    const char* const sql = GENERATE(
        "select ';'", "select 'it''s;'", "select E'\\';'", "select e'\\\\', ';'",
        "select U&'\\0041;'", "select B'1;'", "select X'a;'", "select N';'", "select \"a;\"\"b;\"",
        "select U&\"a;\"", "select $$;$$", "select $a$ $$ ; $b$ ; $a$", "select $_ä1$;$_ä1$",
        "select 1e5$a$;$a$", "select 1$a$;$a$", "select $1$a$;$a$", "select 'a'\n';b'",
        "select E'a' -- c;\n '\\';b'", "select /* ; */ 1", "select /* /* ; */ ; */ 1",
        "select 1 -- ;\n", "select 1 +-- ;\n 2", "select 1 */* ; */ 2", "select 1 -/* ; */ 2",
        "select 1 @--;\n 2");
    CAPTURE(sql);
    const auto found = texts(std::string(sql) + ";select 2");
    REQUIRE(found.size() == 2);
    CHECK(found[1] == "select 2");
}
