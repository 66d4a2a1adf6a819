#include "cli/database_project.hpp"
#include "cli/proxy_project.hpp"
#include "support/system/file.hpp"

#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace crudctl;
using namespace crudctl::tests;
using namespace std::chrono_literals;

namespace {

constexpr auto types =
    "select 9223372036854775807 as big, 0.10::numeric as exact, 'NaN'::float8 as nan,"
    " true as yes, '{\"a\": [1]}'::jsonb as json, null::int as nothing,"
    " 'a \"b\", \xE9\x99\xB3' as text, '' as empty";

/// The sample project with its schema, its seed and what a test writes into sql/queries.
class QueryProject : public ProxyProject {
public:
    using DatabaseProject::run;
    using ProxyProject::run;

    QueryProject()
    {
        pg::Connection connection(database.info());
        connection.exec_script(read_file(project.root() / "sql/schema.sql", 1U << 20U).text);
        connection.exec_script(read_file(project.root() / "sql/seed.sql", 1U << 20U).text);
    }

    void write(const std::string& name, const std::string& sql) const
    {
        project.write("sql/queries/" + name + ".sql", sql);
    }
};

} // namespace

TEST_CASE("a query's rows come as a table, as JSON, as CSV and as one value")
{
    const QueryProject fixture;
    fixture.write("types", types);
    const auto table = fixture.expect({"query", "types"}, 0);
    CHECK(contains(table.out, "                big  exact  nan  yes  json"));
    CHECK(contains(table.out, "9223372036854775807   0.10  NaN  t    {\"a\": [1]}"));
    CHECK(table.err == "(1 row)\n");
    CHECK(fixture.expect({"query", "types", "--json"}, 0).out ==
          "[\n  {\"big\": 9223372036854775807, \"exact\": 0.10, \"nan\": \"NaN\", \"yes\": true,"
          " \"json\": {\"a\": [1]}, \"nothing\": null, \"text\": \"a \\\"b\\\", \xE9\x99\xB3\","
          " \"empty\": \"\"}\n]\n");
    CHECK(fixture.expect({"query", "types", "--csv"}, 0).out ==
          "big,exact,nan,yes,json,nothing,text,empty\n9223372036854775807,0.10,NaN,t,"
          "\"{\"\"a\"\": [1]}\",,\"a \"\"b\"\", \xE9\x99\xB3\",\"\"\n");
    const auto one = fixture.expect({"query", "types", "--json", "--one"}, 0);
    CHECK(one.out.starts_with("{\"big\": "));
    CHECK(nlohmann::json::parse(one.out)["nothing"].is_null());
    fixture.write("value", "select :text::text");
    CHECK(fixture.expect({"query", "value", "text=a\tb\n", "--value"}, 0).out == "a\tb\n\n");
    CHECK(fixture.expect({"query", "value", "--null", "text", "--value"}, 0).out == "\n");
    fixture.write("none", "select 1 as a where false");
    CHECK(fixture.expect({"query", "none", "--json"}, 0).out == "[]\n");
    CHECK(fixture.expect({"query", "none", "--csv"}, 0).out == "a\n");
    CHECK(fixture.expect({"query", "none"}, 0).err == "(0 rows)\n");
    CHECK(contains(fixture.expect({"query", "none", "--json", "--csv"}, 2).err,
                   "exclude each other"));
    CHECK(fixture.expect({"query", "none", "--value", "--csv"}, 2).out.empty());
}

TEST_CASE("rows that are too wide for the terminal have a line for each column")
{
    const QueryProject fixture;
    fixture.write("wide", "select n as number, rtrim(repeat('long ', 8)) as text, null as nothing "
                          "from generate_series(1, 2) as n");
    const auto narrow = fixture.run({"query", "wide"}).with_terminal(40).result();
    CHECK(contains(narrow.screen, "number   1\ntext     long long long long long long\n"
                                  "         long long\nnothing\n\nnumber   2\n"));
    const auto wide = fixture.run({"query", "wide"}).with_terminal(80).result();
    CHECK(contains(wide.screen, "number  text"));
    CHECK(contains(fixture.expect({"query", "wide"}, 0).out, "number  text"));
}

