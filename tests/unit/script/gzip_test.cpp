#include "script/csv/failure.hpp"
#include "script/csv/file.hpp"
#include "script/csv/header.hpp"
#include "script/csv/seed.hpp"
#include "script/source/file_digest.hpp"
#include "script/source/gzip_text.hpp"
#include "support/gzip.hpp"
#include "support/temp_folder.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <vector>

#include <sys/resource.h>

using namespace crudctl;
using namespace crudctl::script;
using crudctl::tests::gzipped;
using crudctl::tests::TempFolder;

namespace {

/// A file `users.csv.gz` that is there as long as this lives.
class PackedFile {
public:
    explicit PackedFile(std::string_view bytes)
        : m_source(std::make_shared<const SourceFile>(
              ScriptFile{m_folder.write("users.csv.gz", bytes), "users.csv.gz"}))
    {}
    const SharedSource& source() const { return m_source; }

private:
    TempFolder m_folder;
    SharedSource m_source;
};

std::string all_of(GzipText& text)
{
    std::string all;
    std::vector<char> buffer(1000);
    for (std::size_t size = text.read_at(0, buffer); size > 0;
         size = text.read_at(all.size(), buffer)) {
        all.append(buffer.data(), size);
    }
    return all;
}

std::string unpacked(std::string_view bytes)
{
    const PackedFile file(bytes);
    GzipText text(file.source());
    return all_of(text);
}

std::string refusal_of_gzip(std::string_view bytes)
{
    try {
        unpacked(bytes);
    } catch (const ScriptError& error) {
        CHECK(error.code() == ExitCode::failed);
        CHECK_FALSE(error.hint().empty());
        return error.what();
    }
    return "nothing";
}

/// Hard to compress, and with a line every so often.
std::string random_text(std::size_t size)
{
    std::mt19937 generator(1);
    std::string text;
    while (text.size() < size) {
        text += fmt::format("{},{:x}\n", text.size(), generator());
    }
    return text;
}

} // namespace

TEST_CASE("a gzip file is unpacked, whatever its size")
{
    CHECK(unpacked(gzipped("id\n1\n")) == "id\n1\n");
    CHECK(unpacked(gzipped("")).empty());
    CHECK(unpacked("").empty());
    const std::string text = random_text(3'000'000);
    CHECK(unpacked(gzipped(text)) == text);
}

