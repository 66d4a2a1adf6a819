#include "database/copies.hpp"
#include "database/marker.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::database;

namespace {

Marker full_marker()
{
    Marker marker;
    marker.environment = "prod";
    marker.said_by = SaidBy::person;
    marker.server = "7432109876543210";
    marker.oid = "16384";
    marker.built = Build{"2026-11-24T09:15:00.123Z", "andrew@mac", "0123456789", "a41f"};
    marker.seeds = {{"sql/seed.sql", "b52e"}, {"sql/ü \"x\".sql", "c63d"}};
    marker.freeze = Freeze{"it's\nrelease day", "andrew@mac", "2026-11-24T18:00:00.000Z"};
    marker.stand_in = StandIn{StandInKind::saved,         "crud\"dur 🦆", "demo",
                              "2026-11-24T09:15:00.123Z", "save",           true};
    return marker;
}

Copy copy(const std::string& name, const std::string& at, bool is_built, bool is_protected = false)
{
    Copy copy;
    copy.name = name;
    if (is_built) {
        copy.marker.built = Build{};
    }
    copy.marker.stand_in = StandIn{StandInKind::previous, "cruddur", "", at, "setup", is_protected};
    return copy;
}

std::vector<std::string> names(const std::vector<Copy>& copies)
{
    std::vector<std::string> names;
    for (const Copy& each : copies) {
        names.push_back(each.name);
    }
    return names;
}

} // namespace

TEST_CASE("a marker comes back from its line as it was, and the line is one of ASCII")
{
    const std::string line = to_line(full_marker());
    CHECK(line.find('\n') == std::string::npos);
    CHECK(
        line.find_first_not_of(" !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_"
                               "`abcdefghijklmnopqrstuvwxyz{|}~") == std::string::npos);
    const Comment comment = parse_comment("ours\n" + line);
    CHECK(comment.text == "ours");
    REQUIRE(comment.marker.has_value());
    CHECK(to_line(*comment.marker) == line);
    CHECK(comment.marker->freeze->reason == "it's\nrelease day");
    CHECK(comment.marker->stand_in->target == "crud\"dur 🦆");
    CHECK(to_line(*parse_comment(to_line(Marker())).marker) == to_line(Marker()));
}

TEST_CASE("a mark protects wherever it stands in a comment, and however it is written")
{
    const std::string text = GENERATE(
        as<std::string>(), R"(crudctl: {"environment":"prod"})",
        R"(crudctl:{"environment":"prod"})", "crudctl: {\"environment\":\"prod\"}\nours",
        "ours\r\ncrudctl: {\"environment\":\"prod\"}\r\nmore\r\n",
        "ours\rcrudctl: {\"environment\":\"prod\"}\rmore",
        "crudctl: {\"environment\":\"prod\"} \t\n",
        "  \tcrudctl:   { \"environment\" : \"prod\" }  ", R"(CRUDCTL: {"environment":"prod"})",
        R"(crudctl: {"environment":"PROD"})", R"(crudctl: {"environment":"Production"})",
        R"(crudctl: {"environment":" production "})", R"(crudctl: {"Environment":"prod"})",
        "crudctl: {\"environment\":\"prod\"}\ncrudctl: {\"environment\":\"dev\"}",
        "crudctl: {\"environment\":\"dev\"}\n\ncrudctl: {\"environment\":\"prod\"}\nours",
        R"(crudctl: {"environment":"prod","environment":"dev"})",
        R"(crudctl: {"environment":"prod","oid":)");
    CAPTURE(text);
    const Comment comment = parse_comment(text);
    CHECK(comment.says_prod);
    CHECK(comment.text.find("environment") == std::string::npos);
}

TEST_CASE("a mark typed by hand, or behind a break or a blank of Unicode, protects and stays")
{
    const std::string text =
        GENERATE(as<std::string>(), "crudctl: prod", "ours\ncrudctl: environment=Production!\nmore",
                 "  CRUDCTL:prod", "ours\u2028crudctl: {\"environment\":\"prod\"}",
                 "\u00a0crudctl: {\"environment\":\"prod\"}", "\ufeffcrudctl: prod",
                 "ours\vcrudctl: prod", "ours\u0085 crudctl: prod");
    CAPTURE(text);
    CHECK(parse_comment(text).says_prod);
    CHECK(protects(parse_comment(text)));
    CHECK(parse_comment(text).text == text);
    const std::string harmless =
        GENERATE(as<std::string>(), "crudctl: a product", "see crudctl: prod", "prod\ncrudctl: dev",
                 "crudctl: dev\nprod", "crudctl prod");
    CAPTURE(harmless);
    CHECK_FALSE(protects(parse_comment(harmless)));
}