TEST_CASE("who wants one row gets one or an error")
{
    const QueryProject fixture;
    fixture.write("rows", "select 1 as a from generate_series(1, :count)");
    CHECK(fixture.expect({"query", "rows", "count=1", "--one"}, 0).out == "a\n1\n");
    for (const char* count : {"count=0", "count=2"}) {
        const auto result = fixture.expect({"query", "rows", count, "--one"}, 1);
        CHECK(contains(result.err, "rows, and --one wants one"));
        CHECK(result.out.empty());
        CHECK(
            contains(fixture.expect({"query", "rows", count, "--value"}, 1).err, "--value wants"));
    }
    fixture.write("columns", "select 1, 2");
    CHECK(contains(fixture.expect({"query", "columns", "--value"}, 1).err,
                   "columns gave 2 columns, and --value wants one"));
    fixture.write("change", "update users set email = 'x@y.z' where handle <> :handle returning 1");
    const auto refused = fixture.expect({"query", "change", "handle=ada", "--one"}, 1);
    CHECK(contains(refused.err, "gave 2 rows, and --one wants one; nothing was changed"));
    CHECK(fixture.ask("select count(*) from users where email = 'x@y.z'") == "0");
    CHECK(fixture.expect({"query", "users/short", "handle=nobody"}, 0).err == "(0 rows)\n");
}

TEST_CASE("values come from the command line, from files and from standard input, byte for byte")
{
    const QueryProject fixture;
    fixture.write("value", "select :text::text");
    const auto value = [&](const std::string& word) {
        return fixture.expect({"query", "value", word, "--value"}, 0).out;
    };
    CHECK(value("text=") == "\n");
    CHECK(value("text=a=b") == "a=b\n");
    CHECK(value("text=@@ada said so") == "@ada said so\n");
    fixture.project.write("value.txt", "@-\nb ");
    CHECK(value("text=@value.txt") == "@-\nb \n");
    CHECK(fixture.run({"query", "value", "text=@-", "--value"}).with_input("a\n\nb").result().out ==
          "a\n\nb\n");
    const auto missing = fixture.expect({"query", "value", "text=@nowhere"}, 3);
    CHECK(contains(missing.err, "nowhere"));
    CHECK(contains(missing.err, "KEY=@@TEXT"));
    CHECK(fixture.run({"query", "value", "text=@-"}).with_closed_input().result().exit_code == 3);
    fixture.write("two", "select :a::text, :b::text");
    CHECK(contains(fixture.expect({"query", "two", "a=@-", "b=@-"}, 2).err, "standard input"));
}

TEST_CASE("a parameter that is missing, unknown or doubled is told with all types")
{
    const QueryProject fixture;
    fixture.write("find", "select :uuid::uuid, users.handle from users"
                          " where created_at > :since and handle = :handle");
    const std::string takes =
        "find takes uuid (uuid), since (timestamp with time zone), handle (text)";
    const auto check = [&](std::vector<std::string> words, const std::string& message) {
        words.insert(words.begin(), {"query", "find"});
        const auto result = fixture.expect(words, 2);
        CHECK(contains(result.err, message));
        CHECK(contains(result.err, takes));
        CHECK(result.out.empty());
    };
    check({"handle=ada"}, "no value is given for uuid, since");
    check({"handel=ada"}, "there is no parameter \"handel\"");
    check({"handel=ada"}, "did you mean \"handle\"?");
    check({"handle=ada", "handle=bruno"}, "the parameter \"handle\" is given twice");
    check({"handle=ada", "--null", "handle"}, "the parameter \"handle\" is given twice");
    check({"--null", "nothing"}, "there is no parameter \"nothing\"");
    check({"ada"}, "\"ada\" is no KEY=VALUE");
    // Without a server the names are known all the same.
    const auto offline = fixture.run({"query", "find"})
                             .with_variable("CONNECTION_URL", "postgresql://u@127.0.0.1:1/x")
                             .result();
    CHECK(offline.exit_code == 2);
    CHECK(contains(offline.err, "find takes uuid, since, handle"));
    CHECK(contains(fixture.expect({"query", "activities/home", "x=1"}, 2).err,
                   "activities/home takes none"));
}

TEST_CASE("whatever a value holds, it is bound or refused")
{
    const QueryProject fixture;
    fixture.write("value", "select :text::text");
    fixture.write("insert", "insert into kept values (:'first', :second) returning a");
    pg::Connection(fixture.database.info()).exec("create table kept (a text, b text)");
    const std::vector<std::string> values = {"'; drop table users; --",
                                             "$1",
                                             ":x :'x' %(x)s %s %%",
                                             "\\'; select 1",
                                             "$$; drop table users; $$",
                                             "--",
                                             "/*",
                                             "{\"a\": '}",
                                             std::string(1U << 20U, '\''),
                                             "\xF0\x9F\x8C\x87\xE2\x80\xAE"};
    for (const std::string& value : values) {
        CAPTURE(value.substr(0, 40));
        fixture.project.write("value.txt", value);
        CHECK(fixture.expect({"query", "value", "text=@value.txt", "--value"}, 0).out ==
              value + "\n");
        CHECK(
            fixture
                .expect({"query", "insert", "first=@value.txt", "second=@value.txt", "--value"}, 0)
                .out == value + "\n");
        CHECK(fixture.ask("with gone as (delete from kept returning a = b as same)"
                          " select count(*) from gone where same") == "1");
    }
    fixture.project.write("nul.txt", std::string("a\0b", 3));
    CHECK(contains(fixture.expect({"query", "value", "text=@nul.txt"}, 2).err,
                   "the value of \"text\" has a NUL byte"));
    CHECK(contains(fixture.expect({"query", "value", "text=\xC3\x28"}, 2).err,
                   "the value of \"text\" is not UTF-8"));
    CHECK(fixture.ask("select count(*) from users") == "3");
}

