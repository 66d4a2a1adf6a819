#pragma once

#include "support/temp_folder.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::tests {

/// What a fake program was called with.
struct FakeCall {
    std::vector<std::string> arguments;
    std::map<std::string, std::string> environment;
    std::string input;
};

/// A folder of programs that only record how they are called: first in PATH, it stands in for psql
/// and other programs that a command starts.
class FakeBin {
public:
    /// A program that reads its input, prints `out`, and ends with this code.
    void add(const std::string& program, int exit_code = 0, std::string_view out = "") const;

    /// In the order of the calls.
    std::vector<FakeCall> calls(const std::string& program) const;

    std::filesystem::path folder() const { return m_folder / "bin"; }

private:
    TempFolder m_folder{0755};
};

} // namespace crudctl::tests
