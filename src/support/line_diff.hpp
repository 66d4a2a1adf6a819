#pragma once

#include <string>
#include <string_view>

namespace crudctl {

/// What leads from one text to the other, line by line, as `diff -u` shows it, with these names in
/// its head; empty where they are the same. Takes time and memory by the product of the differing
/// parts' lengths: meant for files that people write.
std::string unified_diff(std::string_view before, std::string_view after, const std::string& from,
                         const std::string& to);

} // namespace crudctl