TEST_CASE("a value that is none of its type is told with the parameter and its place")
{
    const QueryProject fixture;
    fixture.write("at", "select *\nfrom users\nwhere uuid = :uuid or created_at > :since");
    const auto uuid = fixture.expect({"query", "at", "uuid=x", "since=2026-01-01"}, 1);
    CHECK(contains(uuid.err, "sql/queries/at.sql:3:14: error: the value of \"uuid\" is no uuid: "
                             "invalid input syntax for type uuid: \"x\" (SQLSTATE 22P02)"));
    CHECK(contains(uuid.err, "  3 | where uuid = :uuid or"));
    const auto since = fixture.expect(
        {"query", "at", "uuid=5eed0000-0000-4000-8000-000000000001", "since=soon", "--json"}, 1);
    CHECK(contains(since.err, "the value of \"since\" is no timestamp with time zone"));
    CHECK(nlohmann::json::parse(since.out)["error"]["column"] == 36);
}

TEST_CASE("what the server refuses is told with its place in the file")
{
    const QueryProject fixture;
    fixture.write("typo", "-- é\nselect :a::int,\n  '%%', bogus");
    const auto typo = fixture.expect({"query", "typo", "a=1"}, 1);
    CHECK(contains(typo.err, "sql/queries/typo.sql:3:9: error: column \"bogus\" does not exist"));
    CHECK(contains(typo.err, "  3 |   '%%', bogus\n"));
    fixture.write("zero", "select 1 / :a::int");
    CHECK(contains(fixture.expect({"query", "zero", "a=0"}, 1).err,
                   "sql/queries/zero.sql: error: division by zero (SQLSTATE 22012)"));
    fixture.write("untyped", "select :a is null");
    const auto untyped = fixture.expect({"query", "untyped", "a=1"}, 1);
    CHECK(contains(untyped.err, "could not determine data type of parameter \"a\""));
    CHECK(contains(untyped.err, "hint: say it in the file"));
    fixture.write("two", "select 1;\nselect 2");
    CHECK(contains(fixture.expect({"query", "two"}, 1).err,
                   "sql/queries/two.sql:2:1: error: a second statement"));
    CHECK(contains(fixture.expect({"query", "users/shwo"}, 3).err, "\"users/show\"?"));
    CHECK(fixture.expect({"query", "../schema"}, 2).out.empty());
    CHECK(fixture.expect({"query"}, 2).out.empty());
}

TEST_CASE("what a file's functions write is refused by the server, unless --write")
{
    const QueryProject fixture;
    pg::Connection(fixture.database.info())
        .exec("create function forget() returns bigint language sql as"
              " 'with gone as (delete from activities returning 1) select count(*) from gone'");
    fixture.write("forget", "select forget()");
    const auto refused = fixture.expect({"query", "forget"}, 1);
    CHECK(contains(refused.err, "the file writes, by what it calls: cannot execute "));
    CHECK(contains(refused.err, "in a read-only transaction (SQLSTATE 25006)"));
    CHECK(contains(refused.err, "hint: --write"));
    CHECK(fixture.ask("select count(*) from activities") == "5");
    CHECK(fixture.expect({"query", "forget", "--write", "--value"}, 0).out == "5\n");
    CHECK(fixture.ask("select count(*) from activities") == "0");
}

TEST_CASE("a query that writes says where and what, and is in the journal")
{
    const QueryProject fixture;
    fixture.write("log", "insert into activities (user_uuid, message)"
                         " select uuid, :message from users where handle = :handle");
    const auto inserted = fixture.expect({"query", "log", "handle=ada", "message=hi"}, 0);
    CHECK(inserted.err.starts_with("local · "));
    CHECK(contains(inserted.err, "1 row inserted"));
    CHECK(inserted.out.empty());
    CHECK(fixture.expect({"query", "log", "handle=ada", "message=hi", "--json"}, 0).out ==
          "{\"command\":\"INSERT\",\"rows\":1}\n");
    CHECK(contains(fixture.expect({"history", "--json"}, 0).out, "\"command\": \"query log\""));
    fixture.write("drop", "delete from activities where message = :message");
    const auto planned = fixture.expect({"query", "drop", "message=hi", "--dry-run"}, 0);
    CHECK(contains(planned.out, "run sql/queries/drop.sql"));
    CHECK(contains(planned.out, "lost: what sql/queries/drop.sql changes or deletes in"));
    CHECK(contains(fixture.expect({"query", "drop", "message=hi"}, 0).err, "2 rows deleted"));
    CHECK(contains(fixture.expect({"query", "drop", "message=hi"}, 0).err, "0 rows deleted"));
    CHECK(contains(fixture.expect({"query", "users/short", "handle=ada", "--dry-run"}, 0).out,
                   "run sql/queries/users/short.sql"));
}

