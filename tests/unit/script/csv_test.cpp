#include "script/csv/failure.hpp"
#include "script/csv/file.hpp"
#include "script/csv/header.hpp"
#include "script/csv/merge.hpp"
#include "script/csv/record.hpp"
#include "script/csv/server_context.hpp"
#include "support/temp_folder.hpp"

#include <catch2/catch.hpp>

#include <stdexcept>

#include <sys/stat.h>

using namespace crudctl;
using namespace crudctl::script;
using crudctl::tests::TempFolder;

namespace {

CsvFile opened(const ScriptFile& file)
{
    return CsvFile(std::make_shared<const SourceFile>(file));
}

/// A file that is there as long as this lives.
class OneFile {
public:
    explicit OneFile(std::string_view text, const std::string& name = "users.csv")
        : m_file{m_folder.write(name, text), name}
    {}
    CsvFile open() const { return opened(m_file); }

private:
    TempFolder m_folder;
    ScriptFile m_file;
};

using Names = std::vector<std::string>;

Names header(std::string_view text)
{
    Names names;
    for (const CsvName& name : read_csv_header(OneFile(text).open())) {
        names.push_back(name.text);
    }
    return names;
}

std::string refusal_of_csv(std::string_view text, const std::string& name = "users.csv")
{
    try {
        const OneFile file(text, name);
        const CsvFile opened = file.open();
        table_of_csv_file(opened);
        read_csv_header(opened);
    } catch (const ScriptError& error) {
        CHECK(error.code() == ExitCode::failed);
        CHECK_FALSE(error.hint().empty());
        CHECK(error.report_lines().back() == "  nothing was run");
        return error.what();
    }
    return "nothing";
}

std::string sent_rows(std::string_view text)
{
    const OneFile file(text);
    const CsvFile opened = file.open();
    CsvChunks chunks(opened);
    std::string all;
    for (auto data = chunks.next(); !data.empty(); data = chunks.next()) {
        all += data;
    }
    return all;
}

} // namespace

TEST_CASE("a header is read by the rules of Postgres' CSV")
{
    CHECK(header("id,name\n1,a\n") == Names{"id", "name"});
    CHECK(header("id") == Names{"id"});
    CHECK(header("id,name\r\n1,a\r\n") == Names{"id", "name"});
    CHECK(header("id,name\r1,a\r") == Names{"id", "name"});
    CHECK(header("\xEF\xBB\xBFid,name\n") == Names{"id", "name"});
    CHECK(header("\"id\",\"first name\"\n") == Names{"id", "first name"});
    CHECK(header("\"say \"\"hi\"\"\",\"a,b\"\n") == Names{"say \"hi\"", "a,b"});
    CHECK(header("\"two\nlines\",\"and\r\nmore\"\n1,2\n") == Names{"two\nlines", "and\r\nmore"});
    CHECK(header("na\"m,\"e,id\n") == Names{"nam,e", "id"});
    CHECK(header(" id ,name\n") == Names{" id ", "name"});
    CHECK(header("größe,名前\n") == Names{"größe", "名前"});
    CHECK(header("id;name\n") == Names{"id;name"});
}

TEST_CASE("a header that names no columns is refused by its place")
{
    CHECK(refusal_of_csv("") == "users.csv:1:1: error: the file is empty");
    CHECK(refusal_of_csv("\xEF\xBB\xBF") == "users.csv:1:1: error: the file is empty");
    CHECK(refusal_of_csv("\n1\n") == "users.csv:1:1: error: column 1 of the header has no name");
    CHECK(refusal_of_csv("id,,x\n") == "users.csv:1:4: error: column 2 of the header has no name");
    CHECK(refusal_of_csv("id,\n1,2\n") ==
          "users.csv:1:4: error: column 2 of the header has no name");
    CHECK(refusal_of_csv("id,\"\"\n") ==
          "users.csv:1:4: error: column 2 of the header has no name");
    CHECK(refusal_of_csv("id,a,id\n") ==
          "users.csv:1:6: error: column \"id\" stands twice in the header");
    CHECK(refusal_of_csv("\"a\nb\",größe,größe\n") ==
          "users.csv:2:10: error: column \"größe\" stands twice in the header");
}

