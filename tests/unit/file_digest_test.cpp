#include "script/file_digest.hpp"

#include "script/script_file.hpp"
#include "support/temp_folder.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::script;
using crudctl::tests::TempFolder;

namespace {

std::string digest_of_file(const TempFolder& folder, const std::string& name,
                           const ScriptSettings& settings = {})
{
    return read_script({{folder.path() / name, name}}, settings).files.front().digest;
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

TEST_CASE("a file's digest is the same in whatever pieces it is read, and whatever comes between")
{
    std::string bytes;
    while (bytes.size() < (std::size_t{3} << 20U)) {
        bytes += std::to_string(bytes.size()) + "\n";
    }
    const std::string expected = sha256_hex("file " + sha256_hex("") + "file " + sha256_hex(bytes));
    for (const std::size_t piece : {std::size_t{1000}, std::size_t{1} << 19U, bytes.size()}) {
        FileDigest digest;
        digest.open();
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            digest.feed(std::string_view(bytes).substr(at, piece));
            if (at == piece || piece == bytes.size()) {
                digest.open(); // a file that it includes
                digest.close();
            }
        }
        digest.close();
        CHECK(digest.hex() == expected);
    }
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
    const std::string digest = read_script(files).files.back().digest;
    folder.write("a.sql", "\\set n 2\n");
    CHECK(read_script(files).files.back().digest != digest);
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
    CHECK(read_again(script, Backslashes::escape).files.front().digest ==
          script.files.front().digest);
}
