#pragma once

#include <filesystem>

namespace crudctl::tests {

/// The checkout that the tests were built from.
std::filesystem::path source_folder();

/// The crudctl that was built with them.
std::filesystem::path crudctl_binary();

} // namespace crudctl::tests