TEST_CASE("a header that can't be read as text is refused by its place")
{
    CHECK(refusal_of_csv("id,\"name\n1,a\n2,b\n") ==
          "users.csv:1:4: error: the header row's quote is never closed");
    CHECK(refusal_of_csv("id,n\xFF"
                         "me\n") == "users.csv:1:5: error: the header row is not UTF-8");
    CHECK(refusal_of_csv("\xFF\xFEi\0d\0\n\0") ==
          "users.csv:1:1: error: the header row is not UTF-8");
    CHECK(refusal_of_csv(std::string_view("id,n\0me\n", 8)) ==
          "users.csv:1:5: error: the header row has a NUL byte");
    CHECK(refusal_of_csv(std::string(2U << 20U, 'x')) ==
          "users.csv:1:1: error: the header row is longer than 1.0 MB");
    CHECK(header("id\n\xFF\n") == Names{"id"}); // the rows are the server's to read
}

TEST_CASE("a refused header shows its line")
{
    const OneFile file("\xEF\xBB\xBFid,größe,id\n1,2,3\n");
    try {
        read_csv_header(file.open());
        FAIL("it was taken");
    } catch (const ScriptError& error) {
        CHECK(error.report_lines() == std::vector<std::string>{"  1 | id,größe,id",
                                                               "    |          ^", "  2 | 1,2,3",
                                                               "  nothing was run"});
    }
}

TEST_CASE("a file's name says which table it is for")
{
    const auto table = [](const std::string& name) {
        const CsvTableName found = table_of_csv_file(OneFile("id\n", name).open());
        return found.schema + "|" + found.table;
    };
    CHECK(table("users.csv") == "|users");
    CHECK(table("app.users.csv") == "app|users");
    CHECK(table("My Users.CSV") == "|My Users");
    CHECK(table("01_users.csv") == "|01_users");
    CHECK(table(std::string(63, 'x') + ".csv") == "|" + std::string(63, 'x'));

    const std::string odd = ": error: the file's name doesn't say which table it is for";
    for (const std::string& name :
         {std::string("a.b.c.csv"), std::string("users..csv"), std::string(".users.csv"),
          std::string("app..csv"), std::string("users.txt"), std::string(64, 'x') + ".csv",
          std::string("a\tb.csv"), std::string("a\xFF.csv"), std::string(".csv")}) {
        INFO(name);
        CHECK(refusal_of_csv("id\n", name) == name + odd);
    }
}

TEST_CASE("what is no regular file is refused without waiting for it")
{
    const TempFolder folder;
    REQUIRE(::mkfifo((folder / "users.csv").c_str(), 0600) == 0);
    CHECK_THROWS_WITH(opened({folder / "users.csv", "users.csv"}),
                      Catch::EndsWith("it is not a regular file"));
    CHECK_THROWS_WITH(opened({folder.path(), "users.csv"}), Catch::EndsWith("it is a directory"));
    CHECK_THROWS_WITH(opened({folder / "none.csv", "none.csv"}),
                      Catch::EndsWith("No such file or directory"));
}

TEST_CASE("a record's fields are cut as COPY cuts them")
{
    const auto fields = csv_fields("1,,\"\",\"a,\"\"b\nc\",x\"y,\"z");
    REQUIRE(fields.size() == 5);
    CHECK(fields[0].value == "1");
    CHECK(fields[1].is_null);
    CHECK(fields[2].value.empty());
    CHECK_FALSE(fields[2].is_null);
    CHECK(fields[3].value == "a,\"b\nc");
    CHECK(fields[3].begin == 6);
    CHECK(fields[4].value == "xy,z");
    CHECK(csv_fields("").size() == 1);
    CHECK(csv_fields(",").size() == 2);
    CHECK(open_quote("a,\"b\"\",c\n") == 2U);
    CHECK(open_quote("\"a\",\"b\"") == std::nullopt);
}

TEST_CASE("a file is sent as it is but for its byte order mark and lines that would end the data")
{
    CHECK(sent_rows("\xEF\xBB\xBFid\n1\n") == "id\n1\n");
    CHECK(sent_rows("id\n\\.\n2\n") == "id\n\"\\.\"\n2\n");
    CHECK(sent_rows("id\n\\.\r\n\\.\r\n") == "id\n\"\\.\"\r\n\"\\.\"\r\n");
    CHECK(sent_rows("id\n\\.") == "id\n\"\\.\"");
    CHECK(sent_rows("id\n\\\n\\.x\nx\\.\n") == "id\n\\\n\\.x\nx\\.\n");
    CHECK(sent_rows("id\n\"\n\\.\n\"\n\\.\n") == "id\n\"\n\\.\n\"\n\"\\.\"\n");
}

