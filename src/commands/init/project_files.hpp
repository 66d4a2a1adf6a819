#pragma once

#include "operation/context.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace crudctl::commands {

/// A file that a command wants in the project.
struct ProjectFile {
    std::filesystem::path path; // relative to the project's root
    std::string text;
    mode_t mode = 0644;
    /// Whoever has a file of this name wrote it: it is never replaced. One that has this text in it
    /// will do; otherwise `addition` is shown.
    std::string enough = {};
    std::string addition = {};
};

struct WritingOptions {
    bool prints = false;     // on stdout, and writes nothing
    bool overwrites = false; // once the difference is shown; the old one is kept beside it
};

/// Writes what is missing and reports each file; what is there and differs is shown and left alone,
/// and ends with Error(differs) once all of them are seen to. --json and --dry-run are followed.
void write_files(Context& context, const std::vector<ProjectFile>& files,
                 const WritingOptions& options);

/// Compares two texts line by line, in the form of `diff -u` with these names in its head. Empty
/// where their lines are the same.
std::string unified_diff(const std::string& before, const std::string& after,
                         const std::string& from, const std::string& to);

} // namespace crudctl::commands