TEST_CASE("of a gzip file all members are read, and zeros behind them don't count")
{
    const std::string text = random_text(200'000);
    CHECK(unpacked(gzipped("a\n") + gzipped("") + gzipped(text)) == "a\n" + text);
    CHECK(unpacked(gzipped("a\n") + std::string(100'000, '\0')) == "a\n");
}

TEST_CASE("a gzip file's text is read from any byte on, forwards and backwards")
{
    const std::string text = random_text(3'000'000);
    const PackedFile file(gzipped(text));
    GzipText unpacked(file.source());
    std::vector<char> buffer(70'000);
    for (const std::size_t offset : {2'900'000UL, 2'800'000UL, 0UL, 1'000'001UL, 999'999UL, 7UL}) {
        INFO(offset);
        const std::size_t size = unpacked.read_at(offset, buffer);
        CHECK(std::string_view(buffer.data(), size) ==
              std::string_view(text).substr(offset, buffer.size()));
    }
    CHECK(unpacked.read_at(text.size(), buffer) == 0);
    CHECK(unpacked.read_at(text.size() + 5, buffer) == 0);
}

TEST_CASE("memory stays flat for a gzip file of 200 MB of text")
{
    constexpr int members = 200;
    constexpr std::size_t most_kilobytes = 2048;
    const std::string member = gzipped(std::string(1'000'000, 'x'));
    std::string bytes;
    for (int i = 0; i < members; ++i) {
        bytes += member;
    }
    const PackedFile file(bytes);
    const auto peak_kilobytes = [] {
        rusage usage{};
        ::getrusage(RUSAGE_SELF, &usage);
        return static_cast<std::size_t>(usage.ru_maxrss);
    };
    const std::size_t before = peak_kilobytes();
    GzipText text(file.source());
    std::vector<char> buffer(100'000);
    std::size_t size = 0;
    for (std::size_t got = buffer.size(); got > 0; size += got) {
        got = text.read_at(size, buffer);
    }
    CHECK(size == members * 1'000'000UL);
    CHECK(peak_kilobytes() - before < most_kilobytes);
}

TEST_CASE("a gzip file that is cut off anywhere is refused")
{
    const std::string bytes = gzipped("id,name\n1,Ada\n2,Grace\n");
    for (std::size_t size = 1; size < bytes.size(); ++size) {
        INFO(size);
        CHECK(refusal_of_gzip(bytes.substr(0, size)).find("cut off") != std::string::npos);
    }
    CHECK(refusal_of_gzip(bytes.substr(0, bytes.size() - 1)) ==
          "users.csv.gz: error: the file is cut off: its gzip data end in line 4 of the text");
    CHECK(refusal_of_gzip(bytes + bytes.substr(0, 20)).find("cut off") != std::string::npos);
}

TEST_CASE("a gzip file with a wrong byte anywhere never gives another text")
{
    const std::string text = "id,name\n1,Ada\n2,Grace\n3,Grace\n";
    const std::string bytes = gzipped(text);
    std::size_t refused = 0;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        std::string damaged = bytes;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
        INFO(at);
        const std::string what = refusal_of_gzip(damaged);
        refused += what == "nothing" ? 0 : 1;
        const bool is_of_the_header = at >= 4 && at < 10; // a time and a system: nobody's concern
        CHECK((what != "nothing" || is_of_the_header));
        CHECK((what != "nothing" || unpacked(damaged) == text));
    }
    CHECK(refused >= bytes.size() - 6);
    std::string damaged = bytes;
    damaged[bytes.size() - 6] ^= 1; // of the checksum
    CHECK(refusal_of_gzip(damaged) ==
          "users.csv.gz: error: the gzip data are damaged, in line 5 of the "
          "text or before: incorrect data check");
}

TEST_CASE("what is no gzip file, or more than one, is refused as that")
{
    CHECK(refusal_of_gzip("id,name\n1,Ada\n") == "users.csv.gz: error: this is no gzip file");
    CHECK(refusal_of_gzip(std::string(64, '\0')) == "users.csv.gz: error: this is no gzip file");
    const std::string bytes = gzipped("id\n");
    CHECK(
        refusal_of_gzip(bytes + "id\n") ==
        fmt::format("users.csv.gz: error: behind the gzip data, from byte {} on, stands something "
                    "else",
                    bytes.size()));
}

TEST_CASE("a compressed CSV file is checked and cut as one that isn't")
{
    const PackedFile packed(gzipped("\xEF\xBB\xBFid,name\n1,Ada\n\\.\n3,c\n"));
    const CsvFile file(packed.source());
    const CsvTableName table = table_of_csv_file(file);
    CHECK(table.schema.empty());
    CHECK(table.table == "users");
    CHECK(read_csv_header(file).at(1).text == "name");
    std::string sent;
    CsvChunks chunks(file);
    for (auto data = chunks.next(); !data.empty(); data = chunks.next()) {
        sent += data;
    }
    CHECK(sent == "id,name\n1,Ada\n\"\\.\"\n3,c\n");
    CHECK(chunks.file_bytes() == file.size());
    const auto record =
        find_csv_record(file, [](const CsvRecord& each) { return each.number == 3; });
    REQUIRE(record);
    CHECK(file.excerpt(record->place, 80) ==
          std::vector<std::string>{"  3 | \\.", "  4 | 3,c", "    | ^"});
}

TEST_CASE("a compressed CSV file that can't be loaded is refused before anything is sent")
{
    const auto refused = [](std::string_view bytes) {
        const PackedFile file(bytes);
        try {
            read_csv_seed(file.source());
        } catch (const ScriptError& error) {
            CHECK(error.report_lines().back() == "  nothing was run");
            return std::string(error.what());
        }
        return std::string("nothing");
    };
    CHECK(refused("id\n1\n") == "users.csv.gz: error: this is no gzip file");
    CHECK(refused("") == "users.csv.gz:1:1: error: the file is empty");
    CHECK(refused(gzipped("")) == "users.csv.gz:1:1: error: the file is empty");
    CHECK(refused(gzipped("id,id\n")) ==
          "users.csv.gz:1:4: error: column \"id\" stands twice in the header");
    CHECK(refused(gzipped(random_text(100'000)).substr(0, 5000)).find("cut off") !=
          std::string::npos);
}

TEST_CASE("which file names are rows, and which of these are compressed")
{
    CHECK(csv_ending("sql/users.csv") == ".csv");
    CHECK(csv_ending("sql/app.users.CSV.gz") == ".CSV.gz");
    CHECK(has_gzip_name("users.csv.GZ"));
    CHECK_FALSE(has_gzip_name("users.csv"));
    for (const char* const name : {"users.sql", "users.gz", "users.sql.gz", ".csv", ".csv.gz",
                                   "csv", "users.csv.gz/x", "users.csv.bz2"}) {
        INFO(name);
        CHECK_FALSE(has_csv_name(name));
    }
}

TEST_CASE("a compressed file's digest is that of its bytes")
{
    const std::string bytes = gzipped("id\n1\n");
    const PackedFile packed(bytes);
    CHECK(digest_of(packed.source()).hex() == sha256_hex("file " + sha256_hex(bytes)));
}
