#include "support/temp_folder.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

#include <sys/stat.h>

namespace crudctl::tests {

TempFolder::TempFolder(mode_t mode)
{
    std::string name = "/tmp/crudctl-test-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr || ::chmod(name.c_str(), mode) != 0) {
        throw std::runtime_error("cannot make a temporary folder");
    }
    m_path = name;
}

TempFolder::~TempFolder()
{
    std::error_code ignored; // a destructor has nobody to tell
    std::filesystem::remove_all(m_path, ignored);
}

std::filesystem::path TempFolder::write(std::string_view name, std::string_view text) const
{
    const std::filesystem::path path = m_path / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream file(path, std::ios::binary);
    file << text;
    if (!file.flush()) {
        throw std::runtime_error("cannot write " + path.string());
    }
    return path;
}

} // namespace crudctl::tests
