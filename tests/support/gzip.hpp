#pragma once

#include <string>
#include <string_view>

namespace crudctl::tests {

/// The text as a gzip file of one member.
std::string gzipped(std::string_view text);

} // namespace crudctl::tests
