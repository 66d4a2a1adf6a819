#pragma once

#include <filesystem>
#include <vector>

namespace crudctl::script {

/// The files that a path names: itself, where it is there; otherwise those that it matches as a
/// pattern of the shell's; of a folder the files in it that end in .sql, .csv, .sql.gz or .csv.gz.
/// Sorted as `LC_ALL=C ls` does. What names none comes back as it is: who opens it says so.
std::vector<std::filesystem::path> files_named_by(const std::filesystem::path& path);

} // namespace crudctl::script