TEST_CASE("a line that would end the data is found wherever the pieces are cut")
{
    for (std::size_t before = 65520; before <= 65540; ++before) {
        const std::string head = "id\n" + std::string(before, 'x') + "\n";
        INFO(before);
        CHECK(sent_rows(head + "\\.\n1\n") == head + "\"\\.\"\n1\n");
        CHECK(sent_rows(head + "\\.") == head + "\"\\.\"");
        CHECK(sent_rows(head + "\\") == head + "\\");
        CHECK(sent_rows(head + "\"\n\\.\n\"\n") == head + "\"\n\\.\n\"\n");
    }
}

TEST_CASE("a record is found by the line that the server counts")
{
    const auto place = [](std::string_view text, std::size_t server_line) {
        const OneFile file(text);
        const auto record = find_csv_record(file.open(), [&](const CsvRecord& candidate) {
            return candidate.server_line >= server_line;
        });
        return record ? std::make_pair(record->place.line, record->text)
                      : std::make_pair(std::size_t{0}, std::string());
    };
    using Found = std::pair<std::size_t, std::string>;
    CHECK(place("id\n1\n2\n", 2) == Found{2, "1"});
    CHECK(place("id\n\"a\nb\"\n2", 3) == Found{2, "\"a\nb\""});
    CHECK(place("id\n\"a\nb\"\n2", 4) == Found{4, "2"});
    CHECK(place("id\n\"a\nb\"\n2", 5) == Found{0, ""});
    CHECK(place("id\r\n\"a\r\nb\"\r\n2\r\n", 4) == Found{4, "2"});
    CHECK(place("\"i\nd\"\n1\n2\n", 2) == Found{3, "1"}); // it misses the header's own newline
    CHECK(place("id\r1\r2", 3) == Found{1, "2"});
}

TEST_CASE("COPY's context is read whatever the server's language")
{
    const Names columns{"id", "name", "name: x", "a, b"};
    const auto read = [&](std::string_view context, std::string_view relation = "users") {
        const auto found = copy_context(context, relation, columns);
        return found ? std::to_string(found->line) + "|" + found->column : "nothing";
    };
    CHECK(read("COPY users, line 7, column id: \"x\"") == "7|id");
    CHECK(read("COPY users, line 7, column name: x: \"x\"") == "7|name: x");
    CHECK(read("COPY users, line 7, column name: null input") == "7|name");
    CHECK(read("COPY users, line 7, column name") == "7|name");
    CHECK(read("COPY users, line 7: \"1, column id: 2\"") == "7|");
    CHECK(read("COPY users, line 12") == "12|");
    CHECK(read("COPY users, Zeile 7, Spalte id: »x«") == "7|id");
    CHECK(read("COPY users, ligne 7, colonne id : « x »") == "7|id");
    CHECK(read("PL/pgSQL function f() line 3 at RAISE\nCOPY users, line 7: \"1\"") == "7|");
    CHECK(read("COPY a, line 3, line 7: \"1\"", "a, line 3") == "7|");
    CHECK(read("COPY other, line 7: \"1\"") == "nothing");
    CHECK(read("COPY users, line 99999999999999999999999") == "nothing");
    CHECK(read("") == "nothing");
}

TEST_CASE("an error's key is read from its detail")
{
    const Names columns{"id", "a \"b\"", "Name"};
    const auto read = [&](std::string_view detail) {
        const auto found = key_detail(detail, columns);
        std::string text = found ? "" : "nothing";
        for (const std::string& name : found ? found->columns : Names()) {
            text += name + "|";
        }
        return text + (found ? std::string(found->values) : "");
    };
    CHECK(read("Key (id)=(7) already exists.") == "id|7) already exists.");
    CHECK(read("Schlüssel (id, Name)=(7, x) ist") == "id|Name|7, x) ist");
    CHECK(read("Key (\"a \"\"b\"\"\", \"Name\")=(7, x)") == "a \"b\"|Name|7, x)");
    CHECK(read("Key (lower(id))=(7) already exists.") == "nothing");
    CHECK(read("Failing row contains (7, x).") == "nothing");
    CHECK(read(")=(") == "nothing");
}

TEST_CASE("names take their places in a query's text")
{
    CHECK(with_names("select :column from :table -- a: b\n where :column::text = '::x'",
                     {{"table", "\"t:x\""}, {"column", "c"}}) ==
          "select c from \"t:x\" -- a: b\n where c::text = '::x'");
    CHECK_THROWS_AS(with_names("select :column", {{"columns", "c"}}), std::logic_error);
}
