#pragma once

#include <filesystem>
#include <vector>

namespace crudctl {

/// This program and what it runs with, as files.
struct LoadedFiles {
    std::filesystem::path program;
    std::filesystem::path loader;
    std::vector<std::filesystem::path> libraries; // by their names; without the loader
};

/// Where they were loaded from: the system's folders, or an archive's own. Throws Error(failed)
/// where that cannot be told, as without /proc.
LoadedFiles loaded_files();

} // namespace crudctl
