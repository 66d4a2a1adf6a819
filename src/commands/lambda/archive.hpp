#pragma once

#include "operation/context.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace crudctl::commands {

/// A file of the package that a function is deployed with.
struct PackedFile {
    std::string content;
    mode_t mode = 0644;
};

/// By their paths inside.
using PackedFiles = std::map<std::string, PackedFile>;

/// bootstrap; crudctl with its loader and libraries; the project's configuration, queries and
/// certificates. No secret is among them: throws Error(configuration) where the configuration holds
/// a password, or the queries lie elsewhere.
/// The function may run and send what the digest `trust` stands for.
PackedFiles lambda_files(const Context& context, const std::string& trust);

/// This program and what it runs with, as files.
struct LoadedFiles {
    std::filesystem::path program;
    std::filesystem::path loader;
    std::vector<std::filesystem::path> libraries; // by their names; without the loader
};

/// Where they were loaded from: the system's folders, or an archive's own. Throws Error(failed)
/// where that cannot be told, as without /proc.
LoadedFiles loaded_files();

} // namespace crudctl::commands