TEST_CASE("on a protected profile a query that writes wants --write")
{
    QueryProject fixture;
    fixture.project.set_variable("PROD_CONNECTION_URL", fixture.database.url());
    fixture.project.set_variable("CONNECTION_URL", "");
    const std::vector<std::string> create = {"query",
                                             "users/create",
                                             "-p",
                                             "prod",
                                             "cognito_user_id=1",
                                             "handle=dora",
                                             "display_name=Dora",
                                             "email=dora@x.y"};
    const auto refused = fixture.expect(create, 5);
    CHECK(contains(refused.err, "sql/queries/users/create.sql writes, and "));
    CHECK(contains(refused.err, "is protected"));
    CHECK_FALSE(contains(refused.err, "--write"));
    CHECK(fixture.ask("select count(*) from users") == "3");
    std::vector<std::string> with_leave = create;
    with_leave.emplace_back("--write");
    CHECK(contains(fixture.expect(with_leave, 0).err, "1 row inserted"));
    CHECK(fixture.ask("select count(*) from users") == "4");
    CHECK(contains(fixture.expect(with_leave, 0).err, "0 rows inserted")); // done before
    fixture.write("purge", "delete from users where handle = :handle");
    const auto unasked =
        fixture.expect({"query", "purge", "handle=dora", "-p", "prod", "--write"}, 5);
    CHECK(contains(unasked.err, "has to be confirmed"));
    // A person lets scripts confirm by the id of a plan; prod's table comes last in the file.
    std::ofstream(fixture.project.root() / "crudctl.toml", std::ios::app) << "confirm = \"plan\"\n";
    const std::string phrase = fixture.database.name() + "@prod";
    REQUIRE(fixture.run({"mark", "prod", "--confirm", "plan"})
                .with_terminal()
                .expect("Type " + phrase)
                .type(phrase + "\n")
                .result()
                .exit_code == 0);
    const auto plan = nlohmann::json::parse(fixture
                                                .expect({"query", "purge", "handle=dora", "-p",
                                                         "prod", "--write", "--dry-run", "--json"},
                                                        0)
                                                .out);
    const std::string confirm = plan["confirm"];
    // The values are a part of what was confirmed.
    CHECK(
        fixture
            .expect({"query", "purge", "handle=ada", "-p", "prod", "--write", "--confirm", confirm},
                    5)
            .out.empty());
    CHECK(contains(
        fixture
            .expect(
                {"query", "purge", "handle=dora", "-p", "prod", "--write", "--confirm", confirm}, 0)
            .err,
        "1 row deleted"));
    CHECK(fixture.ask("select string_agg(handle, ' ' order by handle) from users") ==
          "ada bruno chen");
}

TEST_CASE("a query that reads costs one log-in and one round trip")
{
    QueryProject fixture;
    const auto run =
        fixture.run({"query", "users/show", "handle=ada", "--one"}, Proxy::Options{10ms, {}});
    REQUIRE(run.result.exit_code == 0);
    CHECK(run.traffic.log_ins == 1);
    CHECK(run.traffic.trips.size() == 1);
}

TEST_CASE("queries are listed with what they take, without a server")
{
    const QueryProject fixture;
    fixture.write("broken", "select %s");
    const auto list = [&](std::vector<std::string> words) {
        words.insert(words.begin(), {"query", "--list"});
        return fixture.run(words)
            .with_variable("CONNECTION_URL", "postgresql://u@127.0.0.1:1/x")
            .result();
    };
    const auto table = list({});
    REQUIRE(table.exit_code == 0);
    CHECK(contains(table.out, "users/short        handle "));
    CHECK(contains(table.out, "What stands beside somebody's name."));
    CHECK(contains(table.out, "sql/queries/broken.sql:1:8: error: %s is a parameter without"));
    const auto document = nlohmann::json::parse(list({"--json"}).out);
    CHECK(document.size() == 8);
    CHECK(document[0]["name"] == "activities/create");
    CHECK(document[0]["parameters"] ==
          std::vector<std::string>{"cognito_user_id", "handle", "message", "expires_at"});
    CHECK(document[0]["effect"] == "adds");
    CHECK(document[4]["error"].is_string());
    CHECK(list({"users/short"}).exit_code == 2);
}
