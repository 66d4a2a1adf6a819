#pragma once

#include "config/file/toml_file.hpp"
#include "config/file/variables.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace crudctl::config {

/// The repository that the project lies in: the nearest folder above with a .git, else `root`
/// itself. What lies there came with the clone.
std::filesystem::path repository_root(const std::filesystem::path& root);

/// Whether a program of that name runs what a file says. "python3.11" counts as python.
bool is_interpreter(const std::string& program);

/// The program in the repository that a word of a command names, from the project's root, with the
/// digest of its content, which is what runs under this name: "tools/pw of this project, SHA-256
/// …". Other files may be data, or a secret; an interpreter may run one that is not executable.
std::optional<std::string> project_program(const std::string& word,
                                           const std::filesystem::path& root, bool is_interpreted);

/// A command of the file's as it would be typed, and the project's programs in it as
/// project_program() gives them.
std::vector<std::string> command_lines(const Entry& entry, const Variables& variables,
                                       const std::filesystem::path& root);

} // namespace crudctl::config
