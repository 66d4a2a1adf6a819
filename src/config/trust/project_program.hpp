#pragma once

#include <filesystem>
#include <optional>
#include <string>

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

} // namespace crudctl::config