TEST_CASE("what the user wrote above and below a mark stays as it was")
{
    const std::string line = R"(crudctl: {"environment":"dev"})";
    CHECK(parse_comment(line + "\nours").text == "ours");
    CHECK(parse_comment("ours\n" + line + "\nmore").text == "ours\nmore");
    CHECK(parse_comment("a\n" + line + "\n" + line + "\nb\n" + line).text == "a\nb");
    CHECK(parse_comment("\na\n\n" + line).text == "\na\n");
    CHECK(parse_comment("a\r\n" + line + "\r\nb").text == "a\r\nb");
    CHECK(parse_comment(line).text.empty());
    CHECK_FALSE(parse_comment(line).says_prod);
}

TEST_CASE("of several marks the last one counts, and all are known")
{
    const Comment comment = parse_comment("crudctl: {\"environment\":\"staging\",\"oid\":\"1\"}\n"
                                          "crudctl: {\"environment\":\"dev\",\"oid\":\"2\"}\nours");
    REQUIRE(comment.marks.size() == 2);
    CHECK(comment.marker->oid == "2");
    CHECK(comment.marks.front().environment == "staging");
}

TEST_CASE(
    "who said the environment is kept, and only a word for something else than prod is harmless")
{
    for (const SaidBy speaker : {SaidBy::untold, SaidBy::run, SaidBy::person}) {
        Marker marker;
        marker.environment = "dev";
        marker.said_by = speaker;
        const Marker read = *parse_comment(to_line(marker)).marker;
        CHECK(read.said_by == speaker);
        CHECK(is_said_harmless(read) == (speaker != SaidBy::untold));
        marker.environment = "prod";
        CHECK_FALSE(is_said_harmless(marker));
        marker.environment = "";
        CHECK_FALSE(is_said_harmless(marker));
    }
}

TEST_CASE("a comment without a line of ours is the user's alone")
{
    for (const std::string text :
         {"", "ours", "crudctl: a tool", "ours\r\nmore\n", "x crudctl: {}", "\"crudctl: {}\""}) {
        const Comment comment = parse_comment(text);
        CHECK(comment.text == text);
        CHECK_FALSE(comment.marker.has_value());
        CHECK_FALSE(comment.is_marker_broken);
    }
}

TEST_CASE("a line of ours that cannot be read is known as such, never as no marker")
{
    const std::string line =
        GENERATE(as<std::string>(), "crudctl: {",
                 "crudctl: {\"environment\":", "crudctl: {\"environment\":1}",
                 "crudctl: {\"stands_in\":{\"kind\":\"wrong\"}}", "crudctl: {\"seeds\":[1]}",
                 "crudctl: {}x", "crudctl: [\"live\"]", "crudctl: {\"environment\":\"live\"}",
                 "crudctl: {\"environment\":[\"dev\"]}", "crudctl: {\"environment\":\n\"dev\"}");
    const Comment comment = parse_comment("ours\n" + line);
    CHECK(comment.is_marker_broken);
    CHECK_FALSE(comment.marker.has_value());
    CHECK(comment.text.starts_with("ours"));
}

TEST_CASE("a marker fits the database that it was written for, and no copy by dump and restore")
{
    const Marker marker = full_marker();
    CHECK(is_written_for(marker, marker.server, marker.oid));
    CHECK(is_written_for(marker, "", marker.oid)); // this role may not read the server's identity
    CHECK_FALSE(is_written_for(marker, marker.server, "16385"));
    CHECK_FALSE(is_written_for(marker, "1", marker.oid));
}

TEST_CASE("a lock holds until its time, and one without for good")
{
    CHECK(holds({"", "", "2026-11-24T18:00:00.000Z"}, "2026-11-24T17:59:59.999Z"));
    CHECK_FALSE(holds({"", "", "2026-11-24T18:00:00.000Z"}, "2026-11-24T18:00:00.000Z"));
    CHECK(holds({"", "", ""}, "2099-01-01T00:00:00.000Z"));
}

TEST_CASE("the text that finds a target's stand-ins is in their markers, and in no other target's")
{
    for (const std::string target : {"cruddur", "crud\"dur", "größe", "🦆", "a\\b"}) {
        Marker marker;
        marker.stand_in = StandIn{StandInKind::next, target, "", "", "", false};
        CHECK(to_line(marker).find(stand_in_needle(target)) != std::string::npos);
        CHECK(to_line(marker).find(stand_in_needle(target + "x")) == std::string::npos);
        CHECK(to_line(marker).find(stand_in_needle(target.substr(1))) == std::string::npos);
    }
}

TEST_CASE("what may go unasked is the oldest, built by us, on a target that nobody protects")
{
    const std::vector<Copy> copies = {copy("theirs", "1", false), copy("prod", "2", true, true),
                                      copy("a", "3", true),       copy("b", "4", true),
                                      copy("c", "5", true),       copy("d", "6", true)};
    CHECK(names(surplus(copies, 3)) == std::vector<std::string>{"a"});
    CHECK(names(surplus(copies, 0)) == std::vector<std::string>{"a", "b", "c", "d"});
    CHECK(surplus(copies, 6).empty());
    CHECK(surplus({}, 3).empty());
    CHECK(names(set_aside_before(copies, "5")) == std::vector<std::string>{"a", "b"});
}
