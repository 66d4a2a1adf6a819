#include "script/source/file_digest.hpp"

#include "script/reader/script_file.hpp"
#include "script/reader/script_reader.hpp"
#include "support/hashing_turn.hpp"
#include "support/temp_folder.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::script;
using crudctl::tests::HashingTurn;
using crudctl::tests::TempFolder;

namespace {

constexpr std::size_t large = std::size_t{2} << 20U; // hashed aside

std::string digest_of_file(const TempFolder& folder, const std::string& name,
                           const ScriptSettings& settings = {})
{
    return read_script({{folder.path() / name, name}}, settings).files.front().digest.hex();
}

std::string digest_of_text(std::string_view text, const ScriptSettings& settings = {})
{
    const TempFolder folder;
    folder.write("a.sql", text);
    return digest_of_file(folder, "a.sql", settings);
}

ScriptSettings with_author(const std::string& value)
{
    ScriptSettings settings;
    settings.variables.set("author", value);
    return settings;
}

} // namespace

TEST_CASE("a file's digest is of its bytes: the same wherever they lie, another for each change")
{
    const std::string digest = digest_of_text("select 1;\n");
    CHECK(digest.size() == 64);
    CHECK(digest == digest_of_text("select 1;\n"));
    CHECK(digest != digest_of_text("select 2;\n"));
    CHECK(digest != digest_of_text("select 1;\n-- and no more\n"));
    CHECK(digest_of_text("") != digest);
}

TEST_CASE("a large file's digest, worked out aside, is made of the same as a small one's")
{
    const TempFolder folder;
    std::string bytes;
    while (bytes.size() < (std::size_t{3} << 20U)) {
        bytes += "-- " + std::to_string(bytes.size()) + "\n";
    }
    folder.write("large.sql", bytes);
    folder.write("all.sql", "\\ir large.sql\n");
    CHECK(digest_of_file(folder, "large.sql") == sha256_hex("file " + sha256_hex(bytes)));
    CHECK(digest_of_file(folder, "all.sql") ==
          sha256_hex("file " + sha256_hex(bytes) + "file " + sha256_hex("\\ir large.sql\n")));
}

TEST_CASE("a large file that is written into before it is hashed has no digest")
{
    const TempFolder folder;
    folder.write("large.sql", std::string(large, '\n'));
    HashingTurn other;
    const Script script = read_script({{folder.path() / "large.sql", "large.sql"}});
    std::ofstream(folder.path() / "large.sql", std::ios::app) << "select 1;\n";
    other.pass_on();
    CHECK_THROWS_WITH(script.files.front().digest.hex(),
                      "\"large.sql\" was changed while it was being read");
}

TEST_CASE("a digest that nobody wants any more ends at once, at work or waiting for its turn")
{
    using Clock = std::chrono::steady_clock;
    const TempFolder folder;
    folder.write("large.sql", std::string(large, '\n'));
    HashingTurn other; // would take minutes
    const auto start = Clock::now();
    read_script({{folder.path() / "large.sql", "large.sql"}});
    other.pass_on();
    CHECK(Clock::now() - start < std::chrono::seconds(20));
}

TEST_CASE("a file that rows are copied from is not read to be judged")
{
    const TempFolder folder;
    const std::string sql = "\\copy t from 'rows.txt'\nselect 1;\n";
    folder.write("a.sql", sql);
    folder.write("rows.txt", std::string(large, '\n'));
    ScriptSettings settings;
    settings.root = folder.path();
    ScriptReader reader(
        std::make_shared<const SourceFile>(ScriptFile{folder.path() / "a.sql", "a.sql"}), settings,
        {});
    const auto copy = reader.next();
    REQUIRE(copy);
    REQUIRE(copy->has_copy_data);
    reader.skip_copy_data();
    REQUIRE(reader.next());
    CHECK_FALSE(reader.next());
    CHECK(reader.known_bytes() == sql.size() + large);
    CHECK(reader.read_bytes() == sql.size());
}

TEST_CASE("a digest is still to be had when its script is gone")
{
    const TempFolder folder;
    folder.write("large.sql", std::string(std::size_t{64} << 20U, '\n'));
    const auto digest = [&] {
        return read_script({{folder.path() / "large.sql", "large.sql"}}).files.front().digest;
    }();
    CHECK(digest.hex().size() == 64);
}

TEST_CASE("a file's digest has the files that it includes and copies from")
{
    const TempFolder folder;
    folder.write("all.sql", "\\ir part.sql\nselect 2;\n");
    folder.write("part.sql", "\\copy t from 'rows.txt'\n");
    folder.write("rows.txt", "1\n");
    ScriptSettings settings;
    settings.root = folder.path();
    const std::string digest = digest_of_file(folder, "all.sql", settings);
    CHECK(digest == digest_of_file(folder, "all.sql", settings));

    folder.write("rows.txt", "2\n");
    const std::string with_other_rows = digest_of_file(folder, "all.sql", settings);
    CHECK(with_other_rows != digest);

    folder.write("part.sql", "\\copy t from 'rows.txt'\n\n");
    CHECK(digest_of_file(folder, "all.sql", settings) != with_other_rows);
}

TEST_CASE("what moves from a file into one that it includes is another digest")
{
    const TempFolder folder;
    folder.write("all.sql", "\\ir part.sql\n");
    folder.write("part.sql", "select 1;\n");
    const std::string digest = digest_of_file(folder, "all.sql");
    folder.write("all.sql", "\\ir part.sql\nselect 1;\n");
    folder.write("part.sql", "");
    CHECK(digest_of_file(folder, "all.sql") != digest);
}

TEST_CASE("a variable's value counts in a digest where it is used, and nowhere else")
{
    constexpr std::string_view used = "insert into posts values (:'author');\n";
    CHECK(digest_of_text(used, with_author("brown")) == digest_of_text(used, with_author("brown")));
    CHECK(digest_of_text(used, with_author("brown")) != digest_of_text(used, with_author("bayko")));
    CHECK(digest_of_text("select 1;\n", with_author("brown")) ==
          digest_of_text("select 1;\n", with_author("bayko")));
}

TEST_CASE("a variable that an earlier file set counts in the digest of the later one")
{
    const TempFolder folder;
    const std::vector<ScriptFile> files = {{folder.path() / "a.sql", "a.sql"},
                                           {folder.write("b.sql", "select :n;\n"), "b.sql"}};
    folder.write("a.sql", "\\set n 1\n");
    const std::string digest = read_script(files).files.back().digest.hex();
    folder.write("a.sql", "\\set n 2\n");
    CHECK(read_script(files).files.back().digest.hex() != digest);
}

TEST_CASE("the digest of a CSV file is of its rows, too, however many there are")
{
    const TempFolder folder;
    std::string rows = "id\n";
    while (rows.size() < 300'000) {
        rows += "12345\n";
    }
    folder.write("users.csv", rows);
    const std::string digest = digest_of_file(folder, "users.csv");
    CHECK(digest == digest_of_file(folder, "users.csv"));
    std::replace(rows.end() - 3, rows.end(), '5', '6');
    folder.write("users.csv", rows);
    CHECK(digest_of_file(folder, "users.csv") != digest);
}

TEST_CASE("a file that is read again has the same digest, whatever backslashes mean")
{
    const TempFolder folder;
    folder.write("a.sql", "select 'a\\\\b';\n");
    const Script script = read_script({{folder.path() / "a.sql", "a.sql"}});
    ScriptSettings escaping = script.settings;
    escaping.backslashes = Backslashes::escape;
    CHECK(read_again(script, escaping).files.front().digest.hex() ==
          script.files.front().digest.hex());
}
