#include "csv_bench.hpp"
#include "support/nightly.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <fstream>

#include <sys/resource.h>

using namespace crudctl;
using crudctl::script::CsvMode;
using crudctl::script::CsvReport;
using crudctl::script::ScriptError;
using crudctl::tests::CsvBench;

namespace {

using Lines = std::vector<std::string>;

const std::string inserted_table =
    "create table users (id int primary key, name text, age int check (age > "
    "0), created date default '2024-01-01');";

} // namespace

TEST_CASE("a CSV file's rows go into the table of its name")
{
    CsvBench bench(inserted_table);
    const CsvReport report =
        bench.load("users.csv", "name,id\nAda,1\n\"Grace \"\"Amazing\"\" Hopper\",2\n,3\n\"\",4");
    CHECK(report.file == "users.csv");
    CHECK(report.table == "public.users");
    CHECK(report.inserted == 4);
    CHECK(report.text() == "4 rows inserted");
    CHECK(bench.rows("select id, name from users order by id") ==
          R"(1,Ada|2,"Grace ""Amazing"" Hopper"|3,|4,"")");
    CHECK(bench.value("select count(*) from users where name is null") == "1");
    CHECK(bench.value("select count(*) from users where created = '2024-01-01'") == "4");
}

TEST_CASE("the same CSV file twice fails at the first row and changes nothing")
{
    CsvBench bench(inserted_table);
    bench.load("users.csv", "id,name\n7,Ada\n");
    const ScriptError error = bench.failure("users.csv", "name,id\nAda,7\nGrace,8\n");
    CHECK(error.code() == ExitCode::failed);
    CHECK(std::string(error.what()) ==
          "users.csv:2:5: error: duplicate key value violates unique constraint \"users_pkey\" "
          "(SQLSTATE 23505)");
    CHECK(error.report_lines() == Lines{"  1 | name,id", "  2 | Ada,7", "    |     ^",
                                        "  3 | Grace,8", "  detail: Key (id)=(7) already exists.",
                                        "  context: COPY users, line 2", "  it is as it was"});
    CHECK(bench.rows("select id, name from users") == "7,Ada");
}

TEST_CASE("hostile values arrive as they stand in the file")
{
    CsvBench bench("create table notes (text text);");
    CHECK(bench.said("notes.csv",
                     "\xEF\xBB\xBFtext\r\n\\.\r\n\\N\r\n\"\r\n\\.\r\n\"\r\nNULL\r\n"
                     "größe 名前 \U0001F600\r\n'); drop table notes; --\r\n\x1b[31m\r\n"
                     "\"a,\"\"b\"\"\"\r\n\r\nbehind\r\n") == "10 rows inserted");
    CHECK(bench.value("select string_agg(coalesce(replace(replace(text, E'\\r', 'R'), E'\\n', "
                      "'N'), 'null'), '|') from notes") ==
          "\\.|\\N|RN\\.RN|NULL|größe 名前 \U0001F600|'); drop table notes; --|\x1b[31m|a,\"b\"|"
          "null|behind");
}

TEST_CASE("names are taken as they are spelt, and otherwise as the server folds them")
{
    CsvBench bench("create schema \"My App\"; create table \"My App\".\"Users\" (\"Id\" int, id "
                   "int, \"a\"\"b\" text); create table plain (id int); create table \"Plain\" "
                   "(id int, extra int);");
    bench.load("My App.Users.csv", "ID,Id,\"a\"\"b\"\n1,2,x\n");
    CHECK(bench.rows("select id, \"Id\", \"a\"\"b\" from \"My App\".\"Users\"") == "1,2,x");
    bench.load("Plain.csv", "extra\n1\n");
    bench.load("PLAIN.csv", "ID\n1\n");
    CHECK(bench.value("select count(*) from \"Plain\"") == "1");
    CHECK(bench.value("select count(*) from plain") == "1");
    CHECK(bench.refusal("plain.csv", "id,ID\n1,2\n") ==
          "plain.csv:1:4: error: column \"id\" stands twice in the header");
}

TEST_CASE("a bad value is shown with its line, its column and its beginning")
{
    CsvBench bench(inserted_table);
    const ScriptError error =
        bench.failure("users.csv", "id,name,age\n1,\"Größe\n\",20\n2,\"ab\",2O\n3,c,22\n");
    CHECK(std::string(error.what()) ==
          "users.csv:4:8: error: invalid input syntax for type integer: \"2O\" (SQLSTATE 22P02)");
    CHECK(error.report_lines() ==
          Lines{"  3 | \",20", "  4 | 2,\"ab\",2O", "    |        ^", "  5 | 3,c,22",
                "  context: COPY users, line 4, column age: \"2O\"", "  it is as it was"});
    CHECK(bench.value("select count(*) from users") == "0");
}

