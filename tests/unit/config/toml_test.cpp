#include "unit/config/fixture.hpp"

#include "config/file/setting_table.hpp"
#include "config/file/toml_file.hpp"

#include <sys/stat.h>

using namespace crudctl;
using namespace crudctl::config;
using namespace crudctl::config::test;

namespace {

Failure check_failure(std::string_view text)
{
    return failure_of([&] { check_against_table(parse_toml(text, "crudctl.toml")); });
}

} // namespace

TEST_CASE("a TOML file's entries know their line and column", "[config]")
{
    const TomlFile file = parse_toml("[project]\n  name = \"cruddur\"\n", "crudctl.toml");
    REQUIRE(file.entries.size() == 2);
    CHECK(file.entries[1].path == std::vector<std::string>{"project", "name"});
    CHECK(file.entries[1].key_place.line == 2);
    CHECK(file.entries[1].key_place.column == 3);
    CHECK(file.entries[1].value.place.column == 10);
    CHECK(file.entries[1].value.text == "cruddur");
}

TEST_CASE("a byte order mark and CRLF lines are read as if they weren't there", "[config]")
{
    const TomlFile file =
        parse_toml("\xef\xbb\xbf[project]\r\nname = \"cruddur\"\r\n", "crudctl.toml");
    CHECK(file.entries.at(1).value.text == "cruddur");
    CHECK(file.entries.at(1).key_place.line == 2);
}

TEST_CASE("what is not TOML is refused with its place", "[config]")
{
    const auto [text, place] = GENERATE(table<std::string, std::string>({
        {"[project\n", "crudctl.toml:1:"},
        {"[project]\nname = \"a\"\nname = \"b\"\n", "crudctl.toml:3:"},
        {"[project]\n[project]\n", "crudctl.toml:2:"},
        {"[project]\nname = 'a' 'b'\n", "crudctl.toml:2:"},
        {"[project]\nname = \"a\xff\"\n", "crudctl.toml:2:9"},
        {std::string("[project]\n\0name = 1\n", 20), "crudctl.toml:2:1"},
        {std::string("\xff\xfe[\0p\0", 6), "crudctl.toml:1:1"},
    }));
    const Failure failure = check_failure(text);
    CHECK(failure.code == ExitCode::configuration);
    CHECK_THAT(failure.message, Catch::StartsWith(place));
}

TEST_CASE("a syntax error never repeats a piece of a value", "[config]")
{
    const std::string text =
        GENERATE("password = \"" + canary + "\nx = 1\n", "password = " + canary + "\n",
                 "url = postgres://u:" + canary + "@h/d\n", "password = 12" + canary + "\n",
                 "password = t" + canary + "\n", "password = 'x' \"" + canary + "\"\n",
                 "password = \"\\q" + canary + "\"\n", "password = \"\"\"" + canary,
                 "port = 2024-13-" + canary + "\n", "password = {a = " + canary + "}\n");
    const Failure failure = check_failure("[profiles.local]\n" + text);
    CHECK(failure.code == ExitCode::configuration);
    CHECK_THAT(failure.message,
               Catch::StartsWith("crudctl.toml:2:") || Catch::StartsWith("crudctl.toml:3:"));
    CHECK(failure.message.find("S3c") == std::string::npos);
}

TEST_CASE("a string that is not closed is called that", "[config]")
{
    CHECK(check_failure("[project]\nname = \"cruddur\n").message ==
          "crudctl.toml:2:16: the string is not closed on its line, or holds a control character");
}

TEST_CASE("an unknown key is refused with the nearest valid one", "[config]")
{
    const auto [text, message, hint] = GENERATE(table<std::string, std::string, std::string>({
        {"[project]\nnmae = 'x'", "crudctl.toml:2:1: unknown key \"nmae\" in [project]",
         "did you mean \"name\"?"},
        {"[profiles.prod]\nurl = 'x'\n  protectd = true",
         "crudctl.toml:3:3: unknown key \"protectd\" in [profiles.prod]",
         "did you mean \"protected\"?"},
        {"[profiles.prod]\npasword_command = ['x']",
         "crudctl.toml:2:1: unknown key \"pasword_command\" in [profiles.prod]",
         "did you mean \"password_command\"?"},
        {"[profile.prod]\nurl = 'x'", "crudctl.toml:1:2: unknown table \"profile\" in the file",
         "did you mean \"profiles\"?"},
        {"[profiles.prod.aws]\nregoin = 'x'",
         "crudctl.toml:2:1: unknown key \"regoin\" in [profiles.prod.aws]",
         "did you mean \"region\"?"},
        {"[server]\nzzzzzz = 1", "crudctl.toml:2:1: unknown key \"zzzzzz\" in [server]",
         "[server] may hold: data_directory, binaries, port"},
        {"profile = 'prod'", "crudctl.toml:1:1: unknown key \"profile\" in the file",
         "did you mean \"profiles\"?"},
    }));
    const Failure failure = check_failure(text);
    CHECK(failure.code == ExitCode::configuration);
    CHECK(failure.message == message);
    CHECK(failure.hint == hint);
}

