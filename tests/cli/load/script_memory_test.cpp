#include "cli/database_project.hpp"
#include "support/nightly.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <fstream>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

constexpr std::size_t megabyte = std::size_t{1} << 20U;
constexpr std::chrono::minutes timeout{4};

/// What a file is made of: a head, a body that is repeated, a tail.
struct LargeFile {
    const char* name;
    std::string head;
    std::string body;
    std::string tail;
    std::size_t largest_statement;
    std::size_t nightly_size;
};

void write_large(const std::filesystem::path& path, const LargeFile& file, std::size_t bytes)
{
    std::string block;
    while (block.size() < megabyte) {
        block += file.body;
    }
    std::ofstream out(path, std::ios::binary);
    out << file.head;
    for (std::size_t written = 0; written < bytes; written += block.size()) {
        out << block;
    }
    out << file.tail;
    REQUIRE(out.flush());
}

std::string row(std::size_t size)
{
    std::string text(size, 'x');
    return text;
}

/// The head makes a table that throws away what it gets: the server's disk is not what is measured.
constexpr const char* swallowing_table =
    "create table a (t text);\n"
    "create function skip() returns trigger language plpgsql as 'begin return null; end';\n"
    "create trigger skip before insert on a for each row execute function skip();\n";

CliResult load(const DatabaseProject& fixture, const LargeFile& file, std::size_t bytes)
{
    write_large(fixture.project.root() / "sql/schema.sql", file, bytes);
    CliResult result = fixture.run({"schema-load"}).with_time_limit(timeout).result();
    std::filesystem::resize_file(fixture.project.root() / "sql/schema.sql", 0);
    return result;
}

} // namespace

TEST_CASE("memory stays below 32 MiB and twice the largest statement, however large the file")
{
    const std::string head = swallowing_table;
    const auto file = GENERATE_COPY(values<LargeFile>(
        {{"COPY data", head + "copy a from stdin;\n", row(2000) + "\n", "\\.\n", 100,
          2048 * megabyte},
         {"many INSERTs", head, "insert into a values ('" + row(20000) + "');\n", "", 20100,
          512 * megabyte},
         {"large INSERTs", head, "insert into a values ('" + row(8 * megabyte) + "');\n", "",
          8 * megabyte + 100, 512 * megabyte}}));
    INFO(file.name);
    const DatabaseProject fixture;
    const CliResult result = load(fixture, file, is_nightly() ? file.nightly_size : 64 * megabyte);
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    if (peak_is_ours) {
        CHECK(result.peak_bytes < 32 * megabyte + 2 * file.largest_statement);
    }
}

TEST_CASE("memory stays below 32 MiB for a file that psql's copy command reads")
{
    const DatabaseProject fixture;
    fixture.project.write("sql/schema.sql",
                          std::string(swallowing_table) + "\\copy a from 'sql/rows.txt'\n");
    write_large(fixture.project.root() / "sql/rows.txt", {"", "", row(2000) + "\n", "", 0, 0},
                (is_nightly() ? 2048 : 100) * megabyte);
    const CliResult result = fixture.run({"schema-load"}).with_time_limit(timeout).result();
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    if (peak_is_ours) {
        CHECK(result.peak_bytes < 32 * megabyte);
    }
}

TEST_CASE("memory stays below 32 MiB whatever rows the statements of a file give")
{
    const DatabaseProject fixture;
    std::string text;
    for (int i = 0; i < 300; ++i) {
        text += "select repeat('x', 1000000);\nselect repeat('x', 1000) from generate_series(1, "
                "1000);\n";
    }
    fixture.project.write("sql/schema.sql", text);
    const CliResult result = fixture.run({"schema-load"}).with_time_limit(timeout).result();
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    if (peak_is_ours) {
        CHECK(result.peak_bytes < 32 * megabyte);
    }
}

TEST_CASE("a statement of more than 256 MiB is refused by its line, in bounded memory", "[nightly]")
{
    if (!is_nightly()) {
        return;
    }
    const DatabaseProject fixture;
    const CliResult result = load(
        fixture,
        {"", "create table a (t text);\n\n  insert into a values ('", row(999) + "\n", "');", 0, 0},
        300 * megabyte);
    CHECK(result.exit_code == 1);
    CHECK(contains(result.err, "sql/schema.sql:3:3: error: a statement of more than 256 MB"));
    CHECK(contains(result.err, "nothing was run"));
    if (peak_is_ours) {
        CHECK(result.peak_bytes < 32 * megabyte + std::size_t{2} * 257 * megabyte);
    }
}