TEST_CASE("whatever is wrong with a row is found where it stands")
{
    CsvBench bench(inserted_table +
                   "create table posts (id int primary key, author int not null references "
                   "users (id), title varchar(3));"
                   "create function refuse() returns trigger language plpgsql as $$ begin "
                   "raise 'not on my watch'; end $$;"
                   "create table watched (id int); create trigger t before insert on "
                   "watched for each row when (new.id = 3) execute function refuse();");
    const auto refused = [&](const std::string& name, std::string_view text,
                             const std::string& expected) {
        const std::string what = bench.refusal(name, text);
        INFO(what);
        CHECK(what.substr(0, name.size() + 1 + expected.size()) == name + ":" + expected);
    };
    refused("users.csv", "id,name\n1,a\n2\n", "3:2: error: missing data for column \"name\"");
    refused("users.csv", "id,name\n1,a\n2,b,c\n", "3:5: error: extra data after last expected");
    refused("users.csv", "id,name\n1,a\n2,\"b\n3,c\n", "3:3: error: unterminated CSV quoted field");
    refused("users.csv", "id,age\n1,5\n2,0\n", "3:1: error: new row for relation \"users\"");
    refused("users.csv",
            "id,name\n1,ok\n2,a\xFF"
            "b\n",
            "3:4: error: invalid byte sequence");
    refused("users.csv", std::string_view("id,name\n1,a\0b\n", 13), "2:4: error: invalid byte");
    refused("users.csv", "\"id\",name\r\n1,a\r\n\"2\r\n\",b\r\n9x,c\r\n",
            "5:1: error: invalid input syntax");
    refused("users.csv", "id,name\n1,a\n1,b\n", "3:1: error: duplicate key value");
    refused("posts.csv", "title,id,author\na,1,\n", "2:5: error: null value in column \"author\"");
    refused("posts.csv", "id\n1\n", "2:1: error: null value in column \"author\"");
    refused("posts.csv", "id,title\n1,abcd\n", "2:3: error: value too long");
    refused("posts.csv", "id,author\n1,77\n", "2:3: error: insert or update on table \"posts\"");
    refused("watched.csv", "id\n1\n2\n3\n4\n", "4:1: error: not on my watch");
}

TEST_CASE("a row that neither the server nor the file tells is said to be unknown")
{
    CsvBench bench(inserted_table + "create table posts (author int references users (id));");
    const ScriptError error = bench.failure("posts.csv", "author\n007\n");
    CHECK(std::string(error.what()).starts_with("posts.csv: error: insert or update on table"));
    CHECK(error.hint() == "which row of the file it was, the server doesn't say and the file "
                          "doesn't show");
}

TEST_CASE("a table or a column that isn't there is refused with the nearest one")
{
    CsvBench bench(inserted_table + "create schema app; create table app.posts (id int);");
    const auto refused = [&](const std::string& name, std::string_view text) {
        const ScriptError error = bench.failure(name, text);
        return std::string(error.what()) + " / " + error.hint();
    };
    CHECK(refused("usres.csv", "id\n") == "usres.csv: error: there is no table \"usres\" / there "
                                          "is \"users\": its file would be users.csv");
    CHECK(refused("posts.csv", "id\n") == "posts.csv: error: there is no table \"posts\" / there "
                                          "is \"app.posts\": its file would be app.posts.csv");
    CHECK(refused("ap.posts.csv", "id\n").ends_with("its file would be app.posts.csv"));
    CHECK(
        refused("elephants.csv", "id\n").ends_with("/ the file's name says which table it is for"));
    CHECK(refused("users.csv", "id,nmae\n1,x\n") ==
          "users.csv:1:4: error: public.users has no column \"nmae\" / did you mean \"name\"?");
    CHECK(refused("users.csv", "id;name;age\n1;x;2\n")
              .ends_with("/ the fields have to be separated by commas"));
    CHECK(
        refused("users.csv", "id,telephone\n").ends_with("/ its columns: id, name, age, created"));
    CHECK(refused("users.csv", "id,ctid\n").find("no column \"ctid\"") != std::string::npos);
}

TEST_CASE("what COPY would do wrongly or not at all is refused with its reason")
{
    CsvBench bench(
        users + "create view u as select * from users; create materialized view m as select 1 as "
                "id; create table r (id int); create rule keep as on insert to r do instead "
                "nothing; create table g (id int, twice int generated always as (id * 2) stored)"
                "; create table nothing ();");
    CHECK(bench.refusal("u.csv", "id\n1\n") == "u.csv:1:1: error: public.u is a view");
    CHECK(bench.refusal("m.csv", "id\n1\n") == "m.csv:1:1: error: public.m is a view");
    CHECK(bench.refusal("r.csv", "id\n1\n") ==
          "r.csv:1:1: error: public.r has a rule, \"keep\", which COPY would pass by");
    CHECK(bench.refusal("g.csv", "id,twice\n1,2\n") ==
          "g.csv:1:4: error: column \"twice\" is generated: it takes no values");
    CHECK(bench.refusal("nothing.csv", "id\n1\n") ==
          "nothing.csv:1:1: error: public.nothing has no column \"id\"");
    CHECK(bench.said("g.csv", "id\n1\n") == "1 row inserted");
}

