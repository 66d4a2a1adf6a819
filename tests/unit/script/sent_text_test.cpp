#include "script/sql/scanner.hpp"
#include "script/sql/statement.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

using namespace crudctl::script;

namespace {

/// What of a file is sent, and for each byte `!` in it the text of the file from there on.
struct SentFile {
    std::vector<std::string> texts;
    std::vector<std::string> marked;
};

SentFile sent_of(std::string_view sql, const Variables& variables = {}, std::size_t chunk = 4096)
{
    SentFile file;
    Scanner scanner;
    scanner.expand(variables);
    const auto take = [&] {
        while (const auto item = scanner.next()) {
            if (item->kind != Item::Kind::statement) {
                continue;
            }
            const SentText sent =
                sent_text(item->text, item->surroundings, item->expansions, Backslashes::literal);
            file.texts.push_back(sent.text);
            const std::size_t mark = sent.text.find('!');
            if (mark != std::string::npos) {
                file.marked.emplace_back(
                    sql.substr(item->place.offset + source_distance(sent.expansions, mark), 2));
            }
        }
    };
    for (std::size_t at = 0; at < sql.size(); at += chunk) {
        scanner.feed(sql.substr(at, chunk));
        take();
    }
    scanner.finish();
    take();
    return file;
}

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("a statement is sent with its semicolon and the block comment before it, as by psql")
{
    const std::size_t chunk = GENERATE(as<std::size_t>(), 1, 3, 4096);
    CHECK(sent_of("-- line\n/* block */ -- line 2\nselect 1;select 2; /* a\n\n b */\n\tselect\n3 ;",
                  {}, chunk)
              .texts ==
          Texts{"/* block */ -- line 2\nselect 1;", "select 2;", "/* a\n\n b */\n\tselect\n3 ;"});
    CHECK(sent_of("/* of nothing */;\nselect 1;", {}, chunk).texts == Texts{"select 1;"});
    CHECK(sent_of("/* c */ \\echo\nselect 1;", {}, chunk).texts == Texts{"select 1;"});
}

TEST_CASE("what psql sends of a statement without a semicolon ends where the last line does")
{
    CHECK(sent_of("select 1 -- last\n\n").texts == Texts{"select 1 -- last"});
    CHECK(sent_of("select 1 \n ").texts == Texts{"select 1 \n "});
    CHECK(sent_of("select 1\n\\g\nselect 2 \\g").texts == Texts{"select 1", "select 2 "});
}

TEST_CASE("empty lines are left out as by psql, but for those in quotes and comments")
{
    CHECK(sent_of("select\n\n\n1,\n\n'a\n\nb', $$\n\n$$ /* \n\n */ -- c\n\n, \"x\n\ny\"\r\n\r\n;")
              .texts ==
          Texts{"select\n1,\n'a\n\nb', $$\n\n$$ /* \n\n */ -- c\n, \"x\n\ny\"\r\n\r\n;"});
}

TEST_CASE("a place in what was sent is found in the file")
{
    Variables variables;
    variables.set("long", "0 + 0");
    for (const char* sql :
         {"select !x;", "/* c */ select !x;", "/* c */\n\n\nselect\n\n :long,\n\n 1, !x;",
          "/* c\n\n */ -- d\n\nselect :long, :long\n\n, !x", "select\n\n\n:long !x",
          "select 'a\n\n', :long,\n\n\n\n :long,\n\n !x;"}) {
        INFO(sql);
        CHECK(sent_of(sql, variables).marked == Texts{"!x"});
    }
}

TEST_CASE("a comment that is not short is not held for the statement behind it")
{
    const std::string comment = "/*" + std::string(200'000, 'x') + "*/";
    CHECK(sent_of(comment + "\nselect 1;").texts == Texts{"select 1;"});
}
