#include "cli/database_project.hpp"
#include "support/paths.hpp"
#include "support/text/text.hpp"

#include <map>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

using Arguments = std::vector<std::string>;

const std::vector<Arguments> reporting_commands = {
    {"sessions"},
    {"sessions", "--json"},
    {"status"},
    {"status", "--json"},
    {"config"},
    {"config", "--json"},
    {"setup", "--json"},
    {"setup", "--dry-run"},
    {"drop", "--dry-run", "--json"},
    {"create", "--json"},
    {"url", "prod"},
    {"url", "prod", "--json"},
    {"--help"},
    {"setup", "--help"},
    {"--version"},
};

std::string joined(const Arguments& arguments)
{
    std::string text = "crudctl";
    for (const std::string& argument : arguments) {
        text += " " + argument;
    }
    return text;
}

/// A project with a `prod` beside its database.
struct OutputProject : DatabaseProject {
    OutputProject() { project.set_variable("PROD_CONNECTION_URL", prod.url()); }

    TempDatabase prod;

    /// Through a shell that does something to its streams: `crudctl ARGUMENTS redirection`.
    CliResult run_redirected(const Arguments& arguments, const std::string& script) const
    {
        Arguments call = {"-c", script, crudctl_binary().string()};
        call.insert(call.end(), arguments.begin(), arguments.end());
        return run(call).with_program("/bin/sh").result();
    }
};

bool has_escape_sequence(const std::string& text)
{
    return contains(text, "\x1b");
}

} // namespace

TEST_CASE("a reporting command has its data on stdout, and JSON there is nothing but JSON")
{
    const OutputProject fixture;
    for (const Arguments& arguments : reporting_commands) {
        const auto result = fixture.run(arguments).result();
        INFO(joined(arguments) << "\n" << result.err);
        CHECK(result.exit_code == 0);
        CHECK_FALSE(result.out.empty());
        CHECK(result.out.back() == '\n');
        CHECK_FALSE(has_escape_sequence(result.out + result.err));
        if (arguments.back() == "--json") {
            CHECK(nlohmann::json::accept(result.out));
        }
    }
}

TEST_CASE("a command that reports nothing leaves stdout empty, whether it succeeds or fails")
{
    const OutputProject fixture;
    fixture.project.write("broken.sql", "select 1;\ncreate tabel t();\n");
    const std::vector<Arguments> commands = {
        {"create"},
        {"schema-load"},
        {"seed"},
        {"setup"},
        {"schema-load", "-f", "broken.sql"},
        {"drop"},
        {"sessions"},
        {"connect", "--nonsense"},
        {"setpu"},
        {"drop", "prod"},
    };
    for (const Arguments& arguments : commands) {
        const auto result = fixture.run(arguments).result();
        INFO(joined(arguments) << "\n" << result.err);
        CHECK(result.out.empty());
        CHECK_FALSE(result.err.empty());
        CHECK_FALSE(has_escape_sequence(result.err));
    }
}

TEST_CASE("colour is on a terminal without NO_COLOR, and where --color asks for it")
{
    const SampleProject project;
    const auto on_terminal = [&](const Arguments& arguments) {
        return project.run_crudctl(arguments).with_terminal().result().screen;
    };
    const Arguments failing = {"sessions", "-d", "x"}; // nowhere to connect to
    const auto with = [&](const std::string& option) {
        Arguments arguments = failing;
        arguments.push_back(option);
        return arguments;
    };
    CHECK(contains(on_terminal(failing), "\x1b[31mcrudctl: error: "));
    CHECK(contains(on_terminal({"conect"}), "\x1b[31mcrudctl: error: "));
    CHECK_FALSE(has_escape_sequence(on_terminal(with("--color=never"))));
    CHECK(has_escape_sequence(project.run_crudctl(with("--color=always")).result().err));
    CHECK_FALSE(has_escape_sequence(project.run_crudctl(failing).result().err));

    const auto no_color = project.run_crudctl(failing).with_variable("NO_COLOR", "1");
    CHECK_FALSE(has_escape_sequence(no_color.with_terminal().result().screen));
}

TEST_CASE("the narrowest terminals break nothing, whatever the width of the names")
{
    OutputProject fixture;
    const std::string wide_name = fixture.database.name() + "_" + std::string("数据库数据库数据库");
    const std::string longest_name = wide_name + std::string(63 - wide_name.size(), 'x');
    using Columns = unsigned short;
    const std::vector<std::pair<Columns, Arguments>> calls = {
        {20, {"create", "-d", longest_name}},
        {20, {"sessions", "-d", longest_name}},
        {1, {"sessions", "-d", longest_name}},
        {20, {"setup", "-d", longest_name}},
        {20, {"status", "-d", longest_name}},
        {1, {"config"}},
        {20, {"drop", "-d", longest_name}},
        {20, {"--help"}},
        {1, {"setup", "--help"}},
    };
    for (const auto& [columns, arguments] : calls) {
        const auto result = fixture.run(arguments).with_terminal(columns).result();
        INFO(columns << " columns: " << joined(arguments) << "\n" << result.screen);
        CHECK(result.exit_code == 0);
        CHECK_FALSE(result.screen.empty());
        CHECK(is_valid_utf8(result.screen));
    }
}