TEST_CASE("a value of the wrong type is refused with its place and not repeated", "[config]")
{
    const auto [text, message] = GENERATE(table<std::string, std::string>({
        {"[project]\nname = 7", "crudctl.toml:2:8: \"name\" must be a text"},
        {"[project]\nschema = 'x'", "crudctl.toml:2:10: \"schema\" must be a list of paths"},
        {"[project]\nschema = ['a', 7]", "crudctl.toml:2:16: \"schema\" must be a list of paths"},
        {"[project]\nchecks = [['x']]", "crudctl.toml:2:11: \"checks\" must be a list of SQL"},
        {"[profiles.p]\nprotected = 'yes'",
         "crudctl.toml:2:13: \"protected\" must be true or false"},
        {"[profiles.p]\nport = 'S3cr3t-c4n4ry'",
         "crudctl.toml:2:8: \"port\" must be a number from 1 to 65535"},
        {"[profiles.p]\nport = 65536",
         "crudctl.toml:2:8: \"port\" must be a number from 1 to 65535"},
        {"[profiles.p]\nport = 0", "crudctl.toml:2:8: \"port\" must be a number from 1 to 65535"},
        {"[profiles.p]\nconnect_timeout = -1",
         "crudctl.toml:2:19: \"connect_timeout\" must be a number"},
        {"[profiles.p]\npassword = 12345", "crudctl.toml:2:12: \"password\" must be a text"},
        {"[profiles.p]\npassword_command = []",
         "crudctl.toml:2:20: \"password_command\" names no program"},
        {"[profiles.p]\nurl = 2024-01-01", "crudctl.toml:2:7: \"url\" must be a URL"},
        {"project = 7", "crudctl.toml:1:11: \"project\" must be a table"},
        {"[[profiles]]\nurl = 'x'", "crudctl.toml:1:1: \"profiles\" must be a table"},
        {"[profiles]\nprod = 'x'", "crudctl.toml:2:8: \"prod\" must be a table"},
        {"[profiles.p]\nseed = 'S3cr3t-c4n4ry'",
         "crudctl.toml:2:8: \"seed\" must be one of ask, never, always"},
    }));
    const Failure failure = check_failure(text);
    CHECK(failure.code == ExitCode::configuration);
    CHECK(failure.message == message);
}

TEST_CASE("a slip of the pen gets its way out", "[config]")
{
    CHECK(check_failure("[project]\nseeds = 'x'").hint == "put it into brackets: seeds = [\"…\"]");
    CHECK(check_failure("[profiles.p]\nown_server = 'true'").hint == "write it without quotes");
    CHECK(check_failure("[profiles.p]\nsslmode = 'verify_full'").hint ==
          "did you mean \"verify-full\"?");
}

TEST_CASE("a profile's name that could not be typed or told apart is refused", "[config]")
{
    const std::string name =
        GENERATE("'a b'", "'a@b'", "'a#b'", "''", "'-p'", "\"a\\u001b[31m\"", "'a.b'", "'ü'");
    const Failure failure = check_failure("[profiles." + name + "]\nurl = 'x'");
    CHECK(failure.code == ExitCode::configuration);
    CHECK_THAT(failure.message, Catch::StartsWith("crudctl.toml:1:11: \"") &&
                                    Catch::EndsWith("cannot be a profile's name"));
    CHECK(failure.message.find('\x1b') == std::string::npos);
}

TEST_CASE("a table for what comes later is accepted", "[config]")
{
    CHECK(check_failure("[project]\nqueries = 'sql/queries'\n[profiles.prod.aws]\nregion = 'x'\n"
                        "security_group = 'x'\nsecurity_group_rule = 'x'\nrule_ttl = '12h'\n"
                        "instance = 'x'\n")
              .code == ExitCode::done);
}

TEST_CASE("a configuration file that cannot be read is refused by name and reason", "[config]")
{
    const ProjectFolder project;
    Sources sources = project.sources();
    std::string reason;
    SECTION("missing")
    {
        sources.config_file = "missing.toml";
        reason = "No such file or directory";
    }
    SECTION("a directory")
    {
        fs::create_directory(project.root() / "folder.toml");
        sources.config_file = "folder.toml";
        reason = "it is a directory";
    }
    SECTION("a FIFO that nobody writes to")
    {
        REQUIRE(::mkfifo((project.root() / "fifo.toml").c_str(), 0600) == 0);
        sources.config_file = "fifo.toml";
        reason = "it is not a regular file";
    }
    SECTION("a symbolic link to itself")
    {
        fs::create_symlink("loop.toml", project.root() / "loop.toml");
        sources.config_file = "loop.toml";
        reason = "Too many levels of symbolic links";
    }
    SECTION("an empty one")
    {
        project.write("empty.toml", "");
        sources.config_file = "empty.toml";
        reason = "the file is empty";
    }
    SECTION("one that is far too large")
    {
        project.write("large.toml", "");
        fs::resize_file(project.root() / "large.toml", std::uintmax_t{100} << 20U);
        sources.config_file = "large.toml";
        reason = "larger than";
    }
    const Failure failure = failure_of([&] { load_settings(sources); });
    CHECK(failure.code == ExitCode::configuration);
    CHECK_THAT(failure.message,
               Catch::Contains(sources.config_file->string()) && Catch::Contains(reason));
}
