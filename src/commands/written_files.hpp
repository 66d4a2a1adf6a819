#pragma once

#include "commands/context.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace crudctl::commands {

/// A file that a command wants in the project.
struct WantedFile {
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
void write_files(Context& context, const std::vector<WantedFile>& files,
                 const WritingOptions& options);

} // namespace crudctl::commands
