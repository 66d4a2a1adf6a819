#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl {

/// A file of lines, for its owner alone, that several processes append to at once. What one that
/// was killed left unfinished stays a line of its own. Grown too large, the file gets `.1` appended
/// to its name, in place of an older one of that name.
class LineLog {
public:
    struct Limits {
        std::size_t bytes = 4U << 20U;           // no larger than this and a line
        std::chrono::milliseconds timeout{2000}; // with another process that holds the file
    };
    explicit LineLog(std::filesystem::path path) : LineLog(std::move(path), Limits{}) {}
    LineLog(std::filesystem::path path, Limits limits);

    const std::filesystem::path& path() const noexcept { return m_path; }

    /// Adds a line, which holds no line break; the folder is made where it is missing. Throws
    /// Error(failed); nothing was added then.
    void append(std::string_view line) const;

    /// The oldest first; an unfinished one may be among them. Throws Error(configuration) where
    /// there is a file that cannot be read.
    std::vector<std::string> lines() const;

private:
    std::filesystem::path m_path;
    Limits m_limits;
};

} // namespace crudctl
