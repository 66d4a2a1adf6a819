#include "support/fake_bin.hpp"

#include <fstream>
#include <iterator>
#include <sstream>

#include <fmt/format.h>

namespace crudctl::tests {

namespace {

/// {0} records, {1} output, {2} exit code. Every call makes a folder of its own; whoever makes it
/// has the number. Its helpers have full paths: a test may leave nothing else in PATH.
constexpr std::string_view script = R"(#!/bin/sh
call=0
until /bin/mkdir "{0}/$call" 2>/dev/null; do call=$((call + 1)); done
for argument; do printf '%s\0' "$argument"; done >"{0}/$call/arguments"
/usr/bin/env -0 >"{0}/$call/environment"
[ -t 0 ] || /bin/cat >"{0}/$call/input"
/bin/cat "{1}"
exit {2}
)";

std::string content_of(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<std::string> entries_of(const std::filesystem::path& path)
{
    std::istringstream text(content_of(path));
    std::vector<std::string> entries;
    for (std::string entry; std::getline(text, entry, '\0');) {
        entries.push_back(entry);
    }
    return entries;
}

} // namespace

void FakeBin::add(const std::string& program, int exit_code, std::string_view out) const
{
    const auto records = m_folder / "calls" / program;
    std::filesystem::create_directories(records);
    const auto output = m_folder.write("output/" + program, out);
    const auto path = m_folder.write(
        "bin/" + program, fmt::format(script, records.string(), output.string(), exit_code));
    std::filesystem::permissions(path, std::filesystem::perms(0755));
}

std::vector<FakeCall> FakeBin::calls(const std::string& program) const
{
    std::vector<FakeCall> calls;
    for (int number = 0;; ++number) {
        const auto record = m_folder / "calls" / program / std::to_string(number);
        if (!std::filesystem::exists(record)) {
            return calls;
        }
        FakeCall call{entries_of(record / "arguments"), {}, content_of(record / "input")};
        for (const std::string& line : entries_of(record / "environment")) {
            const auto equals = line.find('=');
            call.environment[line.substr(0, equals)] = line.substr(equals + 1);
        }
        calls.push_back(std::move(call));
    }
}

} // namespace crudctl::tests
