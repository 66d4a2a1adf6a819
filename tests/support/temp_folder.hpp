#pragma once

#include <filesystem>
#include <string_view>

#include <sys/types.h>

namespace crudctl::tests {

/// A folder of its own below /tmp (a short path, for the sake of Unix sockets), deleted with all
/// that is in it at the end of its life.
class TempFolder {
public:
    explicit TempFolder(mode_t mode = 0700);
    ~TempFolder();
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;

    const std::filesystem::path& path() const noexcept { return m_path; }
    std::filesystem::path operator/(std::string_view name) const { return m_path / name; }

    /// Writes a file in it, making the folders on its way; gives its path.
    std::filesystem::path write(std::string_view name, std::string_view text) const;

private:
    std::filesystem::path m_path;
};

} // namespace crudctl::tests
