#include "script/effect/role_names.hpp"

#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace crudctl::script;

namespace {

using Roles = std::set<std::string>;

RoleNames names_in(const std::string& statement)
{
    RoleNames names;
    names.add(statement);
    return names;
}

} // namespace

TEST_CASE("the roles that a statement wants are read from its words")
{
    struct Example {
        std::string statement;
        Roles wanted;
    };
    const std::vector<Example> examples = {
        {"alter table t owner to \"Rds Owner\"", {"Rds Owner"}},
        {"GRANT select ON t TO a, GROUP B WITH GRANT OPTION", {"a", "b"}},
        {"revoke all on t from public, current_user, c", {"c"}},
        {"grant a, b to c with admin option", {"a", "b", "c"}},
        {"revoke admin option for a from b", {"a", "b"}},
        {"alter default privileges for role m grant select on tables to r", {"m", "r"}},
        {"create policy p on t to q using (true)", {"q"}},
        {"create schema s authorization o", {"o"}},
        {"create role x in role a, b role c admin d", {"a", "b", "c", "d"}},
        {"alter role x set work_mem = 1", {"x"}},
        {"alter role all in database d set work_mem = 1", {}},
        {"alter group g add user u", {"g", "u"}},
        {"drop role if exists x, y", {"x", "y"}},
        {"drop owned by x", {"x"}},
        {"reassign owned by x to y", {"x", "y"}},
        {"set role x", {"x"}},
        {"set local role x", {"x"}},
        {"set session authorization x", {"x"}},
        {"set role none", {}},
        {"alter table t rename to u", {}},
        {"alter table t add column a int", {}},
        {"create table t (a int, b text)", {}},
        {"insert into t values ('grant a to b')", {}},
    };
    for (const Example& example : examples) {
        CAPTURE(example.statement);
        CHECK(names_in(example.statement).wanted == example.wanted);
    }
}

TEST_CASE("a role that a statement makes is none that it wants")
{
    const RoleNames names = names_in("create user \"App\" login in role readers");
    CHECK(names.made == Roles{"App"});
    CHECK(names.wanted == Roles{"readers"});
}
