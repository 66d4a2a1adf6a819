#pragma once

#include "support/error.hpp"
#include "support/process/environment.hpp"
#include "support/process/process.hpp"
#include "support/terminal/console.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace crudctl::cli {

/// Everything outside that a run touches; main makes the real one.
struct World {
    Environment environment;
    std::filesystem::path working_directory;
    Console& console;
    ProcessRunner& processes;
};

/// Parses, acts, and turns whatever is thrown into a message and an exit code: the only place that
/// catches. `arguments` is without the program's name.
ExitCode run(const std::vector<std::string>& arguments, World& world);

} // namespace crudctl::cli