TEST_CASE("locale and time zone change nothing, known or not")
{
    OutputProject fixture;
    fixture.ask("select 1"); // the first session makes files of its own, which count for the size
    fixture.project.write("broken.sql", "select 'ÄÖÜ İı';\nCREATE TABEL t();\n");
    const std::vector<Arguments> commands = {{"setup", "--dry-run"},
                                             {"schema-load", "-f", "broken.sql"},
                                             {"status"},
                                             {"sessions", "-d", "no such database"},
                                             {"INIT"}};
    const std::vector<std::pair<const char*, const char*>> surroundings = {
        {"LANG", "C"},
        {"LC_ALL", "tr_TR.UTF-8"},
        {"LC_ALL", "nonsense"},
        {"TZ", "nonsense"},
    };
    for (const Arguments& arguments : commands) {
        const auto usual = fixture.run(arguments).result();
        for (const auto& [name, value] : surroundings) {
            INFO(name << "=" << value << " " << joined(arguments));
            const auto result = fixture.run(arguments).with_variable(name, value).result();
            CHECK(result.exit_code == usual.exit_code);
            CHECK(result.out == usual.out);
            CHECK(result.err == usual.err);
        }
    }
}

TEST_CASE("a result that cannot be written is a failure, and never a crash")
{
    const OutputProject fixture;
    const auto check_fails = [&](const Arguments& arguments, const std::string& redirection) {
        const auto result = fixture.run_redirected(arguments, "exec \"$0\" \"$@\" " + redirection);
        INFO(joined(arguments) << " " << redirection << "\n" << result.err);
        CHECK(result.exit_code == 1);
        CHECK(contains(result.err, "crudctl: error: cannot write the result"));
    };
    for (const Arguments& arguments : reporting_commands) {
        check_fails(arguments, ">/dev/full");
    }
    check_fails({"sessions"}, ">&-");
    check_fails({"config", "--json"}, ">&-");
    check_fails({"--help"}, ">&-");
}

TEST_CASE("a reader that goes away early is no crash")
{
    const OutputProject fixture;
    for (const Arguments& arguments : reporting_commands) {
        const auto result = fixture.run_redirected(
            arguments, "{ \"$0\" \"$@\"; echo \"code $?\" >&2; } | head -n 0");
        INFO(joined(arguments) << "\n" << result.err);
        CHECK((contains(result.err, "code 1\n") || contains(result.err, "code 0\n")));
        CHECK_FALSE(contains(result.err, "internal error"));
    }
}

TEST_CASE("closed streams are not mistaken for the session's")
{
    const OutputProject fixture;
    CHECK(fixture.run_redirected({"setup"}, "exec \"$0\" \"$@\" <&- >&- 2>&-").exit_code == 0);
    CHECK(fixture.ask("select count(*) > 0 from users") == "t");
    const auto result = fixture.run_redirected({"sessions"}, "exec \"$0\" \"$@\" <&- 2>&-");
    CHECK(result.exit_code == 0);
    CHECK(contains(result.out, "crudctl sessions"));
    CHECK(fixture.run_redirected({"setup"}, "exec \"$0\" \"$@\" 2>/dev/full").exit_code == 0);
}

TEST_CASE("progress shows on a terminal for what takes long, is gone afterwards, and only there")
{
    const OutputProject fixture;
    fixture.project.write("sql/schema.sql", "create table users();\nselect pg_sleep(1.2);\n");
    const auto setup = fixture.run({"setup", "--no-seed"});
    const auto at_terminal = setup.with_terminal().result();
    CAPTURE(at_terminal.screen);
    CHECK(at_terminal.exit_code == 0);
    const auto progress = at_terminal.screen.find("loading the schema … ");
    REQUIRE(progress != std::string::npos);
    CHECK(at_terminal.screen.find("\x1b[K", progress) < at_terminal.screen.find("loaded"));

    const auto in_pipe = setup.result();
    CHECK(in_pipe.exit_code == 0);
    CHECK_FALSE(contains(in_pipe.err, "…"));
    CHECK_FALSE(has_escape_sequence(in_pipe.err));
}

TEST_CASE("progress over a load tells bytes, statements and rows a second, and the time left")
{
    const OutputProject fixture;
    const std::string comment =
        "-- " + std::string(400'000, 'x') + "\n"; // more than is read at once
    std::string schema = "create table users (n int);\n";
    for (int batch = 0; batch < 6; ++batch) { // what changes how text is read ends one
        schema += "insert into users select generate_series(1, 1000);\nselect pg_sleep(0.3);\n"
                  "set client_encoding = 'UTF8';\n" +
                  comment;
    }
    fixture.project.write("sql/schema.sql", schema);
    const auto result = fixture.run({"setup", "--no-seed"}).with_terminal(160).result();
    CAPTURE(result.screen);
    CHECK(result.exit_code == 0);
    const std::regex whole("loading the schema … \\d+\\.\\d+ s · \\S+ [kM]B of 2\\.\\d MB · \\d+ "
                           "statements?/s · \\d+ rows?/s · \\d+\\.\\d+ s left");
    CHECK(std::regex_search(result.screen, whole));
}
