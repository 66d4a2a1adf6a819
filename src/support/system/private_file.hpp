#pragma once

#include "support/system/file.hpp"

#include <filesystem>
#include <string_view>

namespace crudctl {

/// A file without a name, for a text that is made or read only once and looked into again. It is
/// gone with the process, however that ends.
class PrivateFile {
public:
    /// In $TMPDIR, otherwise in /var/tmp: it may be large. Throws Error(failed).
    PrivateFile();

    /// Throws Error(failed) where there is no room.
    void append(std::string_view text);
    /// From now on it is only read; messages call it `path`.
    InputFile to_input(std::filesystem::path path) &&;

private:
    std::filesystem::path m_folder;
    Descriptor m_file;
};

/// Takes in what can be read only once, to its end: a pipe, a FIFO, a device; `-` is the standard
/// input. Throws Error(configuration) where it can't be read, Error(usage) where it is a terminal,
/// Error(failed) where there is no room, and what a signal asks for.
InputFile read_stream(const std::filesystem::path& path);

/// Whether a path names one of these.
bool is_stream(const std::filesystem::path& path);

} // namespace crudctl
