#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace crudctl::tests {

/// Runs a program as the user that the test cluster runs as. Throws std::runtime_error where it
/// fails.
void run_as_server(std::vector<std::string> argv);
/// Gives a file or folder to that user.
void give_to_server(const std::filesystem::path& path);

} // namespace crudctl::tests