TEST_CASE("partitions, inherited and foreign-keyed tables take a file")
{
    CsvBench bench("create table p (id int, at date) partition by range (at);"
                   "create table p1 partition of p for values from ('2024-01-01') to "
                   "('2025-01-01');"
                   "create table tree (id int primary key, parent int references tree (id));");
    CHECK(bench.said("p.csv", "id,at\n1,2024-05-05\n") == "1 row inserted");
    CHECK(bench.value("select count(*) from p1") == "1");
    CHECK(bench.refusal("p.csv", "id,at\n1,2024-05-05\n2,2030-01-01\n")
              .starts_with("p.csv:3:1: error: no partition of relation \"p\" found for row"));
    CHECK(bench.said("tree.csv", "id,parent\n2,1\n1,\n") == "2 rows inserted");
}

TEST_CASE("with if_empty a table with rows is left alone, and says so")
{
    CsvBench bench(inserted_table);
    bench.options().mode = CsvMode::if_empty;
    CHECK(bench.said("users.csv", "id,name\n1,Ada\n") == "1 row inserted");
    const CsvReport again = bench.load("users.csv", "id,name\n2,Grace\n");
    CHECK(again.is_skipped);
    CHECK(again.text() == "public.users has rows already");
    CHECK(bench.rows("select id, name from users") == "1,Ada");
    bench.exec("delete from users");
    CHECK(bench.said("users.csv", "id,name\n2,Grace\n") == "1 row inserted");
    // The header is checked all the same: a typo doesn't wait for an empty table.
    CHECK(bench.refusal("users.csv", "id,nmae\n2,Grace\n").starts_with("users.csv:1:4: error:"));
}

TEST_CASE("a CSV file of nothing but a header loads nothing")
{
    CsvBench bench("create table users (id serial primary key, name text);");
    CHECK(bench.said("users.csv", "id,name\n") == "no rows");
    CHECK(bench.said("users.csv", "id,name") == "no rows");
    CHECK(bench.value("select nextval('users_id_seq')") == "1");
}

TEST_CASE("a CSV file loads in two requests, its sequences included")
{
    CsvBench bench("create table users (id serial primary key, n bigserial);");
    std::size_t requests = 0;
    pg::ConnectionObserver observer;
    observer.on_query = [&](std::string_view, std::chrono::duration<double>) { ++requests; };
    pg::Connection connection(bench.database().info(), observer);
    bench.load(connection, "users.csv", "id,n\n1,1\n2,2\n");
    CHECK(requests == 2 + 2); // BEGIN and COMMIT are the caller's
    bench.options().mode = CsvMode::upsert;
    bench.load(connection, "users.csv", "id,n\n1,1\n3,3\n");
    CHECK(requests == 2 + 2 + 3 + 2);
}

TEST_CASE("a session that is lost in the middle of a CSV file changes nothing")
{
    CsvBench bench(inserted_table);
    pg::Connection connection(bench.database().info());
    std::string rows = "id,name\n";
    for (int i = 0; i < 100'000; ++i) {
        rows += fmt::format("{},somebody\n", i);
    }
    std::size_t told = 0;
    bench.options().on_progress = [&](std::size_t done, std::size_t total) {
        CHECK(done <= total);
        CHECK(total == rows.size());
        if (++told == 3) {
            bench.value(
                fmt::format("select pg_terminate_backend({}, 5000)", connection.backend_pid()));
        }
    };
    try {
        bench.load(connection, "users.csv", rows);
        FAIL("it was loaded");
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::failed);
        CHECK(std::string(error.what()).ends_with("(while \"users.csv\" was being loaded)"));
        CHECK(error.hint() == "it is as it was");
    }
    CHECK(bench.value("select count(*) from users") == "0");
}

TEST_CASE("memory stays flat for a CSV file of 100 MB", "[nightly]")
{
    if (!tests::is_nightly()) {
        return;
    }
    CsvBench bench("create unlogged table big (id int, text text);");
    {
        std::ofstream file(bench.folder() / "big.csv");
        file << "id,text\n";
        for (int i = 0; i < 2'000'000; ++i) {
            file << i << ",\"some text, which is not the shortest one\"\n";
        }
    }
    const auto peak_kilobytes = [] {
        rusage usage{};
        ::getrusage(RUSAGE_SELF, &usage);
        return usage.ru_maxrss;
    };
    const script::CsvSeed seed = script::read_csv_seed(std::make_shared<const script::SourceFile>(
        script::ScriptFile{bench.folder() / "big.csv", "big.csv"}));
    REQUIRE(seed.bytes > 90'000'000);
    const auto before = peak_kilobytes();
    pg::Transaction transaction(bench.connection());
    CHECK(script::load_csv(bench.connection(), seed).inserted == 2'000'000);
    CHECK(peak_kilobytes() - before < 4096);
    // A failure in the last row reads the file again.
    std::ofstream(bench.folder() / "big.csv", std::ios::app) << "x,y\n";
    CHECK_THROWS_WITH(script::load_csv(bench.connection(), seed),
                      Catch::StartsWith("big.csv:2000002:1: error: invalid input syntax"));
    CHECK(peak_kilobytes() - before < 4096);
}
