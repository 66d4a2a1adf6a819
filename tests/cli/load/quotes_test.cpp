#include "cli/database_project.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

using Arguments = std::vector<std::string>;

/// The fifth of a hundred rows is `fifth`, with the rest of its statement.
std::string rows_with(const std::string& fifth)
{
    std::string text;
    for (int row = 1; row <= 100; ++row) {
        text += row == 5 ? "insert into t values (5," + fifth + "\n"
                         : fmt::format("insert into t values ({0},'name {0}');\n", row);
    }
    return text;
}

struct QuoteProject {
    QuoteProject()
    {
        fixture.project.write("sql/schema.sql", "create table t (id int primary key, v text);\n");
        REQUIRE(fixture.run({"schema-load"}).result().exit_code == 0);
    }
    CliResult seed(const std::string& text, const Arguments& arguments = {"seed"}) const
    {
        fixture.project.write("sql/seed.sql", text);
        return fixture.run(arguments).result();
    }
    std::string rows() const { return fixture.ask("select count(*) from t"); }

    DatabaseProject fixture;
};

} // namespace

TEST_CASE("a quote too many or too few is reported where it stands, not where the file ends")
{
    const QuoteProject project;
    struct Case {
        std::string fifth;
        std::string message;
        std::string hint;
    };
    const std::string twice = "hint: write a quote inside a string twice: 'O''Brien'";
    for (const Case& wrong : std::vector<Case>{
             {"'O'Brien');", "5:28: error: syntax error at or near \"Brien\" (SQLSTATE 42601)",
              twice},
             {"'it's');", "5:29: error: syntax error at or near \"s\"", twice},
             {"'it\\'s');", "5:30: error: syntax error at or near \"s\"", twice},
             {"'abc);", "6:26: error: syntax error at or near \"name\"",
              "begins in line 5 and goes on over the end of a statement: is its closing ' missing"},
             {"\"a);", "5:25: error: unterminated quoted name", ""},
             {"$$abc);", "5:25: error: unterminated dollar-quoted string", ""},
             {"(1;", "5:27: error: syntax error at or near \";\"", ""}}) {
        const CliResult failed = project.seed(rows_with(wrong.fifth));
        INFO(failed.err);
        CHECK(failed.exit_code == 1);
        CHECK(contains(failed.err, "sql/seed.sql:" + wrong.message));
        CHECK(contains(failed.err, wrong.hint));
        CHECK(contains(failed.err, "nothing was run"));
        CHECK_FALSE(contains(failed.err, "--no-transaction"));
        CHECK_FALSE(contains(failed.err, "seed.sql:100"));
    }
    CHECK(project.rows() == "0");
}

TEST_CASE("every command that loads shows the mistake, whatever is refused because of it")
{
    const QuoteProject project;
    const std::string text = rows_with("'O'Brien');");
    const std::string message = ":5:28: error: syntax error at or near \"Brien\"";
    for (const Arguments& arguments : {Arguments{"setup"},
                                       {"setup", "--in-place"},
                                       {"seed", "--no-transaction"},
                                       {"seed", "--dry-run"},
                                       {"schema-load", "-f", "sql/seed.sql"}}) {
        const CliResult failed = project.seed(text, arguments);
        INFO(failed.err);
        CHECK(failed.exit_code == 1);
        CHECK(contains(failed.err, "sql/seed.sql" + message));
    }
    const CliResult piped = project.fixture.run({"seed", "-f", "-"}).with_input(text).result();
    INFO(piped.err);
    CHECK(contains(piped.err, message));
    // Each function but the second ends; END is then a statement, which no file may have.
    std::string functions;
    for (int i = 1; i <= 4; ++i) {
        functions += fmt::format("create function f{}() returns int language plpgsql as $$\n"
                                 "begin\n  return 1;\nend;\n{};\n\n",
                                 i, i == 2 ? "" : "$$");
    }
    const CliResult dollars = project.seed(functions);
    INFO(dollars.err);
    CHECK(contains(dollars.err, "sql/seed.sql:15:3: error: syntax error at or near \"return\""));
    CHECK(contains(dollars.err, "begins in line 7 and goes on over the end of a statement: is its "
                                "closing $$ missing?"));
    CHECK(project.rows() == "0");
}

TEST_CASE("what is parsed for its mistakes alone neither runs nor is looked up")
{
    const QuoteProject project;
    CHECK(project.seed("insert into t values (1, 'a');\n").exit_code == 0);
    // Too many values, a missing table: mistakes, but none of the parser's.
    const CliResult refused =
        project.seed("drop table t;\ninsert into t values (1, 'a', 3);\nselect * from missing;\n"
                     "select currval('none');\nselect 'abc;\n");
    INFO(refused.err);
    CHECK(contains(refused.err, "sql/seed.sql:5:8: error: unterminated quoted string"));
    CHECK(contains(refused.err, "nothing was run"));
    CHECK(project.rows() == "1");
    const CliResult first = project.seed("select 1;\nselct 2;\nselect 'abc;\n");
    CHECK(contains(first.err, "sql/seed.sql:2:1: error: syntax error at or near \"selct\""));
    // The server's log shows what it parsed: nothing with a secret, then, is shown to it.
    const CliResult secret = project.seed("create role r password 'it's';\nselect 1;\n");
    INFO(secret.err);
    CHECK(contains(secret.err, "sql/seed.sql:1:27: error: unterminated quoted string"));
    CHECK_FALSE(contains(secret.err, "it's"));
}

TEST_CASE("a quote too many beside a password shows nothing of it")
{
    const QuoteProject project;
    for (const char* text :
         {"create role bob login password 'hunter2'Hidden3;\ncreate role b2 login password "
          "'Hidden4';\n",
          "create role bob login password 'hunter2'Hidden3';\ncreate role b2 login password "
          "'Hidden4'Hidden5';\nselect 1;\n",
          "create role c login password Hidden6';\nselect 1;\n",
          "alter role c password 'pa'Hidden7' valid until 'x';\n",
          "create role c login password $$Hidden8$;\ncreate role d password $$Hidden9$$;\n"}) {
        const CliResult failed = project.seed(text, {"seed", "--json"});
        INFO(failed.out << failed.err);
        CHECK(failed.exit_code == 1);
        CHECK(contains(failed.err, "sql/seed.sql:"));
        CHECK_FALSE(contains(failed.out + failed.err, "Hidden"));
    }
}

TEST_CASE("without a server the quote to look at first is named")
{
    const QuoteProject project;
    project.fixture.project.write(
        "crudctl.toml", "[project]\nname = 'shop'\nschema = ['sql/schema.sql']\n"
                        "seeds = ['sql/seed.sql']\n"
                        "[profiles.local]\nurl = 'postgresql://postgres@127.0.0.1:1/shop'\n");
    const CliResult apostrophe = project.seed(rows_with("'O'Brien');"));
    INFO(apostrophe.err);
    CHECK(apostrophe.exit_code == 1);
    CHECK(contains(apostrophe.err,
                   "sql/seed.sql:5:27: error: unterminated quoted string, which opens in line 100, "
                   "column 36: look at this quote first"));
    CHECK(contains(apostrophe.err, "write a quote inside a string twice: 'O''Brien'"));
    const CliResult missing = project.seed(rows_with("'abc);"));
    INFO(missing.err);
    CHECK(contains(missing.err, "sql/seed.sql:5:25: error: unterminated quoted string, which opens "
                                "in line 100, column 36: look at this quote first"));
}
