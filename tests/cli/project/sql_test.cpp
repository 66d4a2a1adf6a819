#include "cli/database_project.hpp"

#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

struct FilledProject : DatabaseProject {
    FilledProject()
    {
        project.write("sql/schema.sql", "create table users (id int, name text);\n"
                                        "insert into users values (1, 'ada'), (2, 'bob');\n");
        expect({"setup", "--no-seed"}, 0);
    }
    std::string count() { return expect({"sql", "--value", "select count(*) from users"}, 0).out; }
};

} // namespace

TEST_CASE("a statement on the command line prints its rows as a query does")
{
    FilledProject fixture;
    const auto table = fixture.expect({"sql", "select * from users order by id"}, 0);
    CHECK(contains(table.out, "ada"));
    CHECK(contains(table.err, "2 rows"));
    CHECK(fixture.expect({"sql", "--csv", "select * from users order by id"}, 0).out ==
          "id,name\n1,ada\n2,bob\n");
    CHECK(fixture.expect({"sql", "select name from users where id = :id", "id=2", "--value"}, 0)
              .out == "bob\n");
    CHECK(nlohmann::json::parse(
              fixture.expect({"sql", "--json", "select id from users where id = 1"}, 0).out) ==
          nlohmann::json::parse(R"([{"id": 1}])"));
}

TEST_CASE("a statement that fails shows its place, one of two is refused")
{
    FilledProject fixture;
    const auto failed = fixture.expect({"sql", "select * frm users"}, 1);
    CHECK(contains(failed.err, "the statement:1:"));
    CHECK(contains(failed.err, "syntax error"));
    fixture.expect({"sql", "select 1; select 2"}, 1);
    fixture.expect({"sql", ""}, 1);
    fixture.expect({"sql", "select :name"}, 2);
}

TEST_CASE("a statement may come from standard input")
{
    FilledProject fixture;
    const auto result = fixture.run({"sql", "-", "--value"})
                            .with_input("select name\n  from users where id = 1")
                            .result();
    CHECK(result.exit_code == 0);
    CHECK(result.out == "ada\n");
}

TEST_CASE("a statement that writes needs the same leave as a query does")
{
    FilledProject fixture;
    fixture.expect({"sql", "insert into users values (3, 'cyd')"}, 0);
    CHECK(fixture.count() == "3\n");
    fixture.expect({"sql", "delete from users where id = 3"}, 0);
    CHECK(fixture.count() == "2\n");
    fixture.expect({"mark", "--as", "prod"}, 0);
    CHECK(contains(fixture.expect({"sql", "delete from users"}, 5).err, "is protected"));
    CHECK(contains(fixture.expect({"sql", "insert into users values (4, 'dan')"}, 5).err,
                   "the statement writes"));
    fixture.expect({"sql", "delete from users", "--write"}, 5);
    CHECK(fixture.count() == "2\n");
}
