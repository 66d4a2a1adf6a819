#pragma once

#include "support/error.hpp"

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include <ctime>
#include <sys/types.h>

namespace crudctl {

/// What fstat() said of an opened file; about the file that was read, not about its path.
struct FileFacts {
    uid_t owner = 0;
    mode_t mode = 0;
    bool others_may_write() const noexcept { return (mode & 022U) != 0; }
    bool others_may_read() const noexcept { return (mode & 077U) != 0; }
};

struct FileContent {
    std::string text;
    FileFacts facts;
};

/// An owned file descriptor, closed at the end of its life.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int number) noexcept : m_number(number) {}
    ~Descriptor();
    Descriptor(Descriptor&& other) noexcept;
    Descriptor& operator=(Descriptor&& other) noexcept;
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int number() const noexcept { return m_number; }
    explicit operator bool() const noexcept { return m_number >= 0; }
    void close() noexcept;

private:
    int m_number = -1;
};

/// A regular file, open for reading: whatever is renamed into its place meanwhile, this one is
/// read.
class InputFile {
public:
    /// Throws Error(configuration) naming path and reason where it is missing, unreadable, a
    /// directory, a FIFO or a device (never blocks).
    explicit InputFile(const std::filesystem::path& path);
    /// One that is open already, under the name that messages give it. Throws as the other does.
    InputFile(std::filesystem::path path, Descriptor descriptor);

    const std::filesystem::path& path() const noexcept { return m_path; }
    const FileFacts& facts() const noexcept { return m_facts; }
    /// Its size when it was opened.
    std::size_t size() const noexcept { return m_size; }
    /// Fills `buffer` from `offset` on; how much there was, less than asked for at the end alone.
    /// Throws Error(configuration).
    std::size_t read_at(std::size_t offset, std::span<char> buffer) const;
    /// Whether somebody wrote into it since it was opened.
    bool has_changed() const;

private:
    std::filesystem::path m_path;
    Descriptor m_descriptor;
    FileFacts m_facts;
    std::size_t m_size = 0;
    timespec m_modified{};
};

/// Reads a regular file whole. Throws Error(configuration) as InputFile does, and where it is
/// larger than max_bytes.
FileContent read_file(const std::filesystem::path& path, std::size_t max_bytes);

/// Writes a new version beside the old one and renames it into place; mode as given, whatever the
/// umask. Throws Error(failed).
void write_file(const std::filesystem::path& path, std::string_view text, mode_t mode = 0644);

/// False as well where we may not look. Never throws.
bool is_there(const std::filesystem::path& path) noexcept;

/// The text of a file; empty where there is none, or it can't be read, or has more than max_bytes.
std::string text_if_readable(const std::filesystem::path& path, std::size_t max_bytes);

/// Makes a folder and those above it that are missing, each with this mode. Throws Error(failed),
/// with the hint given.
void make_folders(const std::filesystem::path& folder, mode_t mode, const std::string& hint = {});

/// Throws Error(failed) naming both paths and the reason.
void rename_path(const std::filesystem::path& from, const std::filesystem::path& to);

/// Deletes a file, or a folder with all that is in it; a missing one is success. Throws
/// Error(failed).
void remove_path(const std::filesystem::path& path);

/// Puts something that fails every read and write in the place of a standard stream that is closed:
/// a file or a session opened later would get its number, and what is printed would land in it.
void occupy_closed_streams() noexcept;

/// "No such file or directory", without the locale's say.
std::string error_text(int errno_value);

} // namespace crudctl
