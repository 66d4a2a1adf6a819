#include "csv_bench.hpp"
#include "support/gzip.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <string>
#include <vector>

using namespace crudctl;
using crudctl::script::CsvMode;
using crudctl::script::ScriptError;
using crudctl::tests::CsvBench;
using crudctl::tests::gzipped;

namespace {

const std::string users = "create table users (id serial primary key, name text);";

std::string many_rows(int count)
{
    std::string rows = "id,name\n";
    for (int i = 1; i <= count; ++i) {
        rows += fmt::format("{},\"name {}\n of two lines\"\n", i, i * 7919 % 100003);
    }
    return rows;
}

} // namespace

TEST_CASE("a compressed CSV file's rows go into the table of its name")
{
    CsvBench bench(users);
    CHECK(bench.said("users.csv.gz", gzipped("id,name\n1,Ada\n") + gzipped("7,Grace\n")) ==
          "2 rows inserted");
    CHECK(bench.rows("select * from users order by id") == "1,Ada|7,Grace");
    CHECK(bench.value("select nextval('users_id_seq')") == "8");
    bench.options().mode = CsvMode::upsert;
    CHECK(bench.said("public.users.CSV.GZ", gzipped("id,name\n1,Ada\n7,Joan\n9,Mary\n")) ==
          "1 row inserted, 1 updated, 1 unchanged");
}

TEST_CASE("progress over a compressed CSV file is told in its own bytes, up to all of them")
{
    CsvBench bench(users);
    const std::string bytes = gzipped(many_rows(50'000));
    std::vector<std::size_t> told;
    bench.options().on_progress = [&](std::size_t done, std::size_t total) {
        CHECK(total == bytes.size());
        told.push_back(done);
    };
    bench.load("users.csv.gz", bytes);
    REQUIRE(told.size() > 3);
    CHECK(told.front() < bytes.size());
    CHECK(told.back() == bytes.size());
    CHECK(std::is_sorted(told.begin(), told.end()));
}

TEST_CASE("a bad row of a compressed CSV file is shown by the line of its text")
{
    CsvBench bench(users);
    const std::string rows = many_rows(30'000);
    const ScriptError error = bench.failure("users.csv.gz", gzipped(rows + "x,last\n"));
    CHECK(std::string(error.what()) == "users.csv.gz:60002:1: error: invalid input syntax for type "
                                       "integer: \"x\" (SQLSTATE 22P02)");
    CHECK(error.report_lines().at(1) == "  60002 | x,last");
    CHECK(bench.value("select count(*) from users") == "0");
    // The key is looked for from the beginning: what was read last is far behind it.
    CHECK(bench.refusal("users.csv.gz", gzipped(rows + "3,again\n"))
              .starts_with("users.csv.gz:60002:1: error: duplicate key value"));
}

TEST_CASE("of a compressed CSV file that is damaged nothing is loaded")
{
    CsvBench bench(users);
    const std::string bytes = gzipped(many_rows(200'000)); // far more than the header's check reads
    const auto refused = [&](const std::string& damaged, const std::string& reason) {
        for (const CsvMode mode : {CsvMode::insert, CsvMode::upsert}) {
            bench.options().mode = mode;
            const ScriptError error = bench.failure("users.csv.gz", damaged);
            INFO(error.what());
            CHECK(std::string(error.what()).starts_with("users.csv.gz: error: "));
            CHECK(std::string(error.what()).find(reason) != std::string::npos);
            CHECK(error.hint().find("gzip -t") != std::string::npos);
            CHECK(bench.value("select count(*) from users") == "0");
        }
    };
    refused(bytes.substr(0, bytes.size() / 2), "the file is cut off: its gzip data end in line ");
    refused(bytes.substr(0, bytes.size() - 1), "in line 400002 of the text");
    std::string wrong = bytes;
    wrong[bytes.size() / 2] ^= 0x7F;
    refused(wrong, "the gzip data are damaged");
    wrong = bytes;
    wrong[bytes.size() - 7] ^= 1;
    refused(wrong, "incorrect data check");
    refused(bytes + "rest", "stands something else");
}

TEST_CASE("a missing table's file would be compressed, too")
{
    CsvBench bench(users);
    const ScriptError error = bench.failure("usres.csv.gz", gzipped("id\n"));
    CHECK(std::string(error.what()) == "usres.csv.gz: error: there is no table \"usres\"");
    CHECK(error.hint() == "there is \"users\": its file would be users.csv.gz");
}
