#include "cli/database_project.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

struct PsqlProject : DatabaseProject {
    PsqlProject()
    {
        project.write("sql/schema.sql", "create table t (id int primary key);\n");
        project.write("sql/seed.sql", "insert into t values (1);\n");
        expect({"setup", "--no-seed"}, 0);
    }
    std::string rows() const { return ask("select count(*) from t"); }
    CliResult load(const std::string& text, int exit_code) const
    {
        project.write("more.sql", text);
        return expect({"schema-load", "-f", "more.sql", "--via", "psql", "--no-copy"}, exit_code);
    }
};

} // namespace

TEST_CASE("psql gets no file that leaves the target or its transaction")
{
    const PsqlProject fixture;
    const TempDatabase other;
    pg::Connection(other.info()).exec("create table orders ()");
    const std::vector<std::string> ways = {
        "\\c " + other.name() + "\ndrop table orders;\n",
        "\\connect \"dbname=" + other.name() + "\"\ndrop table orders;\n",
        "\\password postgres\n",
        "\\! psql -d " + other.name() + " -c 'drop table orders'\n",
        "commit;\n",
        "begin;\ninsert into t values (2);\ncommit;\n",
        "rollback;\n",
        "end;\n",
        "prepare transaction 'x';\n",
        "\\i " + (fixture.project.root() / "included.sql").string() + "\n",
    };
    fixture.project.write("included.sql", "\\c " + other.name() + "\n");
    for (const std::string& way : ways) {
        CAPTURE(way);
        const auto result = fixture.load("insert into t values (5);\n" + way, 5);
        CHECK(contains(result.err, "nothing was changed"));
        CHECK(fixture.rows() == "0");
    }
    fixture.project.write("sql/schema.sql",
                          "create table t ();\n\\c " + other.name() + "\ndrop table orders;\n");
    fixture.expect({"setup", "--via", "psql"}, 5);
    CHECK(pg::Connection(other.info()).exec("select to_regclass('orders')").scalar() == "orders");
}

TEST_CASE("what psql left behind is asked of the server, and said")
{
    const PsqlProject fixture;
    fixture.project.write("more.sql", "insert into t values (1);\nselect 'commit' as word \\gset\n"
                                      ":word;\nselect nope;\n");
    const auto kept = fixture.run({"schema-load", "-f", "more.sql", "--via", "psql", "--no-copy"})
                          .with_terminal(200)
                          .expect("Type yes to trust it")
                          .type("yes\n")
                          .result();
    CHECK(kept.exit_code == 1);
    CHECK(contains(kept.screen, "a part of what they did stays done"));
    CHECK(fixture.rows() == "1");
    CHECK(contains(fixture.expect({"status"}, 0).out, "cut short"));
    fixture.expect({"setup", "--no-seed"}, 0);
    const auto undone = fixture.load("insert into t values (1);\nselect nope;\n", 1);
    CHECK(contains(undone.err, "nothing that it loaded stays"));
    CHECK(fixture.rows() == "0");
    CHECK_FALSE(contains(fixture.expect({"status"}, 0).out, "cut short"));
    CHECK_FALSE(contains(undone.err, " began "));
    fixture.load("insert into t values (1);\n", 0);
    CHECK_FALSE(contains(fixture.expect({"status"}, 0).out, "cut short"));
}

TEST_CASE("seeds that psql loaded are remembered as those that crudctl loads")
{
    const PsqlProject fixture;
    fixture.expect({"seed", "--via", "psql"}, 0);
    CHECK(contains(fixture.expect({"seed"}, 0).err, "every seed was loaded before"));
    CHECK(
        contains(fixture.expect({"seed", "--via", "psql"}, 0).err, "every seed was loaded before"));
    CHECK(fixture.rows() == "1");
    fixture.expect({"setup", "--via", "psql"}, 0);
    CHECK(contains(fixture.expect({"seed"}, 0).err, "every seed was loaded before"));
    CHECK(fixture.rows() == "1");
}

TEST_CASE("what psql was never asked, or was refused at its end, is not said to be cut short")
{
    PsqlProject fixture;
    const TempDatabase other;
    fixture.load("do $$ begin execute 'comment on data' || 'base " + other.name() +
                     " is null'; end $$;\n",
                 5);
    CHECK_FALSE(contains(fixture.expect({"status"}, 0).out, "cut short"));
    fixture.project.set_variable("PATH", "/nowhere");
    fixture.project.write("more.sql", "insert into t values (1);\n");
    CHECK(contains(fixture.expect({"schema-load", "-f", "more.sql", "--via", "psql"}, 6).err,
                   "cannot find psql"));
    CHECK_FALSE(contains(fixture.expect({"status"}, 0).out, "cut short"));
    fixture.expect({"seed"}, 0);
    CHECK(fixture.rows() == "1");
}
