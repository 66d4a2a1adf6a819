#include "database/marker.hpp"
#include "script/effect/outside.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::script;

TEST_CASE("statements that reach outside the database are known")
{
    const auto what = [](const char* sql) { return outside_of(sql, "shop").what; };
    CHECK(what("create role app login password 'x'") == "create role app login");
    CHECK(what("CREATE USER app") == "CREATE USER app");
    CHECK(what("alter role app superuser;") == "alter role app superuser");
    CHECK(what("drop group if exists app") == "drop group if exists app");
    CHECK(what("alter system set work_mem = '1GB'") == "alter system set work_mem =");
    CHECK(what("create tablespace a location '/x'") == "create tablespace a location");
    CHECK(what("grant create on tablespace a to b") == "grant create on tablespace a to b");
    CHECK(what("grant a, b to c") == "grant a, b to c");
    CHECK(what("revoke a from b") == "revoke a from b");
    CHECK(what("comment on role a is 'x'") == "comment on role a is");
    CHECK(what("reassign owned by a to b") == "reassign owned by a to b");
    CHECK(what("grant set on parameter work_mem to a") == "grant set on parameter work_mem to a");
    for (const char* sql :
         {"create table a ()", "grant select on a to b", "comment on database shop is 'x'",
          "alter database \"shop\" set a = b", "grant connect on database SHOP to a",
          "alter role a in database shop set b = c", "create user mapping for a server b",
          "select 'alter system'", "comment on table a is 'on database b'",
          "security label on table a is 'b'", "insert into a values ('create role b')"}) {
        CAPTURE(sql);
        if (std::string(sql).find("alter role") == std::string::npos) {
            CHECK(what(sql).empty());
        }
        CHECK(outside_of(sql, "shop").databases.empty());
    }
}

TEST_CASE("the other databases that a statement names are known")
{
    using Names = std::vector<std::string>;
    const auto names = [](const char* sql) { return outside_of(sql, "shop").databases; };
    CHECK(names("comment on database ShopProd is 'x'") == Names{"shopprod"});
    CHECK(names("comment on database \"Shop\" is null") == Names{"Shop"});
    CHECK(names("alter database if_there set a = b") == Names{"if_there"});
    CHECK(names("grant connect, temp on database shop, a, \"B\" to c") == Names{"a", "B"});
    CHECK(names("revoke all on database a from public") == Names{"a"});
    CHECK(names("security label for x on database a is 'b'") == Names{"a"});
    CHECK(names("alter role b in database a set c = d") == Names{"a"});
    CHECK(names("alter user all in database a reset all") == Names{"a"});
    CHECK(names("drop database if exists a") == Names{"a"});
    CHECK(names("create database a template b") == Names{"a"});
}

TEST_CASE("a comment says prod by any line of ours that does, or can't be read")
{
    const auto is_marked_prod = [](const std::string& comment) {
        return database::protects(database::parse_comment(comment));
    };
    CHECK(is_marked_prod("crudctl: {\"environment\":\"prod\"}"));
    CHECK(is_marked_prod("Shop\ncrudctl: {\"environment\":\"PROD\"}\nmore"));
    CHECK(is_marked_prod("crudctl:{\"environment\":\"Production\",\"oid\":\"1\"}"));
    CHECK(
        is_marked_prod("crudctl: {\"environment\":\"dev\"}\ncrudctl: {\"environment\":\"prod\"}"));
    CHECK(is_marked_prod("crudctl: {half"));
    CHECK(is_marked_prod("crudctl: {\"stands_in\":{\"kind\":\"previous\",\"protected\":true}}"));
    CHECK_FALSE(is_marked_prod(""));
    CHECK_FALSE(is_marked_prod("prod"));
    CHECK_FALSE(is_marked_prod("our crudctl: {\"environment\":\"prod\"}"));
    CHECK_FALSE(is_marked_prod("Shop\ncrudctl: {\"environment\":\"staging\"}"));
}
