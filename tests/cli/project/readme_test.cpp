#include "cli/project/own_server_project.hpp"
#include "commands/registry.hpp"
#include "support/error.hpp"
#include "support/paths.hpp"
#include "support/system/file.hpp"

#include <filesystem>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

std::string readme()
{
    return read_file(source_folder() / "README.md", 1 << 20).text;
}

struct Exchange {
    std::string command;
    std::vector<std::string> answer;
};

/// The README's first transcript.
std::vector<Exchange> transcript()
{
    const std::string text = readme();
    const std::string fence = "```console\n";
    const auto begin = text.find(fence) + fence.size();
    std::istringstream lines(text.substr(begin, text.find("```", begin) - begin));
    std::vector<Exchange> exchanges;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("$ ")) {
            exchanges.push_back({line.substr(2), {}});
        } else {
            exchanges.back().answer.push_back(line);
        }
    }
    return exchanges;
}

/// The line with what differs from machine to machine taken out: times, sizes, ports, ids, paths.
std::string without_accidents(std::string line)
{
    const std::vector<std::pair<const char*, const char*>> accidents = {
        {R"(\d+\.\d+ s)", "TIME"},
        {R"(port \d+)", "port N"},
        {R"(\(\d+(\.\d+)? [kM]B\))", "(SIZE)"},
        {R"(\*?\d{3,})", "N"},
        {R"(in "[^"]*")", "in \"PATH\""},
        {R"( +)", " "},
    };
    for (const auto& [pattern, replacement] : accidents) {
        line = std::regex_replace(line, std::regex(pattern), replacement);
    }
    return line;
}

std::vector<std::string> readme_lines(const std::string& text)
{
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        if (line.find("  server   listens on port") == std::string::npos) { // its first was taken
            lines.push_back(without_accidents(line));
        }
    }
    return lines;
}

} // namespace

TEST_CASE("the README's transcript is what crudctl says, line by line")
{
    const OwnServerProject project;
    const auto program_folder = crudctl_binary().parent_path();
    REQUIRE(transcript().size() >= 4);
    for (const Exchange& exchange : transcript()) {
        CAPTURE(exchange.command);
        const auto result = project.in_project(run_crudctl({"-c", exchange.command + " 2>&1"}))
                                .with_program("/bin/sh")
                                .with_programs_from(program_folder)
                                .result();
        std::vector<std::string> expected;
        for (const std::string& line : exchange.answer) {
            expected.push_back(without_accidents(line));
        }
        CHECK(readme_lines(result.out) == expected);
    }
}

TEST_CASE("the README lists every command with its aliases, class and summary")
{
    const std::string text = readme();
    for (const auto& entry : commands::registry()) {
        std::string aliases;
        for (const std::string& alias : entry.aliases) {
            aliases += fmt::format("{}`{}`", aliases.empty() ? "" : ", ", alias);
        }
        const std::string row =
            fmt::format("| `{}` | {}{}| {} | {} |", entry.name, aliases, aliases.empty() ? "" : " ",
                        commands::class_name(entry.command_class), entry.summary);
        CAPTURE(row);
        CHECK(text.find(row) != std::string::npos);
    }
}

TEST_CASE("the README lists every exit code with its meaning")
{
    const std::string text = readme();
    for (const ExitCodeEntry& entry : exit_codes()) {
        const std::string row = fmt::format("| {} | {} |", to_int(entry.code), entry.meaning);
        CAPTURE(row);
        CHECK(text.find(row) != std::string::npos);
    }
}
