#pragma once

#include <cstdint>
#include <string_view>

namespace crudctl {

/// FNV-1a, 32 bits: the same on every machine and in every version, so that names and ports can be
/// made from it. It keeps no secret and stops no attacker.
std::uint32_t stable_hash(std::string_view text);

} // namespace crudctl
